"""What a bundle says of itself: codes, files with their hashes, where it comes from, how good it is, its card."""

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..export.bundle import Bundle
from ..trainer.latents import Bernoulli, Categorical, Code, Noise, Uniform
from .translation import tr
from .wording import finding_text, plain

DIGITS = 5  # of a number
WIDEST = 440  # of the facts' names, so that the values have room


class ModelDialog(QDialog):
    """Facts as a tree, and the model card as plain text: a stranger's Markdown could point at files."""

    def __init__(self, bundle: Bundle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("{name}: about the model", name=plain(bundle.name)))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 600)
        self.facts, self.card = QTreeWidget(), QPlainTextEdit(bundle.card)
        self.facts.setColumnCount(2)
        self.facts.setHeaderLabels([tr("Fact"), tr("Value")])
        self.facts.setAccessibleName(tr("Facts about the model"))
        self.facts.setWordWrap(True)
        self.facts.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for title, value in facts(bundle):
            self.facts.addTopLevelItem(_item(title, value))
        self.facts.expandToDepth(0)
        self.facts.resizeColumnToContents(0)
        self.facts.setColumnWidth(0, min(self.facts.columnWidth(0), WIDEST))
        self.card.setReadOnly(True)
        self.card.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.card.setAccessibleName(tr("Model card"))
        tabs, buttons = QTabWidget(), QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        tabs.addTab(self.facts, tr("&Facts"))
        tabs.addTab(self.card, tr("Model &card"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(tabs)
        column.addWidget(buttons)


def facts(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    """Titles and values; a value that is a mapping has entries of its own."""
    manifest = bundle.manifest
    yield tr("Name"), manifest.name
    yield tr("File"), str(bundle.path)
    yield tr("Licence of the weights"), manifest.licence
    yield tr("Pictures"), _pictures(*bundle.image_shape)
    yield tr("Noise"), _noise(bundle.latents.noise)
    yield tr("Codes"), {code.name: _code(bundle, code) for code in bundle.latents.codes}
    yield tr("Measured quality"), manifest.quality
    yield tr("Files"), {name: _file(entry) for name, entry in bundle.files.items()}
    yield tr("Pair of networks"), manifest.pair_id
    yield tr("Provenance"), manifest.provenance


def _pictures(channels: int, height: int, width: int) -> str:
    if channels == 1:
        return tr("{width} × {height}, 1 channel", width=width, height=height)
    return tr("{width} × {height}, {channels} channels", width=width, height=height, channels=channels)


def _noise(noise: Noise) -> str:
    if noise.distribution == "normal":
        return tr("{count} numbers, normal", count=noise.size)
    return tr("{count} numbers, uniform", count=noise.size)


def _file(entry: Mapping[str, Any]) -> dict[str, str]:
    return {tr("Size"): tr("{size:,} bytes", size=entry["bytes"]), "SHA-256": str(entry["sha256"])}


def _code(bundle: Bundle, code: Code) -> str:
    meaning = bundle.meaning(code.name)
    if isinstance(code, Categorical):
        labels = [bundle.label(code.name, index) or f"#{index}" for index in range(code.size)]
        return tr("categorical, {count} classes: {labels}", count=code.size, labels=", ".join(labels))
    kind = tr("Bernoulli") if isinstance(code, Bernoulli) else tr("standard normal")
    if isinstance(code, Uniform):
        kind = tr("uniform on {low:g} to {high:g}", low=code.low, high=code.high)
    return tr("{kind}; follows {meaning}", kind=kind, meaning=finding_text(meaning)) if meaning else kind


def _item(title: str, value: Any) -> QTreeWidgetItem:
    """One line, and beneath it those of a mapping or a list."""
    if isinstance(value, dict) and value:
        item = QTreeWidgetItem([plain(str(title)), ""])
        item.addChildren([_item(name, inner) for name, inner in value.items()])
        return item
    item = QTreeWidgetItem([plain(str(title)), plain(_text(value))])
    for column in range(item.columnCount()):
        item.setToolTip(column, item.text(column))
    return item


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "–" if value in (None, {}) else str(value)
