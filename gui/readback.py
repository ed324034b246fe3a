"""The codes that are set beside those that Q reads in the generated picture."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import LatentSpec
from .latent import Latent
from .section import GAP, Section
from .translation import tr
from .wording import agrees, code_text, reading_text, value_text

WIDEST = ("", "+0.00", "+0.00 ± 0.00")  # what each column must have room for
LARGEST = QSize(320, 120)  # what is never hidden behind a scroll bar


class ReadBack(Section):
    """A line for each code: its name, the value that is set, the value that Q reads.

    Args:
        explained: with a sentence that says what is to be seen.
        parent: the widget that owns it.
    """

    def __init__(self, explained: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(tr("Read back"), parent=parent)
        self.setAccessibleName(tr("Codes that are set, and what Q reads"))
        self.setToolTip(tr("What the recognition network Q reads in the generated picture, beside what you set"))
        if explained:
            explanation = _cell(tr("The codes that you set, and those that the network reads in the picture."))
            explanation.setWordWrap(True)
            self.body.addWidget(explanation)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self._area, 1)
        self._latents = LatentSpec()
        self._bundle: Bundle | None = None
        self.set_labels: dict[str, QLabel] = {}
        self.read_labels: dict[str, QLabel] = {}
        self.signs: dict[str, QLabel] = {}
        self._latent: Latent | None = None
        self._read: tuple[Latent, Posterior] | None = None

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Make the lines of another latent spec."""
        self._latents, self._bundle = latents, bundle
        self.set_labels = {code.name: _cell() for code in latents.codes}
        self.read_labels = {code.name: _cell() for code in latents.codes}
        self.signs = {code.name: _cell("") for code in latents.codes}
        self._latent = self._read = None
        table = QWidget()
        outer = QVBoxLayout(table)
        outer.setContentsMargins(0, 0, 0, 0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(GAP)
        headings = tr("Code"), tr("Set"), tr("Read")
        for column, (heading, widest) in enumerate(zip(headings, WIDEST, strict=True)):
            grid.addWidget(_cell(heading, bold=True), 0, column)
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, self.fontMetrics().horizontalAdvance(widest))
        for row, code in enumerate(latents.codes, start=1):
            grid.addWidget(_cell(code_text(bundle, code)), row, 0)
            grid.addWidget(self.set_labels[code.name], row, 1)
            grid.addWidget(self.read_labels[code.name], row, 2)
            grid.addWidget(self.signs[code.name], row, 3)
        outer.addLayout(grid)
        outer.addStretch(1)
        self._area.setWidget(table)
        for widget in (self._area.viewport(), table):
            widget.setAutoFillBackground(False)
        self._area.setMinimumSize(table.sizeHint().boundedTo(LARGEST))

    def show_latent(self, latent: Latent) -> None:
        """Show the codes that are set."""
        for name, label in self.set_labels.items():
            code = self._latents[name]
            value = latent.value(self._latents, name)
            label.setText(value_text(self._bundle, code, value))
        self._latent = latent
        self._compare()

    def show_posterior(self, posterior: Posterior, latent: Latent) -> None:
        """Show what Q reads in the picture of a latent."""
        for name, label in self.read_labels.items():
            label.setText(reading_text(self._bundle, self._latents[name], posterior))
        self._read = latent, posterior
        self._compare()

    def _compare(self) -> None:
        """Say for each code whether what is read is what was set."""
        for name, sign in self.signs.items():
            if self._read and self._read[0] == self._latent:  # else the picture of what is set is still to come
                value = self._latent.value(self._latents, name)
                same = agrees(self._latents[name], value, self._read[1])
                sign.setText("✓" if same else "≠")
                sign.setToolTip(tr("As it was set") if same else tr("Not as it was set"))
                sign.setAccessibleName(sign.toolTip())


def _cell(text: str = "–", bold: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = label.font()
    font.setBold(bold)
    label.setFont(font)
    return label
