"""The traversal tab: two boxes that choose what varies, and the grid."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from ..export.bundle import Bundle
from ..export.ink import Picture
from ..trainer.latents import LatentSpec
from .grid import GridView
from .jobs import Tiles
from .section import GAP, MARGIN
from .state import ExplorerState
from .translation import tr
from .traversal import ONE, SEED_COUNT, SEEDS, Traversal, axis_names
from .wheel import WheelGuard
from .wording import axis_text, axis_title, plain, tick_texts, traversal_text

FEWEST, MOST = 2, 32  # values along a side of the grid; the fewest stand for "auto"


class TraversalTab(QWidget):
    """Shows the traversal around a state along two axes of the user's choice."""

    axes_changed = Signal()
    chosen = Signal(object)  # Latent

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows, self.columns, self.count, self.grid = QComboBox(), QComboBox(), QSpinBox(), GridView()
        self.explanation = QLabel()
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.traversal: Traversal | None = None
        self._bundle: Bundle | None = None
        self._first_seed = 0
        self._pictures: dict[int, Picture] = {}
        choices = QHBoxLayout()
        choices.setSpacing(GAP)
        boxes = (
            (tr("&Rows"), tr("Rows of the grid"), self.rows),
            (tr("C&olumns"), tr("Columns of the grid"), self.columns),
        )
        for text, name, box in boxes:
            label = QLabel(text)
            label.setBuddy(box)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            box.setAccessibleName(name)
            box.setToolTip(tr("What varies from tile to tile; everything else stays as it is set"))
            choices.addWidget(label)
            choices.addWidget(box)
            choices.addSpacing(MARGIN)
        choices.addStretch(1)
        told = QHBoxLayout()
        told.setSpacing(GAP)
        told.addWidget(self.explanation, 1)
        self._add_count(told)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addLayout(choices)
        layout.addLayout(told)
        layout.addWidget(self.grid, 1)
        for control in (self.rows, self.columns, self.count):
            WheelGuard(control)
        self.rows.currentIndexChanged.connect(self._change_rows)
        self.columns.currentIndexChanged.connect(self._change_columns)
        self.grid.chosen.connect(self._choose)

    def _add_count(self, row: QHBoxLayout) -> None:
        """How many values a continuous code has in the grid, and how many seeds there are."""
        self.count.setRange(FEWEST, MOST)
        self.count.setSpecialValueText(tr("auto"))
        self.count.setKeyboardTracking(False)
        self.count.setAccessibleName(tr("Number of values"))
        self.count.setToolTip(tr("How many values a continuous code has in the grid, and how many seeds"))
        label = QLabel(tr("Values"))
        label.setBuddy(self.count)
        row.addWidget(label)
        row.addWidget(self.count)
        self.count.valueChanged.connect(self.axes_changed)

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Offer the axes of another latent spec: at first its first code against the noise."""
        self._bundle, self.traversal = bundle, None
        names = axis_names(latents)
        for box, name in ((self.rows, names[0]), (self.columns, names[-1] if len(names) > 1 else ONE)):
            with QSignalBlocker(box):
                box.clear()
                for choice in names if len(names) > 1 else [names[0], ONE]:
                    box.addItem(axis_text(bundle, latents, choice), choice)
                box.setCurrentIndex(box.findData(name))

    def plan(self, state: ExplorerState) -> Traversal:
        """The traversal to show around a state; its seeds stay while the state's seed is among them."""
        count = self.count.value() if self.count.value() > self.count.minimum() else None
        if not self._first_seed <= state.noise.seed < self._first_seed + (count or SEED_COUNT):
            self._first_seed = state.noise.seed
        return Traversal.of(state, self.rows.currentData(), self.columns.currentData(), self._first_seed, count)

    def show_traversal(self, traversal: Traversal) -> None:
        """Lay out a traversal of the bundle; its pictures come through :meth:`set_tiles`."""
        self.traversal, self._pictures = traversal, {}
        axes = (traversal.rows, traversal.columns)
        varying = traversal_text(self._bundle, traversal.latents, *(axis.name for axis in axes))
        self.explanation.setText(f"{varying} {tr('Click a picture to go there.')}")
        if self._bundle:
            ticks = [tick_texts(self._bundle, traversal.latents, axis) for axis in axes]
            names = [tr("noise") if axis.name == SEEDS else plain(axis.name) for axis in axes]
            self.grid.set_axes(names, ticks, self._bundle.image_shape)

    def set_tiles(self, tiles: Tiles) -> None:
        """Show a row of pictures, unless it belongs to a traversal of before."""
        if tiles.traversal == self.traversal:
            self._pictures[tiles.row] = tiles.pictures
            self.grid.set_row(tiles.row, tiles.pictures)

    def pictures(self) -> list[Picture]:
        """The pictures (columns, C, H, W) of all rows; empty until the last has come."""
        rows = self.traversal.shape[0] if self.traversal else 0
        return [self._pictures[row] for row in range(rows)] if len(self._pictures) == rows else []

    def axes(self) -> tuple[tuple[str, str], tuple[list[str], list[str]]]:
        """What varies along the rows and along the columns, and a text for each of them."""
        assert self.traversal
        down, across = self.traversal.rows, self.traversal.columns
        latents, bundle = self.traversal.latents, self._bundle
        titles = axis_title(bundle, latents, down.name), axis_title(bundle, latents, across.name)
        return titles, (tick_texts(bundle, latents, down), tick_texts(bundle, latents, across))

    def show_state(self, state: ExplorerState) -> None:
        """Mark the tile that shows a state; while the noise is locked, tiles say that their seed is not set."""
        seeds = self.traversal and SEEDS in (self.traversal.rows.name, self.traversal.columns.name)
        note = tr("(noise locked: seed stays {seed})", seed=state.noise.seed)
        if state.noise.own:
            note = tr("(noise locked: your drawing's stays)")
        self.grid.note = note if state.locked and seeds else ""
        self.grid.set_current(self.traversal.find(state) if self.traversal else None)

    def _choose(self, row: int, column: int) -> None:
        if self.traversal:
            self.chosen.emit(self.traversal.tile(row, column))

    def _change_rows(self) -> None:
        self._keep_apart(self.rows, self.columns)

    def _change_columns(self) -> None:
        self._keep_apart(self.columns, self.rows)

    def _keep_apart(self, changed: QComboBox, other: QComboBox) -> None:
        """One thing cannot vary in both directions: the other box moves on."""
        if changed.currentIndex() == other.currentIndex():
            with QSignalBlocker(other):
                other.setCurrentIndex((other.currentIndex() + 1) % other.count())
        self.axes_changed.emit()
