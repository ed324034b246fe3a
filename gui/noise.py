"""The noise: its seed, another seed that it is blended with, its scale, new noise, and a lock."""

from contextlib import ExitStack
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSpinBox, QWidget

from .check_box import CheckBox
from .latent import MAX_SCALE, MAX_SEED, NoiseSource
from .section import GAP, Section
from .slider import NumberBox, RangeSlider, WholeNumberSelected, leave_on_enter
from .translation import tr
from .wheel import WheelGuard


class NoiseControls(Section):
    """Says which field of the noise's source the user wants changed."""

    edited = Signal(str, float)  # field of NoiseSource, value
    held = Signal(bool)
    dice_rolled = Signal()
    lock_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.lock = CheckBox(tr("Loc&k"))
        super().__init__(tr("Noise"), self.lock, parent, resets=tr("the noise"))
        self.seed, self.other, self.dice = _seed_box(), _seed_box(), QPushButton(tr("&New noise"))
        self.blend, self.scale = RangeSlider((0, 1), marked=[0]), RangeSlider((0, MAX_SCALE), marked=[1])
        self.scale_number = NumberBox(signed=False)
        self.scale_number.setRange(0, MAX_SCALE)
        self.scale_number.setSingleStep(0.05)
        self._lay_out()
        self._describe()
        self._connect()

    def set_noise(self, noise: NoiseSource, locked: bool) -> None:
        """Show where the noise comes from and whether it is locked; no signal."""
        for widget in (self.seed, self.other, self.scale_number, self.blend, self.scale, self.dice):
            widget.setEnabled(not locked)
        with ExitStack() as silent:
            for control in (self.seed, self.other, self.scale_number, self.lock):
                silent.enter_context(QSignalBlocker(control))
            self.seed.setValue(noise.seed)
            self.other.setValue(noise.other)
            self.scale_number.setValue(noise.scale)
            self.lock.setChecked(locked)
        self.blend.set_number(noise.blend)
        self.scale.set_number(noise.scale)
        self.title.setText(tr("Noise of your drawing") if noise.own else tr("Noise"))
        self.set_default(locked or noise == NoiseSource())

    def _lay_out(self) -> None:
        rows: tuple[tuple[str, QWidget, QWidget], ...] = (
            (tr("&Seed"), self.seed, self.dice),
            (tr("Blend with"), self.other, self.blend),
            (tr("Sc&ale"), self.scale_number, self.scale),
        )
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.setColumnStretch(2, 1)
        for line, (text, box, beside) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(box)
            for column, widget in enumerate((label, box, beside)):
                grid.addWidget(widget, line, column)
        self.body.addLayout(grid)

    def _describe(self) -> None:
        self.title.setToolTip(tr("What the codes leave open: other noise, another picture with the same codes"))
        for widget, name, tip in (
            (
                self.seed,
                tr("Seed of the noise"),
                tr("The noise is that of this number; Enter takes it in place of a drawing's"),
            ),
            (self.dice, tr("New noise"), tr("Draw other noise (R)")),
            (self.other, tr("Other seed"), tr("The seed of the noise that is blended in")),
            (
                self.blend,
                tr("Blend"),
                tr(
                    "From the noise of the seed or of the drawing, at the left, to that of the other seed, at the right"
                ),
            ),
            (
                self.scale_number,
                tr("Scale of the noise, number"),
                tr("What the noise is multiplied by; 1 is as in training"),
            ),
            (
                self.scale,
                tr("Scale of the noise, slider"),
                tr("Less than 1: closer to the typical picture of these codes"),
            ),
            (
                self.lock,
                tr("Lock the noise"),
                tr("Keep the noise whatever you click, so that only the codes change"),
            ),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _connect(self) -> None:
        for field, signal in (
            ("seed", self.seed.valueChanged),
            ("other", self.other.valueChanged),
            ("scale", self.scale_number.valueChanged),
            ("scale", self.scale.moved),
            ("blend", self.blend.moved),
        ):
            signal.connect(partial(self.edited.emit, field))
        self.scale.reset.connect(partial(self.edited.emit, "scale", 1.0))
        self.blend.reset.connect(partial(self.edited.emit, "blend", 0.0))
        # Beside the noise of a drawing stands a seed that is not used: Enter chooses it though it does not change.
        self.seed.lineEdit().returnPressed.connect(self._choose_seed)
        for box, beside in ((self.seed, self.dice), (self.other, self.blend), (self.scale_number, self.scale)):
            leave_on_enter(box, beside)
        for dragged in (self.blend, self.scale, self.scale_number):
            dragged.held.connect(self.held)
        self.dice.clicked.connect(self.dice_rolled)
        self.lock.toggled.connect(self.lock_toggled)

    def _choose_seed(self) -> None:
        self.edited.emit("seed", self.seed.value())


def _seed_box() -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, MAX_SEED)
    WheelGuard(box)
    WholeNumberSelected(box)
    box.setKeyboardTracking(False)  # a seed of five digits is not five seeds
    return box
