"""The drawing tab: the pad, its buttons, the picture that Q sees, and what it reads."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import LatentSpec
from .jobs import Reading
from .pad import Pad
from .picture import PictureView
from .reading import Answers
from .section import GAP, MARGIN, Section

EMPTY = "Draw a digit to see what Q reads."
SEEN_SIDE = 112  # four times 28
BELOW = 220  # height of the answers: ten bars with their titles


class DrawTab(QWidget):
    """Draw above, read below."""

    open_requested = Signal()
    code_wanted = Signal(object)  # Posterior

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad, self.answers, self.hint = Pad(), Answers(), QLabel(EMPTY)
        self.seen = PictureView("The picture that Q sees", SEEN_SIDE)
        self.use = _button("&Use this code", "Set the codes that Q reads, and generate from them")
        self.undo = _button("U&ndo", "Take away the last stroke")
        self.clear = _button("&Clear", "Take away the whole drawing")
        self.open = _button("Open &picture…", "Read a digit from a picture file; dropping one here does the same")
        self.posterior: Posterior | None = None
        self._lay_out()
        self.undo.clicked.connect(self.pad.undo)
        self.clear.clicked.connect(self.pad.clear)
        self.open.clicked.connect(self.open_requested)
        self.pad.changed.connect(self._allow)
        self.use.clicked.connect(self._use)
        self.show_reading(Reading())
        self._allow()

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Make the readings of another latent spec; the drawing stays."""
        self.answers.build(latents, bundle)
        self.show_reading(Reading())

    def show_reading(self, reading: Reading) -> None:
        """Show what Q sees and reads; a hint, and no answer, where there is no ink."""
        self.posterior = reading.posterior
        self.seen.set_picture(None if reading.picture is None else reading.picture[None])
        self.answers.show_posterior(reading.posterior)
        self.use.setEnabled(reading.posterior is not None)
        self.hint.setVisible(reading.posterior is None)

    def _lay_out(self) -> None:
        beside = Section("What Q sees")
        self.seen.setFixedSize(SEEN_SIDE, SEEN_SIDE)
        beside.setFixedWidth(SEEN_SIDE)
        beside.body.addWidget(self.seen)
        beside.body.addWidget(self.use)
        beside.body.addStretch(1)
        for button in (self.undo, self.clear, self.open):
            beside.body.addWidget(button)
        top = QHBoxLayout()
        top.setSpacing(MARGIN)
        left = QVBoxLayout()
        left.addWidget(self.pad, 100)
        left.addStretch(1)
        top.addLayout(left, 1)
        top.addWidget(beside)
        below = Section("What Q reads", self.hint)
        below.body.addSpacing(GAP)
        below.body.addWidget(self.answers, 1)
        below.setFixedHeight(BELOW)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addLayout(top, 1)
        layout.addWidget(below)

    def _allow(self) -> None:
        for button in (self.undo, self.clear):
            button.setEnabled(bool(self.pad.drawing()))

    def _use(self) -> None:
        if self.posterior:
            self.code_wanted.emit(self.posterior)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.replace("&", "").rstrip("…"))
    button.setToolTip(tip)
    return button
