"""The compare tab: two bundles under the same codes, live."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..export.bundle import Bundle
from ..trainer.latents import LatentSpec
from .grid import GridView
from .jobs import Comparison
from .latent import Latent
from .picture import PictureView
from .readback import ReadBack
from .section import GAP, MARGIN, label
from .state import ExplorerState
from .tools import tool
from .translation import tr
from .traversal import Axis
from .wording import plain


class CompareTab(QWidget):
    """Picture, reading and a strip of all classes, or of one code's range, of both bundles."""

    open_wanted = Signal()
    code_wanted = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open = tool(tr("Open &model…"), tr("Compare with a model from a file"))
        self.open.setAccessibleName(tr("Open the model to compare with"))
        self.shipped = QPushButton(tr("&Included models"))
        self.shipped.setAccessibleName(tr("Compare with an included model"))
        self.shipped.setToolTip(tr("Compare with a model that comes with the app"))
        self.menu = QMenu(self.shipped)
        self.shipped.setMenu(self.menu)
        self.explanation, self.strip = QLabel(), GridView()
        self.strip.setAccessibleName(tr("Both models, class by class"))
        self.strip.setMinimumSize(240, 120)
        self.titles = [label(text, bold=True) for text in (tr("This model"), tr("Second model"))]
        names = tr("Picture of this model"), tr("Picture of the second model")
        self.views = [PictureView(name, 112) for name in names]
        self.reading = ReadBack(explained=False)
        self._lay_out()
        self._axis: Axis | None = None
        self._bundle: Bundle | None = None
        self.open.clicked.connect(self.open_wanted)
        self.strip.chosen.connect(self._choose)

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Another bundle is open, and nothing is compared with it yet."""
        self._bundle = bundle
        self.show_other(None, "")

    def show_other(self, other: Bundle | None, why_not: str) -> None:
        """Compare with another bundle, or with none and say why."""
        if other:
            self.reading.build(other.latents, self._bundle, other)
            self.titles[1].setText(plain(other.name))
        nothing = tr("Choose a second model: both are then shown under the same codes.")
        self.explanation.setText(why_not or nothing)
        self.explanation.setVisible(other is None)
        for part in (*self.titles, *self.views, self.reading, self.strip):
            part.setVisible(other is not None)

    def show_state(self, state: ExplorerState, latent: Latent) -> None:
        """Show the codes of both: the second one's are ``latent``."""
        if state.bundle:
            self.titles[0].setText(plain(state.bundle.name))
        self.reading.show_latents(state.latent, latent)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show the pictures and readings of both."""
        for view, reader, preview in zip(self.views, self.reading.readers, comparison.previews, strict=True):
            view.set_picture(preview.picture)
            reader.show_posterior(preview.posterior, preview.latent)
        self._axis = comparison.axis
        names = ["", plain(comparison.axis.name)]
        self.strip.set_axes(names, (comparison.names, comparison.ticks), comparison.strips[0].shape[1:])
        for row, pictures in enumerate(comparison.strips):
            self.strip.set_row(row, pictures)
        self.strip.set_current(self._current(comparison))

    def _current(self, comparison: Comparison) -> tuple[int, int] | None:
        """The tile of this model that shows what is set."""
        assert self._bundle is not None
        value = comparison.previews[0].latent.value(self._bundle.latents, comparison.axis.name)
        columns = [column for column, other in enumerate(comparison.axis.values) if abs(other - value) < 1e-6]
        return (0, columns[0]) if columns else None

    def _choose(self, row: int, column: int) -> None:
        if self._axis:
            self.code_wanted.emit(self._axis.name, self._axis.values[column])

    def _lay_out(self) -> None:
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        choices, pair = QHBoxLayout(), QHBoxLayout()
        choices.setSpacing(GAP)
        for part in (QLabel(tr("Compare with")), self.shipped, self.open):
            choices.addWidget(part)
        choices.addStretch(1)
        pair.setSpacing(2 * MARGIN)
        for title, view in zip(self.titles, self.views, strict=True):
            title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            column = QVBoxLayout()
            column.setSpacing(GAP)
            column.addWidget(title)
            column.addWidget(view, 1)
            column.addStretch(0)  # the smaller of two pictures stays at the top
            pair.addLayout(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addLayout(choices)
        layout.addWidget(self.explanation, 1)
        layout.addLayout(pair, 2)
        layout.addWidget(self.reading)
        layout.addWidget(self.strip, 1)
        layout.addStretch(0)
