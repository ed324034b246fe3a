"""The column beside the pad: eraser, width of the pen, and what is done with the whole drawing."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from .section import GAP
from .slider import RangeSlider
from .strokes import PEN, THICKEST, THINNEST, Drawing
from .translation import tr
from .wording import bare


class Tools(QWidget):
    """Buttons, and a slider for the pen."""

    width_chosen = Signal(float)  # in pixels of the 20x20 box
    held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.eraser = tool(tr("E&raser"), tr("Cut strokes away instead of drawing; the right mouse button always does"))
        self.eraser.setCheckable(True)
        self.width_slider = RangeSlider((THINNEST, THICKEST), marked=PEN)
        self.width_slider.setAccessibleName(tr("Width of the pen"))
        self.width_slider.setToolTip(tr("Width of the pen, as the network sees it; double-click: that of most digits"))
        self.undo = tool(tr("Und&o stroke"), tr("Take away the last stroke"))
        self.clear = tool(tr("Clear"), tr("Take away the whole drawing (Del)"))
        self.open = tool(tr("Open &picture…"), tr("Read a digit from a picture file; dropping one here does the same"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        label = QLabel(tr("Pen w&idth"))
        label.setBuddy(self.width_slider)
        for widget in (self.eraser, label, self.width_slider, self.undo, self.clear, self.open):
            column.addWidget(widget)
        self.width_slider.moved.connect(self.width_chosen)
        self.width_slider.reset.connect(self._reset)
        self.width_slider.held.connect(self.held)

    def show_drawing(self, drawing: Drawing) -> None:
        """Allow what can be done with a drawing."""
        for button in (self.undo, self.clear):
            button.setEnabled(bool(drawing))
        self.width_slider.set_number(drawing.width)

    def _reset(self) -> None:
        self.width_chosen.emit(PEN)


def tool(text: str, tip: str) -> QPushButton:
    """A button that says in a tip what it does."""
    button = QPushButton(text)
    button.setAccessibleName(bare(text))
    button.setToolTip(tip)
    return button
