"""The drawing pad: strokes of a mouse or a pen, or a picture; it is square, and keeps its drawing at any size."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColorConstants,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from .ink import Picture
from .palette import EDGE, shade
from .picture import paint_image, painting, to_image
from .strokes import Drawing, smooth

PEN = 0.06  # of the pad's side
SMALLEST = 160  # side, in logical pixels
HINT = "Draw a digit here\nor drop a picture"


class Pad(QWidget):
    """White ink on black, like the pictures that the network knows."""

    changed = Signal()  # the drawing is another one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription("Draw with the mouse or a pen; without a pointer, open a picture instead")
        self.setToolTip("Draw a digit, or drop a picture of one here")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(SMALLEST, SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._strokes: list[list[tuple[float, float]]] = []  # points as parts of the side
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._drawing = False

    def drawing(self) -> Drawing:
        """A copy of what is on the pad."""
        return Drawing(tuple(np.array(stroke) for stroke in self._strokes), self._picture)

    def set_picture(self, picture: Picture) -> None:
        """Put a picture (h, w) of grey in [0, 1] on the pad, instead of what was there."""
        self._strokes.clear()
        self._picture, self._image = picture, to_image(picture[None])
        self._announce()

    def undo(self) -> None:
        """Take away the last stroke, or the picture."""
        self._drawing = False  # or the hand that still draws would go on with the stroke before
        if self._strokes:
            self._strokes.pop()
            self._announce()
        else:
            self.clear()

    def clear(self) -> None:
        """Take away everything."""
        if self.drawing():
            self._strokes.clear()
            self._picture = self._image = None
            self._announce()

    def area(self) -> QRectF:
        """The square that is drawn on."""
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def sizeHint(self) -> QSize:
        """A comfortable size to draw at."""
        return QSize(320, 320)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._extend(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drawing = False

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen gives finer positions than the mouse; accepted, so that Qt sends no mouse events besides."""
        event.accept()
        if event.type() == QEvent.Type.TabletPress:
            self._begin(event.position())
        elif event.type() == QEvent.Type.TabletMove and self._drawing:
            self._extend(event.position())
        elif event.type() == QEvent.Type.TabletRelease:
            self._drawing = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture or the hint, the strokes, a frame."""
        with painting(self) as painter:
            area = self.area()
            painter.setClipRect(area)
            painter.fillRect(area, QColorConstants.Black)
            if self._image is not None:
                paint_image(painter, self._image, area, self.devicePixelRatioF())
            elif not self._strokes:
                painter.setPen(QColorConstants.Gray)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, HINT)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            round_pen = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(QPen(QColorConstants.White, PEN * area.width(), *round_pen))
            for stroke in self._strokes:
                painter.drawPath(self._path(stroke))
            painter.setPen(shade(self, EDGE))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _begin(self, position: QPointF) -> None:
        if not self.area().contains(position):
            return
        self._picture = self._image = None
        self._strokes.append([self._part(position)])
        self._drawing = True
        self._announce()

    def _extend(self, position: QPointF) -> None:
        point = self._part(position)
        if self._drawing and point != self._strokes[-1][-1]:
            self._strokes[-1].append(point)
            self._announce()

    def _announce(self) -> None:
        self._drawing = self._drawing and bool(self._strokes)
        self.update()
        self.changed.emit()

    def _part(self, position: QPointF) -> tuple[float, float]:
        area = self.area()
        x, y = (position.x() - area.left()) / area.width(), (position.y() - area.top()) / area.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _path(self, stroke: list[tuple[float, float]]) -> QPainterPath:
        area = self.area()
        points = [area.topLeft() + QPointF(x, y) * area.width() for x, y in smooth(np.array(stroke))]
        path = QPainterPath(points[0])
        for point in points[1:] or [points[0] + QPointF(0.01, 0)]:  # Qt leaves out lines without length: dots
            path.lineTo(point)
        return path
