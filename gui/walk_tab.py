"""The walk tab: what walks and how, the pictures as it goes, and saving it as an animation."""

from collections.abc import Iterable, Iterator
from time import monotonic

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..export.bundle import Bundle
from ..export.ink import Picture
from ..trainer.latents import LatentSpec
from .animation import RATES
from .picture import PictureView
from .section import GAP, MARGIN, label
from .slider import NumberBox, RangeSlider
from .state import ExplorerState
from .tools import tool
from .translation import tr
from .walk import BOOKMARKS, NOISE, Walk, choices, stops_of
from .wheel import WheelGuard
from .wording import code_text, place_text

TICK = 16  # milliseconds between two looks at the clock while it plays
LEGS = (0.2, 10.0)  # seconds that a leg may take
WIDEST = "00.0 s, +0.00"  # what the place of the walk has room for
BROADEST = 680  # of the controls: wider ones part from their names


class WalkTab(QWidget):
    """Plays a walk through the latent space of a bundle.

    While it plays it asks for one picture after another, never for two at a time; hidden, it stops.
    """

    picture_wanted = Signal(float)  # seconds since the beginning
    changed = Signal()  # another walk
    save_wanted = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what, self.easing, self.repeat, self.rate = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.leg, self.time = NumberBox(signed=False), RangeSlider((0, 1))
        self.scale, self.progress = QSpinBox(), QProgressBar()
        self.place, self.explanation = label(""), label("")
        self.explanation.setWordWrap(True)
        self.view = PictureView(tr("Picture of the walk"), 196)
        self.play = tool(tr("Pla&y"), tr("Go on from here, or stop (P)"))
        self.save = tool(tr("Save ani&mation…"), tr("Write a GIF, an animated PNG, or a folder of pictures"))
        self.cancel = tool(tr("Cancel"), tr("Stop making the animation; nothing is written"))
        self.walk: Walk | None = None
        self._bundle: Bundle | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._waits = False  # for a picture
        self._seconds, self._since = 0.0, 0.0
        for control in (self.what, self.easing, self.repeat, self.rate, self.scale):
            WheelGuard(control)
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # Qt guesses while it is empty
        self._fill()
        self._lay_out()
        self._connect()
        self.show_progress(None)

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Offer what can walk in another latent spec."""
        self.stop()
        self._bundle, self.walk, self._waits, self._seconds = bundle, None, False, 0.0
        with QSignalBlocker(self.what):
            self.what.clear()
            for name in choices(latents):
                others = {BOOKMARKS: tr("the bookmarks"), NOISE: tr("the noise, at random")}
                self.what.addItem(others.get(name) or code_text(bundle, latents[name]), name)
            continuous = latents.continuous
            self.what.setCurrentIndex(self.what.findData(continuous[0].name) if continuous else 0)

    def plan(self, state: ExplorerState) -> Walk:
        """The walk that is chosen, around a state."""
        stops = stops_of(state, self.what.currentData())
        return Walk(state.latents, stops, self.leg.value(), self.easing.currentData(), self.repeat.currentData())

    def show_walk(self, walk: Walk) -> None:
        """Walk another way; asks for the picture at its present place."""
        if walk != self.walk:
            self.walk = walk
            for control in (self.play, self.time, self.save):
                control.setEnabled(walk.legs > 0)
            self.time.set_marked([stop / walk.legs for stop in range(walk.legs + 1)] if walk.legs else [])
            lacking = self.what.currentData() == BOOKMARKS and not walk.legs
            self.explanation.setText(tr("Add at least two bookmarks (☆ Add) to walk between them.") if lacking else "")
            self.explanation.setVisible(lacking)
            self._ask()

    def set_picture(self, picture: Picture) -> None:
        """Show the picture that was asked for, and while it plays ask for the next at the clock's next tick."""
        self.view.set_picture(picture)
        self._waits = False

    def toggle(self) -> None:
        """Play or stop."""
        if self._timer.isActive():
            self.stop()
        elif self.walk and self.walk.legs:
            if self.walk.repeat == "once" and self._seconds >= self.walk.seconds:
                self._seconds = 0.0
            self._since = monotonic() - self._seconds
            self._timer.start()
            self.play.setText(tr("Stop"))

    def stop(self) -> None:
        """Stand still."""
        self._timer.stop()
        self.play.setText(tr("Pla&y"))

    def show_progress(self, part: float | None) -> None:
        """How much of the animation is made, 0 to 1, or None where none is being made."""
        for widget in (self.progress, self.cancel):
            widget.setVisible(part is not None)
        self.save.setVisible(part is None)
        self.progress.setValue(round((part or 0) * self.progress.maximum()))

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not seen need not be drawn."""
        self.stop()
        super().hideEvent(event)

    def _tick(self) -> None:
        assert self.walk
        seconds = monotonic() - self._since
        if self.walk.repeat == "once" and seconds >= self.walk.seconds:
            seconds = self.walk.seconds
            self.stop()
        if not self._waits:
            self._go(seconds)

    def _go(self, seconds: float) -> None:
        self._seconds = seconds
        whole = self.walk.seconds if self.walk else 0.0
        part = seconds / whole if whole else 0.0
        self.time.set_number(part if self.walk and self.walk.repeat == "once" else part % 1)
        self._ask()

    def _ask(self) -> None:
        if self.walk:
            self.place.setText(place_text(self._bundle, self.walk, self.what.currentData(), self._seconds))
        self._waits = True
        self.picture_wanted.emit(self._seconds)

    def _seek(self, part: float) -> None:
        self.stop()
        if self.walk:
            self._go(part * self.walk.seconds)

    def _fill(self) -> None:
        easings = ("smooth", tr("slow at stops")), ("linear", tr("even"))
        repeats = ("ping-pong", tr("to and fro")), ("loop", tr("in a circle")), ("once", tr("once"))
        for box, entries in ((self.easing, easings), (self.repeat, repeats)):
            for value, text in entries:
                box.addItem(text, value)
        for rate in RATES:
            self.rate.addItem(tr("{rate}/s", rate=rate), rate)
        self.rate.setCurrentIndex(RATES.index(25))
        self.leg.setRange(*LEGS)
        self.leg.setSingleStep(0.1)
        self.leg.setValue(1.5)
        self.leg.setSuffix(" s")
        self.scale.setRange(1, 40)
        self.scale.setValue(8)
        self.scale.setSuffix("×")
        self.scale.setAlignment(self.leg.alignment())

    def _lay_out(self) -> None:
        choices = (
            (tr("Changes"), self.what, tr("What changes as it goes; everything else stays as it is set")),
            (tr("Step time"), self.leg, tr("How long it takes from one stop to the next")),
            (tr("Pace"), self.easing, tr("How it goes from one stop to the next")),
            (tr("Repeat"), self.repeat, tr("What happens at the last stop")),
        )
        of_files = (
            (tr("Frames"), self.rate, tr("How many pictures a second the saved animation has")),
            (tr("Size"), self.scale, tr("How many times larger than the model's pixels the saved animation is")),
        )
        form = QGridLayout()
        form.setVerticalSpacing(GAP)
        form.setHorizontalSpacing(GAP)
        for index, (text, widget) in enumerate(_named(choices)):
            form.addWidget(text, index // 2, index % 2 * 2)
            form.addWidget(widget, index // 2, index % 2 * 2 + 1)
        form.setColumnStretch(1, 1)
        form.setColumnStretch(3, 1)
        self.time.setAccessibleName(tr("Place of the walk"))
        self.time.setToolTip(tr("Where the walk is; drag to go elsewhere"))
        self.progress.setAccessibleName(tr("Progress of the animation"))
        transport, saving = QHBoxLayout(), QHBoxLayout()
        transport.addWidget(self.play)
        transport.addWidget(self.time, 1)
        transport.addWidget(self.place)
        self.place.setMinimumWidth(self.fontMetrics().horizontalAdvance(WIDEST))
        saving.setSpacing(MARGIN)
        for widget in (self.save, self.progress, self.cancel, *(part for pair in _named(of_files) for part in pair)):
            saving.addWidget(widget)
        saving.addStretch(1)
        controls = QWidget()
        controls.setMaximumWidth(BROADEST)
        controls.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(controls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(MARGIN)
        column.addWidget(self.explanation)
        for part in (transport, form, saving):
            column.addLayout(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addWidget(self.view, 1)
        layout.addWidget(controls)
        layout.addStretch(0)

    def _connect(self) -> None:
        for box in (self.what, self.easing, self.repeat):
            box.currentIndexChanged.connect(self.changed)
        self.leg.valueChanged.connect(self.changed)
        self.time.moved.connect(self._seek)
        self.play.clicked.connect(self.toggle)
        self.save.clicked.connect(self.save_wanted)
        self.cancel.clicked.connect(self.cancelled)
        self._timer.timeout.connect(self._tick)


def _named(choices: Iterable[tuple[str, QWidget, str]]) -> Iterator[tuple[QLabel, QWidget]]:
    """Each widget with its name and tip, and a label for it."""
    for text, widget, tip in choices:
        widget.setAccessibleName(text)
        widget.setToolTip(tip)
        yield QLabel(text), widget
