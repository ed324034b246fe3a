"""A slider and a number box for a continuous code."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLocale, QObject, QPointF, QRect, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QValidator,
)
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QLineEdit, QSlider, QStyle, QStyleOptionSlider, QWidget

from .film import Film
from .hold import HoldWatcher
from .palette import EDGE, accent, shade
from .picture import painting
from .section import Section
from .translation import tr
from .wheel import WheelGuard
from .wording import number_text, plain

STEPPING = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}  # in a number box too
KEYS = STEPPING | {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}
STEPS = 400  # of the slider over the whole range
MARK = 3.5  # half the width of the marks of what Q reads
HIGH = 30  # of a slider with such marks: they have lanes of their own below and above the handle
HANDLE = 15  # across
BAND, TICK, GROOVE = 14, 18, 4  # heights of the marks of the training range and of the middle, and of the groove


class RangeSlider(QSlider):
    """A horizontal slider over an interval, with a part of it shaded and some numbers marked.

    It goes where it is clicked. Of a drag, and of a key that is kept down, it says when they begin and end.
    """

    moved = Signal(float)
    held = Signal(bool)
    reset = Signal()

    def __init__(
        self,
        shown: tuple[float, float],
        shaded: tuple[float, float] | None = None,
        marked: Sequence[float] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._high = shown
        self._shaded, self._marked = shaded, marked
        self.reading: tuple[float, float] | None = None
        self.drawn: tuple[float, float] | None = None
        HoldWatcher(self, self.held, KEYS)
        WheelGuard(self)
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 80)
        self.setPageStep(STEPS // 16)
        self.valueChanged.connect(self._move)

    def set_marked(self, marked: Sequence[float]) -> None:
        """Mark other numbers."""
        self._marked = marked
        self.update()

    def set_number(self, number: float) -> None:
        """Put the handle at a number of the interval; ``moved`` stays silent."""
        with QSignalBlocker(self):
            self.setValue(self._step(number))

    def set_readings(self, reading: tuple[float, float] | None, drawn: tuple[float, float] | None = None) -> None:
        """Mark what Q reads, mean and standard deviation: in the picture below the groove, in a drawing above it."""
        if (reading, drawn) != (self.reading, self.drawn):
            self.reading, self.drawn = reading, drawn
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle to the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and not self._handle().contains(event.position().toPoint()):
            span = self.width() - self._handle().width()
            left = round(event.position().x() - self._handle().width() / 2)
            self.setValue(QStyle.sliderValueFromPosition(0, STEPS, left, span))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the number that is marked."""
        self.reset.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The shaded part, the groove and the middle lie behind the handle.

        The style's own groove is filled from the left, as if the values were amounts.
        """
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._shaded:
                self._paint_bar(painter, *self._shaded, BAND, accent(self, 0.45))
            self._paint_bar(painter, self._low, self._high, GROOVE, shade(self, EDGE))
            for marked in self._marked:
                text = self.palette().color(QPalette.ColorRole.WindowText)
                self._paint_bar(painter, marked, marked, TICK, text)
            if self.reading:
                self._paint_reading(painter, *self.reading, self.height() - 1.0, -1)
            if self.drawn:
                self._paint_reading(painter, *self.drawn, 1.0, 1)
            self._paint_handle(painter)

    def _paint_bar(self, painter: QPainter, low: float, high: float, height: int, colour: QColor) -> None:
        """From one number to another, a pixel wide at least."""
        left, right = self._x(low), self._x(high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        bar = QRectF(left - 0.5, (self.height() - height) / 2, right - left + 1, height)
        painter.drawRoundedRect(bar, min(3, bar.width() / 2), min(3, height / 2))

    def _paint_handle(self, painter: QPainter) -> None:
        """A disc with an edge that shows on any ground; the style's own handle is lost on a dark one."""
        text, ground = (self.palette().color(role) for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Base))
        painter.setPen(QPen(accent(self) if self.hasFocus() else text, 3.0 if self.hasFocus() else 1.5))
        painter.setBrush(ground)
        across = HANDLE - painter.pen().widthF()
        painter.drawEllipse(QRectF(self._handle()).center(), across / 2, across / 2)

    def _paint_reading(self, painter: QPainter, mean: float, std: float, y: float, up: int) -> None:
        """A line over mean ± std at a height, and a mark at the mean, that points up (-1) or down (1)."""
        left, middle, right = (
            self._x(min(max(number, self._low), self._high)) for number in (mean - std, mean, mean + std)
        )
        text = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(text, 1.5))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(text)
        painter.drawPolygon([QPointF(middle - MARK, y), QPointF(middle, y + 2 * up * MARK), QPointF(middle + MARK, y)])

    def _move(self, step: int) -> None:
        self.moved.emit(self._low + (self._high - self._low) * step / STEPS)

    def _step(self, number: float) -> int:
        return round((number - self._low) / (self._high - self._low) * STEPS)

    def _handle(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, handle = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(control, option, handle, self)

    def _x(self, number: float) -> float:
        """Where the middle of the handle is at a number."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        span = self.width() - handle
        return handle / 2 + QStyle.sliderPositionFromValue(0, STEPS, self._step(number), span)


class NumberBox(QDoubleSpinBox):
    """Writes numbers as the rest of the app does, "+0.80" and "−2.00"; it reads them with any minus and a comma too.

    Of an arrow that is kept down, with the mouse or as a key, it says when that begins and ends.
    """

    held = Signal(bool)

    def __init__(self, signed: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signed = signed
        self.setLocale(QLocale.c())
        HoldWatcher(self, self.held, STEPPING)
        WheelGuard(self)
        self.setKeyboardTracking(False)  # else "1" becomes "+1.00" before ".5" is typed
        WholeNumberSelected(self)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def textFromValue(self, value: float) -> str:
        """With a sign, if wanted."""
        text = number_text(value, self.decimals())
        return text if self._signed else text.lstrip("+")

    def valueFromText(self, text: str) -> float:
        """Of a text that :meth:`validate` accepts."""
        return super().valueFromText(_plain(text))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Leave the text as it was typed."""
        state, *_ = super().validate(_plain(text), position)
        return state, text, position


class WholeNumberSelected(QObject):
    """A double click selects all of a box's number, not the digits on one side of its dot."""

    def __init__(self, box: QAbstractSpinBox) -> None:
        super().__init__(box)
        box.lineEdit().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the class."""
        if event.type() != QEvent.Type.MouseButtonDblClick or not isinstance(watched, QLineEdit):
            return False
        watched.selectAll()
        return True


def leave_on_enter(box: QAbstractSpinBox, to: QWidget) -> None:
    """Enter sets a number: then the keys are the window's again, above all Ctrl+Z, which a box keeps to itself."""
    box.lineEdit().returnPressed.connect(to.setFocus)


class CodeSlider(Section):
    """A continuous code: slider and number box in step; a double click on the slider sets the middle."""

    edited = Signal(str, float)  # name of the code, value
    held = Signal(bool)

    def __init__(
        self,
        name: str,
        title: str,
        shown: tuple[float, float],
        trained: tuple[float, float],
        about: str = "",
        decimals: int = 2,
        rounding: float = 0.0,
        parent: QWidget | None = None,
    ) -> None:
        self.number = NumberBox()
        self.number.setDecimals(decimals)  # before the range, which is rounded to them
        super().__init__(title, self.number, parent, resets=plain(name))
        self.name, self._rounding = name, rounding
        self.film = Film()
        self._middle = sum(shown) / 2
        self.number.setRange(*shown)
        self.number.setSingleStep((shown[1] - shown[0]) / 40)
        self.slider = RangeSlider(shown, trained, [self._middle])
        self.slider.setMinimumHeight(HIGH)
        self.body.addWidget(self.slider)
        self.body.addWidget(self.film)
        self._describe(title, shown, trained, about)
        self.slider.moved.connect(self._edit)
        for dragged in (self.slider, self.number):
            dragged.held.connect(self.held)
        for resetting in (self.slider, self):
            resetting.reset.connect(self._reset)
        self.number.valueChanged.connect(self._edit)
        leave_on_enter(self.number, self.slider)

    def set_value(self, value: float) -> None:
        """Show a value; ``edited`` stays silent."""
        self.slider.set_number(value)
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self.set_default(abs(value - self._middle) <= self._rounding)

    def _describe(self, title: str, shown: tuple[float, float], trained: tuple[float, float], about: str) -> None:
        tip = tr(
            "{title}, from {low:g} to {high:g}.\nShaded: {first:g} to {last:g}, the range of training.\n"
            "The mark below: what the network reads in the picture; above: in your drawing.\n"
            "Double-click: back to {middle:g}, which is marked.",
            title=title,
            low=shown[0],
            high=shown[1],
            first=trained[0],
            last=trained[1],
            middle=self._middle,
        )
        names = (self.slider, tr("{title}, slider", title=title)), (self.number, tr("{title}, number", title=title))
        for widget, name in names:
            widget.setAccessibleName(name)
            widget.setToolTip(f"{about}.\n{tip}" if about else tip)

    def _edit(self, value: float) -> None:
        self.edited.emit(self.name, value)

    def _reset(self) -> None:
        self._edit(self._middle)


def _plain(text: str) -> str:
    """A number as Qt reads it."""
    return text.replace("−", "-").replace(",", ".")
