"""The noise: its seed, new noise, and a lock."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from .section import GAP, Section
from .state import MAX_SEED


class NoiseControls(Section):
    """Seed box, dice and lock."""

    seed_edited = Signal(int)
    dice_rolled = Signal()
    lock_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.lock = QCheckBox("Loc&k")
        super().__init__("Noise", self.lock, parent)
        self.seed, self.dice = QSpinBox(), QPushButton("Ne&w noise")
        self.seed.setRange(0, MAX_SEED)
        label = QLabel("&Seed")
        label.setBuddy(self.seed)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(label)
        row.addWidget(self.seed, 1)
        row.addWidget(self.dice)
        self.body.addLayout(row)
        self._describe()
        self.seed.valueChanged.connect(self.seed_edited)
        self.dice.clicked.connect(self.dice_rolled)
        self.lock.toggled.connect(self.lock_toggled)

    def set_noise(self, seed: int, locked: bool) -> None:
        """Show a seed and whether it is locked; no signal."""
        for widget in (self.seed, self.dice):
            widget.setEnabled(not locked)
        with QSignalBlocker(self.seed), QSignalBlocker(self.lock):
            self.seed.setValue(seed)
            self.lock.setChecked(locked)

    def _describe(self) -> None:
        for widget, name, tip in (
            (self.seed, "Seed of the noise", "The noise is drawn from this number: the same seed, the same picture"),
            (self.dice, "New noise", "Draw other noise (R)"),
            (self.lock, "Lock the noise", "Keep the noise whatever you click, so that only the codes change"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
