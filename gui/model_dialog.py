"""What a bundle says of itself: codes, files with their hashes, where it comes from, how good it is, its card."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPlainTextEdit,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..export.bundle import Bundle
from ..trainer.latents import Bernoulli, Categorical, Code, Uniform
from .wording import plain


class ModelDialog(QDialog):
    """Facts as a tree, and the model card as plain text: a stranger's Markdown could point at files."""

    def __init__(self, bundle: Bundle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{plain(bundle.name)}: about the model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 560)
        self.facts, self.card = QTreeWidget(), QPlainTextEdit(bundle.card)
        self.facts.setColumnCount(2)
        self.facts.setHeaderLabels(["Fact", "Value"])
        self.facts.setAccessibleName("Facts about the model")
        self.facts.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for title, value in facts(bundle):
            self.facts.addTopLevelItem(_item(title, value))
        self.facts.expandToDepth(0)
        self.card.setReadOnly(True)
        self.card.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.card.setAccessibleName("Model card")
        tabs, buttons = QTabWidget(), QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        tabs.addTab(self.facts, "&Facts")
        tabs.addTab(self.card, "Model &card")
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(tabs)
        column.addWidget(buttons)


def facts(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    """Titles and values; a value that is a mapping has entries of its own."""
    manifest, (channels, height, width) = bundle.manifest, bundle.image_shape
    noise = bundle.latents.noise
    yield "Name", manifest.name
    yield "File", str(bundle.path)
    yield "Licence of the weights", manifest.licence
    yield "Pictures", f"{width} × {height}, {channels} channel{'s' if channels > 1 else ''}"
    yield "Noise", f"{noise.size} numbers, {noise.distribution}"
    yield "Codes", {code.name: _code(bundle, code) for code in bundle.latents.codes}
    yield "Measured quality", manifest.quality
    yield (
        "Files",
        {name: f"{entry['bytes']:,} bytes, SHA-256 {entry['sha256']}" for name, entry in bundle.files.items()},
    )
    yield "Pair of networks", manifest.pair_id
    yield "Provenance", manifest.provenance


def _code(bundle: Bundle, code: Code) -> str:
    meaning = bundle.meaning(code.name)
    if isinstance(code, Categorical):
        labels = [bundle.label(code.name, index) or f"#{index}" for index in range(code.size)]
        return f"categorical, {code.size} classes: {', '.join(labels)}"
    kind = "Bernoulli" if isinstance(code, Bernoulli) else "standard normal"
    kind = f"uniform on {code.low:g} to {code.high:g}" if isinstance(code, Uniform) else kind
    return f"{kind}; follows {meaning}" if meaning else kind


def _item(title: str, value: Any) -> QTreeWidgetItem:
    """One line, and beneath it those of a mapping or a list."""
    if isinstance(value, dict) and value:
        item = QTreeWidgetItem([plain(str(title)), ""])
        item.addChildren([_item(name, inner) for name, inner in value.items()])
        return item
    text = ", ".join(map(str, value)) if isinstance(value, list) else "–" if value in (None, {}) else str(value)
    item = QTreeWidgetItem([plain(str(title)), plain(text)])
    item.setToolTip(1, plain(text))
    return item
