"""The codes that are set beside those that Q reads in the generated picture."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import LatentSpec
from .latent import Latent
from .section import GAP, Section, label
from .translation import tr
from .wording import agreement, code_text, plain, reading_text, value_text

WIDEST = ("", "+0.00", "+0.00 ± 0.00", "≈")  # what each column must have room for
LARGEST = QSize(320, 120)  # what is never hidden behind a scroll bar
UNKNOWN = "–"  # until it is read
LONGEST_NAME = 120  # pixels of a bundle's name
LONGEST_VALUE = 104  # pixels of a class with its share


class Reader:
    """What one bundle's Q reads, code by code, and whether that is what was set."""

    def __init__(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        self.bundle = bundle
        self.labels = {code.name: label(UNKNOWN) for code in latents.codes}
        self.signs = {code.name: label("", bold=True) for code in latents.codes}
        self._latents = latents
        self._latent: Latent | None = None
        self._read: tuple[Latent, Posterior] | None = None

    def show_latent(self, latent: Latent) -> None:
        """These codes are set now."""
        self._latent = latent
        self._compare()

    def show_posterior(self, posterior: Posterior, latent: Latent) -> None:
        """Show what Q reads in the picture of a latent."""
        for name, cell in self.labels.items():
            set_text(cell, reading_text(self.bundle, self._latents[name], posterior))
        self._read = latent, posterior
        self._compare()

    def _compare(self) -> None:
        """Say for each code whether what is read is what was set."""
        for name, sign in self.signs.items():
            if self._read and self._read[0] == self._latent:  # else the picture of what is set is still to come
                value = self._latent.value(self._latents, name)
                text, words = agreement(self._latents[name], value, self._read[1])
                sign.setText(text)
                sign.setToolTip(words)
                sign.setAccessibleName(words)


class ReadBack(Section):
    """A line for each code: its name, the value that is set, the value that Q reads, or those of several bundles.

    Args:
        explained: with a sentence that says what is to be seen.
        parent: the widget that owns it.
    """

    def __init__(self, explained: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(tr("Read back"), parent=parent)
        self.setAccessibleName(tr("Codes that are set, and what Q reads"))
        self.setToolTip(tr("What the recognition network Q reads in the generated picture, beside what you set"))
        if explained:
            explanation = label(tr("The codes that you set, and those that the network reads in the picture."))
            explanation.setWordWrap(True)
            self.body.addWidget(explanation)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self._area, 1)
        self._latents = LatentSpec()
        self.set_labels: dict[str, QLabel] = {}
        self.readers: list[Reader] = []

    def build(self, latents: LatentSpec, *bundles: Bundle | None) -> None:
        """Make the lines of another latent spec, with a column for each bundle, which all have it."""
        self._latents = latents
        self.set_labels = {code.name: label(UNKNOWN) for code in latents.codes}
        self.readers = [Reader(latents, bundle) for bundle in bundles]
        table = QWidget()
        outer = QVBoxLayout(table)
        outer.setContentsMargins(0, 0, 0, 0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(GAP)
        names = [self._name(bundle) for bundle in bundles] if len(bundles) > 1 else [tr("Read")]
        for column, heading in enumerate((tr("Code"), tr("Set"), *(part for name in names for part in (name, "")))):
            widest = WIDEST[column if column < 2 else 2 + column % 2]
            grid.addWidget(label(heading, bold=True), 0, column)
            grid.setColumnStretch(column, int(widest == WIDEST[-1]))  # the signs stay beside what they belong to
            grid.setColumnMinimumWidth(column, label(widest, bold=True).sizeHint().width())  # as the signs are
        for row, code in enumerate(latents.codes, start=1):
            cells = (cell[code.name] for reader in self.readers for cell in (reader.labels, reader.signs))
            for column, cell in enumerate((label(code_text(bundles[0], code)), self.set_labels[code.name], *cells)):
                grid.addWidget(cell, row, column)
        outer.addLayout(grid)
        outer.addStretch(1)
        self._area.setWidget(table)
        for widget in (self._area.viewport(), table):
            widget.setAutoFillBackground(False)
        self._area.setMinimumSize(table.sizeHint().boundedTo(LARGEST))

    def show_latents(self, *latents: Latent) -> None:
        """Show the codes that are set, as each bundle numbers them."""
        for name, cell in self.set_labels.items():
            value = latents[0].value(self._latents, name)
            set_text(cell, value_text(self.readers[0].bundle, self._latents[name], value))
        for reader, latent in zip(self.readers, latents, strict=True):
            reader.show_latent(latent)

    def _name(self, bundle: Bundle | None) -> str:
        name = plain(bundle.name) if bundle else ""
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LONGEST_NAME)


def set_text(cell: QLabel, text: str) -> None:
    """A value, the middle left out of a long name: the share at its end, and what stands beside it, are to be seen."""
    shown = cell.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, LONGEST_VALUE)
    cell.setText(shown)
    cell.setToolTip(text if shown != text else "")
