"""Two continuous codes at once: a square over both ranges, with pictures of what is where behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QColorConstants,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ..export.bundle import Bundle
from ..export.ink import Picture
from ..trainer.latents import Code, LatentSpec
from .hold import Hold
from .jobs import Tiles
from .latent import decimals, shown_range, training_range
from .palette import accent
from .picture import painting, to_image
from .raster import strip
from .section import GAP, Section
from .state import ExplorerState
from .translation import tr
from .traversal import Traversal
from .wheel import WheelGuard
from .wording import code_text, number_text

VALUES = 7  # pictures along each side
FAINT, CLEAR = 0.4, 0.8  # how much of them is seen, outside of what training covered and within
RADIUS = 7.0  # of the point
MARGIN = 0.5 / VALUES  # of the square beyond the ends of both ranges: a value lies in the middle of its picture
SMALLEST, LARGEST = 154, 245  # sides, in logical pixels: 22 and 35 a picture
STEP, FINE, COARSE = 1 / 80, 1 / 400, 1 / 16  # of a range, that arrow keys move: alone, with Shift, with Ctrl
KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


@dataclass(frozen=True)
class Side:
    """One code of the two."""

    code: Code
    low: float
    high: float

    @classmethod
    def of(cls, code: Code) -> "Side":
        """The side along which a code varies over the range that the app shows."""
        return cls(code, *shown_range(code))

    def part(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    def value(self, part: float) -> float:
        """The value at a part of the side; beyond its ends there are none."""
        return self.low + (self.high - self.low) * min(max(part, 0.0), 1.0)


class PlaneView(QWidget):
    """A square in which a point is dragged; the first code goes from left to right, the second one upwards."""

    moved = Signal(float, float)  # parts of the sides
    held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.point = (0.5, 0.5)
        self._side = LARGEST
        self._trained = QRectF(0, 0, 1, 1)
        self.images: list[QImage | None] = []  # one for each row, the lowest values first
        self._hold = Hold(self.held, KEYS)

    def set_trained(self, trained: QRectF) -> None:
        """Mark the part that training covered; pictures of before are gone."""
        self._trained, self.images = trained, [None] * VALUES
        self.update()

    def set_point(self, x: float, y: float) -> None:
        """Show where the codes are, in parts of the sides."""
        if (x, y) != self.point:
            self.update(self._ring())
            self.point = (x, y)
            self.update(self._ring())

    def set_row(self, row: int, pictures: Picture) -> None:
        """Show the pictures (VALUES, C, H, W) of one value of the second code."""
        self.images[row] = to_image(strip(pictures))
        self.update(self._row(row).toAlignedRect())

    def area(self) -> QRectF:
        """The square that is used."""
        return QRectF(0, 0, self.height(), self.height())

    def hasHeightForWidth(self) -> bool:
        """It is as high as it is wide."""
        return True

    def heightForWidth(self, width: int) -> int:
        """It is as high as it is wide."""
        return min(width, self._side)

    def set_side(self, side: int) -> None:
        """Be no larger, as far as it stays large enough to drag in; what is left over belongs to other controls."""
        side = min(max(side, SMALLEST), LARGEST)
        if side != self._side:
            self._side = side
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """A comfortable size to drag in."""
        return QSize(240, 240)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place, and begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hold.press()
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self._hold.dragging and event.buttons():
            self._go(event.position())
        elif self._hold.dragging:
            self._hold.release()  # it was let go where this square could not see it

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag is over."""
        self._hold.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the middle."""
        self.moved.emit(0.5, 0.5)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the point, finely with Shift, coarsely with Ctrl; Home goes to the middle."""
        if event.key() == Qt.Key.Key_Home:
            self.moved.emit(0.5, 0.5)
        elif event.key() in KEYS:
            self._hold.key(event, down=True)
            modifiers = event.modifiers()
            fine, coarse = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
            step = FINE if modifiers & fine else COARSE if modifiers & coarse else STEP
            across, up = KEYS[Qt.Key(event.key())]
            self.moved.emit(self.point[0] + across * step, self.point[1] + up * step)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The key is up."""
        self._hold.key(event, down=False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whatever was down will come up elsewhere."""
        super().focusOutEvent(event)
        self._hold.release()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Faint pictures, the range of training, the point; of the pictures only those that have changed."""
        with painting(self) as painter:
            area = self.area()
            painter.fillRect(area, QColorConstants.Black)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            frame = self._frame()
            for opacity, part in ((FAINT, area), (CLEAR, frame)):
                self._paint_tiles(painter, opacity, part, event.region())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, width in ((QColor(QColorConstants.Black), 4.0), (accent(self), 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawRect(frame)
            self._paint_point(painter)
            if self.hasFocus():
                self._paint_focus(painter)

    def _paint_focus(self, painter: QPainter) -> None:
        """Two lines within the edge: white shows on the pictures, which are black, and the accent on the window."""
        for colour, width, inset in ((QColor(QColorConstants.White), 2.0, 3.0), (accent(self), 2.0, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(self.area().adjusted(inset, inset, -inset, -inset))

    def _frame(self) -> QRectF:
        """What training covered."""
        low = self._place(self._trained.left(), self._trained.top())
        return QRectF(low, self._place(self._trained.right(), self._trained.bottom())).normalized()

    def _row(self, row: int) -> QRectF:
        """Where a row of pictures is."""
        area, height = self.area(), self.area().height() / VALUES
        return QRectF(0, area.bottom() - (row + 1) * height, area.width(), height)

    def _paint_tiles(self, painter: QPainter, opacity: float, part: QRectF, changed: QRegion) -> None:
        """The pictures in a part of the square, on black."""
        painter.setClipRect(part)
        painter.fillRect(part, QColorConstants.Black)
        painter.setOpacity(opacity)
        for row, image in enumerate(self.images):
            if image and changed.intersects(self._row(row).toAlignedRect()):
                painter.drawImage(self._row(row), image)
        painter.setOpacity(1)
        painter.setClipping(False)

    def _paint_point(self, painter: QPainter) -> None:
        """A ring that shows on any picture."""
        centre = self._place(*self.point)
        painter.setPen(QPen(QColorConstants.Black, 5))
        painter.drawEllipse(centre, RADIUS, RADIUS)
        painter.setPen(QPen(QColorConstants.White, 2))
        painter.setBrush(accent(self))
        painter.drawEllipse(centre, RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ring(self) -> QRect:
        """What the point covers."""
        across = 2 * RADIUS + 6
        ring = QRectF(0, 0, across, across)
        ring.moveCenter(self._place(*self.point))
        return ring.toAlignedRect()

    def _place(self, x: float, y: float) -> QPointF:
        span = self._span()
        return QPointF(span.left() + x * span.width(), span.bottom() - y * span.height())

    def _go(self, position: QPointF) -> None:
        span = self._span()
        self.moved.emit((position.x() - span.left()) / span.width(), (span.bottom() - position.y()) / span.height())

    def _span(self) -> QRectF:
        """From the lowest to the highest values: from the middle of the first picture to that of the last."""
        area = self.area()
        across, down = MARGIN * area.width(), MARGIN * area.height()
        return area.adjusted(across, down, -across, -down)


class Plane(Section):
    """The square, and where there are more than two continuous codes, boxes that choose two of them."""

    edited = Signal(object)  # values by the names of codes
    axes_changed = Signal()
    held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Two codes at once"), parent=parent)
        self.view, self.across, self.up = PlaneView(), QComboBox(), QComboBox()
        self._choices = QWidget()
        self._sides: list[Side] = []
        self._codes: Sequence[Code] = ()
        self._bundle: Bundle | None = None
        self.traversal: Traversal | None = None
        self._lay_out()
        self.view.moved.connect(self._move)
        self.view.held.connect(self.held)
        for box in (self.across, self.up):
            WheelGuard(box)
            box.currentIndexChanged.connect(self._choose)

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Offer the continuous codes of another latent spec; the first two, to begin with."""
        self._codes, self._bundle = latents.continuous, bundle
        for box, index in ((self.across, 0), (self.up, 1)):
            with QSignalBlocker(box):
                box.clear()
                for code in self._codes:
                    box.addItem(code_text(bundle, code), code.name)
                box.setCurrentIndex(min(index, box.count() - 1))
        self._choices.setVisible(len(self._codes) > 2)
        self.setVisible(len(self._codes) > 1)
        self._choose()

    def show_state(self, state: ExplorerState) -> None:
        """Show where the two codes are."""
        values = [state.value(side.code.name) for side in self._sides]
        parts = [side.part(value) for side, value in zip(self._sides, values, strict=True)]
        if len(parts) == 2:
            self.view.set_point(*parts)
        texts = [
            f"{side.code.name} {number_text(value, decimals(side.code))}"
            for side, value in zip(self._sides, values, strict=True)
        ]
        self.view.setAccessibleDescription(", ".join(texts))

    def plan(self, state: ExplorerState) -> Traversal | None:
        """What lies behind the point: the second code down the rows, from its lowest value, the first across."""
        if len(self._sides) < 2:
            return None
        return Traversal.of(state, self._sides[1].code.name, self._sides[0].code.name, count=VALUES)

    def set_tiles(self, tiles: Tiles) -> None:
        """Show a row of pictures, unless it belongs to a plane of before."""
        if tiles.traversal == self.traversal:
            self.view.set_row(tiles.row, tiles.pictures)

    def nudge(self, state: ExplorerState, across: float, up: float) -> None:
        """Move the codes by parts of their ranges; where there is only one, it goes from left to right."""
        sides = self._sides or [Side.of(code) for code in self._codes]
        moves = zip(sides, (across, up), strict=False)
        values = {side.code.name: side.value(side.part(state.value(side.code.name)) + move) for side, move in moves}
        if values:
            self.edited.emit(values)

    def _lay_out(self) -> None:
        self.view.setAccessibleName(tr("Two codes at once"))
        self.view.setToolTip(
            tr("Drag to change both codes; framed: the range of training.\nDouble-click: back to the middle.")
        )
        row = QHBoxLayout(self._choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        boxes = (("→", self.across, tr("Code from left to right")), ("↑", self.up, tr("Code upwards")))
        for sign, box, name in boxes:
            box.setAccessibleName(name)
            box.setToolTip(name)
            row.addWidget(QLabel(sign))
            row.addWidget(box, 1)
        self.body.addWidget(self._choices)
        self.body.addWidget(self.view)

    def _choose(self) -> None:
        """Take the codes that the boxes name; one code cannot go both ways."""
        if self.across.currentIndex() == self.up.currentIndex() and self.up.count() > 1:
            with QSignalBlocker(self.up):
                self.up.setCurrentIndex((self.across.currentIndex() + 1) % self.up.count())
        by_name = {code.name: code for code in self._codes}
        names = [box.currentData() for box in (self.across, self.up)] if len(by_name) > 1 else []
        self._sides = [Side.of(by_name[name]) for name in names]
        self.traversal = None
        if self._sides:
            across, up = (code_text(self._bundle, side.code) for side in self._sides)
            self.title.setText(tr("{across} → and {up} ↑", across=across, up=up))
            (left, right), (low, high) = (
                tuple(side.part(value) for value in training_range(side.code)) for side in self._sides
            )
            self.view.set_trained(QRectF(left, low, right - left, high - low))
        self.axes_changed.emit()

    def _move(self, across: float, up: float) -> None:
        moves = zip(self._sides, (across, up), strict=True)
        self.edited.emit({side.code.name: side.value(part) for side, part in moves})
