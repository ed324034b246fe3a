"""The column beside the pad: eraser, width of the pen, how a picture's ink is found, what is done with the whole."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ..export.bundle import Bundle
from ..export.ink import Finding, found_threshold
from .check_box import CheckBox
from .section import GAP
from .slider import RangeSlider
from .strokes import PEN, THICKEST, THINNEST, Drawing
from .translation import tr
from .wording import bare


class Tools(QWidget):
    """Buttons, and a slider: for the width of the pen, or where there is a picture for the threshold of its ink."""

    edited = Signal(object)  # Drawing
    held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing, self._has_threshold = Drawing(), True
        self.eraser = tool(tr("E&raser"), tr("Wipe ink away instead of drawing; the right mouse button always does"))
        self.eraser.setCheckable(True)
        self.width_slider = RangeSlider((THINNEST, THICKEST), marked=[PEN])
        self.width_slider.setAccessibleName(tr("Width of the pen"))
        self.width_slider.setToolTip(tr("Width of the pen, as the network sees it; double-click: the usual one"))
        self.undo = tool("", "")
        self.clear = tool(tr("Clear"), tr("Take away the whole drawing (Del)"))
        self.open = tool(tr("Open &picture…"), tr("Read a picture from a file; dropping one here does the same"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.threshold = RangeSlider((0, 1))
        self.threshold.setAccessibleName(tr("Threshold of the picture's ink"))
        self.threshold.setToolTip(tr("What is fainter counts as paper; double-click: as found in the picture"))
        self.inverted = CheckBox(tr("&Invert"))
        self.inverted.setToolTip(tr("Take as ink what counts as paper now"))
        pen, level = QLabel(tr("Pen w&idth")), QLabel(tr("Threshold"))
        pen.setBuddy(self.width_slider)
        self._of_strokes, self._of_ink = (pen, self.width_slider), (level, self.threshold)
        buttons = self.undo, self.clear, self.open
        for widget in (self.eraser, *self._of_strokes, *self._of_ink, self.inverted, *buttons):
            column.addWidget(widget)
        self.eraser.toggled.connect(self._show_eraser)
        self.width_slider.moved.connect(self._set_width)
        self.width_slider.reset.connect(lambda: self._set_width(PEN))
        self.threshold.moved.connect(self._set_threshold)
        self.threshold.reset.connect(lambda: self._set_threshold(None))
        self.inverted.toggled.connect(self._set_inverted)
        for slider in (self.width_slider, self.threshold):
            slider.held.connect(self.held)

    def build(self, bundle: Bundle | None) -> None:
        """Offer a threshold where another bundle's pictures are ink on paper, found as MNIST's was."""
        self._has_threshold = bundle is None or bundle.framing.centred
        self.show_drawing(self.drawing)

    def show_drawing(self, drawing: Drawing) -> None:
        """Allow what can be done with a drawing."""
        self.drawing = drawing
        for button in (self.undo, self.clear):
            button.setEnabled(bool(drawing))
        picture, (threshold, inverted) = drawing.grey, drawing.finding
        for widgets, shown in (
            (self._of_strokes, picture is None),
            (self._of_ink, picture is not None and self._has_threshold),
            ([self.inverted], picture is not None),
        ):
            for widget in widgets:
                widget.setVisible(shown)
        if picture is None:
            name(self.undo, tr("Und&o stroke"), tr("Take away the last stroke"))
        else:
            name(self.undo, tr("Rem&ove picture"), tr("Take away the picture"))
        self.width_slider.set_number(drawing.width)
        if picture is not None:
            self.threshold.set_number(found_threshold(picture, inverted) if threshold is None else threshold)
            with QSignalBlocker(self.inverted):
                self.inverted.setChecked(inverted)

    def _show_eraser(self, on: bool) -> None:
        """Say it in words: a pressed button is hard to tell from one that is not."""
        self.eraser.setText(tr("E&raser: on") if on else tr("E&raser"))

    def _set_width(self, width: float) -> None:
        self.edited.emit(replace(self.drawing, width=width))

    def _set_threshold(self, threshold: float | None) -> None:
        self.edited.emit(replace(self.drawing, finding=self.drawing.finding._replace(threshold=threshold)))

    def _set_inverted(self, inverted: bool) -> None:
        """What was found for one ground says nothing of the other."""
        self.edited.emit(replace(self.drawing, finding=Finding(inverted=inverted)))


def tool(text: str, tip: str) -> QPushButton:
    """A button that says in a tip what it does."""
    button = QPushButton()
    name(button, text, tip)
    return button


def name(button: QPushButton, text: str, tip: str) -> None:
    """Give a button its text, and a tip that says what it does."""
    button.setText(text)
    button.setAccessibleName(bare(text))
    button.setToolTip(tip)
