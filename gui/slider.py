"""A slider and a number box for a continuous code."""

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QStyle, QStyleOptionSlider, QWidget

from .palette import accent
from .picture import painting
from .section import Section

STEPS = 400  # of the slider over the whole range
BAND = 12  # height of the mark of the training range


class RangeSlider(QSlider):
    """A horizontal slider over an interval, with a part of it shaded."""

    moved = Signal(float)
    reset = Signal()

    def __init__(self, shown: tuple[float, float], shaded: tuple[float, float], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._high = shown
        self._shaded = shaded
        self.setRange(0, STEPS)
        self.setPageStep(STEPS // 16)
        self.valueChanged.connect(self._move)

    def set_number(self, number: float) -> None:
        """Put the handle at a number of the interval; ``moved`` stays silent."""
        with QSignalBlocker(self):
            self.setValue(self._step(number))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the middle."""
        self.reset.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The shaded part lies behind the groove."""
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent(self, 0.25))
            left, right = (self._x(number) for number in self._shaded)
            painter.drawRoundedRect(QRectF(left, (self.height() - BAND) / 2, right - left, BAND), 3, 3)
        super().paintEvent(event)

    def _move(self, step: int) -> None:
        self.moved.emit(self._low + (self._high - self._low) * step / STEPS)

    def _step(self, number: float) -> int:
        return round((number - self._low) / (self._high - self._low) * STEPS)

    def _x(self, number: float) -> float:
        """Where the middle of the handle is at a number."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        span = self.width() - handle
        return handle / 2 + QStyle.sliderPositionFromValue(0, STEPS, self._step(number), span)


class CodeSlider(Section):
    """A continuous code: slider and number box in step; a double click on the slider sets the middle."""

    edited = Signal(str, float)  # name of the code, value

    def __init__(
        self,
        name: str,
        title: str,
        shown: tuple[float, float],
        trained: tuple[float, float],
        parent: QWidget | None = None,
    ) -> None:
        self.number = QDoubleSpinBox()
        super().__init__(title, self.number, parent)
        self.name = name
        self._middle = sum(shown) / 2
        self.number.setRange(*shown)
        self.number.setSingleStep((shown[1] - shown[0]) / 40)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slider = RangeSlider(shown, trained)
        self.body.addWidget(self.slider)
        self._describe(title, shown, trained)
        self.slider.moved.connect(self._edit)
        self.slider.reset.connect(self._reset)
        self.number.valueChanged.connect(self._edit)

    def set_value(self, value: float) -> None:
        """Show a value; ``edited`` stays silent."""
        self.slider.set_number(value)
        with QSignalBlocker(self.number):
            self.number.setValue(value)

    def _describe(self, title: str, shown: tuple[float, float], trained: tuple[float, float]) -> None:
        tip = (
            "{}, from {:g} to {:g}.\nShaded: {:g} to {:g}, the values it had in training.\nDouble-click: back to {:g}."
        )
        for widget, kind in ((self.slider, "slider"), (self.number, "number")):
            widget.setAccessibleName(f"{title}, {kind}")
            widget.setToolTip(tip.format(title, *shown, *trained, self._middle))

    def _edit(self, value: float) -> None:
        self.edited.emit(self.name, value)

    def _reset(self) -> None:
        self._edit(self._middle)
