"""The drawing tab: the pad, its buttons, the picture that Q sees, and what it reads."""

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..export.bundle import Bundle
from ..trainer.latents import LatentSpec
from .jobs import Reading
from .pad import SMALLEST, Pad
from .picture import PictureView
from .reading import Answers
from .section import GAP, MARGIN, Section
from .strokes import Drawing
from .tools import Tools, tool
from .translation import tr

SEEN_SIDE = 112  # four times 28
BROADEST = 760  # of what is read: longer bars tell no more


class Bench(QWidget):
    """The pad, as large a square as there is room for, and a column close beside it."""

    def __init__(self, pad: Pad, beside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pad, self._beside = pad, beside
        column = QVBoxLayout()
        column.addWidget(pad, 1)
        column.addStretch(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MARGIN)
        row.addLayout(column, 1)
        row.addWidget(beside)
        row.addStretch(0)

    def event(self, event: QEvent) -> bool:
        """What is shown beside the pad needs more room, or less."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        self._fit()

    def _fit(self) -> None:
        """The square is limited by the height or by what the column leaves of the width; the bench follows it."""
        column = self._beside.minimumSizeHint()
        across = max(SMALLEST, self.width() - column.width() - MARGIN)
        side = min(across, max(SMALLEST, self.height()))
        self._pad.setMaximumSize(side, side)
        self.setMaximumHeight(max(across, column.height()))


class DrawTab(QWidget):
    """Draw above, read below."""

    edited = Signal(object)  # Drawing
    taken_back = Signal()
    held = Signal(bool)
    open_requested = Signal()
    code_wanted = Signal(object)  # Posterior
    keep_wanted = Signal(object, object)  # Posterior, the drawing's noise

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad, self.tools, self.answers = Pad(), Tools(), Answers()
        self.seen = PictureView(
            tr("What the network Q sees: the drawing, centred and scaled as in training"), SEEN_SIDE
        )
        self.use = tool(tr("&Use this code"), tr("Set the codes that the network Q reads, and generate from them"))
        self.below = Section(tr("What the network reads"), self.use)
        self.reading, self._locked = Reading(), False
        self._lay_out()
        self._connect()
        self.show_reading(Reading())
        self.show_drawing(Drawing())

    @property
    def keep(self) -> QPushButton:
        """The button that keeps the handwriting; another one for each bundle."""
        return self.answers.redrawn.keep

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Make the readings of another latent spec; the drawing stays."""
        self.answers.build(latents, bundle)
        self.pad.build(bundle)
        self.tools.build(bundle)
        self.keep.clicked.connect(self._keep)
        self.show_reading(Reading())

    def show_drawing(self, drawing: Drawing) -> None:
        """Put a drawing on the pad."""
        self.pad.set_drawing(drawing)
        self.tools.show_drawing(drawing)

    def show_reading(self, reading: Reading) -> None:
        """Show what Q sees and reads, the class first of all; no answer where there is no ink."""
        self.reading = reading
        self.seen.set_picture(reading.picture)
        self.answers.show_reading(reading)
        answer = self.answers.first_class(reading)
        heading = tr("What the network reads: {answer}", answer=answer) if answer else tr("What the network reads")
        title = self.below.title
        fits = not title.isVisible() or title.fontMetrics().horizontalAdvance(heading) <= title.width()
        title.setText(heading if fits else answer)
        title.setToolTip(heading)
        self.use.setEnabled(reading.posterior is not None)
        self._allow_keeping()

    def set_lock(self, locked: bool) -> None:
        """Locked noise is not replaced by a drawing's."""
        self._locked = locked
        self._allow_keeping()

    def clear_drawing(self) -> None:
        """Ask for an empty pad."""
        self.edited.emit(replace(self.pad.drawing, strokes=(), picture=None))

    def _lay_out(self) -> None:
        beside = Section(tr("What the\nnetwork sees"))  # in one line it would take width from the pad
        beside.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.seen.setFixedSize(SEEN_SIDE, SEEN_SIDE)
        beside.body.addWidget(self.seen)
        beside.body.addSpacing(GAP)
        beside.body.addWidget(self.tools)
        beside.body.addStretch(1)
        self.below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.below.setMaximumWidth(BROADEST)
        self.below.body.addWidget(self.answers, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addWidget(Bench(self.pad, beside), 1)
        layout.addWidget(self.below)
        layout.addStretch(0)

    def _connect(self) -> None:
        for part in (self.pad, self.tools):
            part.edited.connect(self.edited)
            part.held.connect(self.held)
        self.tools.eraser.toggled.connect(self.pad.set_erasing)
        self.tools.undo.clicked.connect(self.taken_back)
        self.tools.clear.clicked.connect(self.clear_drawing)
        self.tools.open.clicked.connect(self.open_requested)
        self.use.clicked.connect(self._use)

    def _allow_keeping(self) -> None:
        self.keep.setEnabled(self.reading.noise is not None and not self._locked)

    def _keep(self) -> None:
        if self.reading.posterior and self.reading.noise is not None:
            self.keep_wanted.emit(self.reading.posterior, self.reading.noise)

    def _use(self) -> None:
        if self.reading.posterior:
            self.code_wanted.emit(self.reading.posterior)
