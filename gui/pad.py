"""The drawing pad: strokes of a mouse or a pen, or a picture; it is square, and keeps its drawing at any size."""

from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QColorConstants,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..export.bundle import Bundle
from ..export.framing import Framing
from ..trainer.pictures import Crop
from .palette import EDGE, shade
from .picture import fitted_size, paint_image, painting, to_image
from .strokes import LIGHTEST, PEN, Drawing, Points, smooth
from .translation import tr
from .wording import pad_hint

SCREEN = 0.06 / PEN  # a pen's width as part of the pad's side, for a pixel of the 20x20 box
BENT = 4  # points at the end of a stroke between which another point bends the curve
ERASER = 0.05  # its radius, as part of the side
DIMMED = QColor(0, 0, 0, 140)
SMALLEST = 160  # side, in logical pixels
ROUND = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


class Pad(QWidget):
    """White ink on black, like the pictures that the network knows.

    It shows a drawing, and says which one the user makes of it. The left button draws, the right one erases; a pen
    draws as hard as it is pressed, and erases with its other end.
    """

    edited = Signal(object)  # Drawing
    held = Signal(bool)  # a stroke begins or ends

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Drawing pad"))
        self.setAccessibleDescription(tr("Draw with the mouse or a pen; without a pointer, open a picture instead"))
        self.setToolTip(tr("Draw here, or drop a picture; the right button erases"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(SMALLEST, SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.drawing = Drawing()
        self._hint, self._crop = "", Crop()
        self._whole = True  # of a picture the network sees all
        self._erasing = False  # what the left button does
        self._image: QImage | None = None
        self._ink, self._inked, self._inked_at = QPixmap(), tuple[Points, ...](), (0, 0.0, 0.0)
        self._tool: Literal["pen", "eraser"] | None = None  # what is on the pad now

    def build(self, bundle: Bundle | None) -> None:
        """Say what may be drawn for another bundle, and which part of a picture it takes."""
        self._hint = pad_hint(bundle)
        framing = bundle.framing if bundle else Framing()
        self._whole, self._crop = framing.centred, framing.crop
        self.update()

    def set_drawing(self, drawing: Drawing) -> None:
        """Show a drawing; one that comes from elsewhere ends the stroke that is being drawn."""
        if drawing is not self.drawing:
            self._end()
            self._show(drawing)

    def set_erasing(self, erasing: bool) -> None:
        """Let the left button erase, or draw again."""
        self._erasing = erasing

    def area(self) -> QRectF:
        """The square that is drawn on."""
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def sizeHint(self) -> QSize:
        """What is enough: it takes all the room that is left, but none that the answers need."""
        return QSize(SMALLEST, SMALLEST)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw or to erase."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            erases = self._erasing or event.button() == Qt.MouseButton.RightButton
            self._begin(event.position(), 1.0, erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on, unless the button came up where this pad could not see it."""
        if event.buttons():
            self._move(event.position(), 1.0)
        else:
            self._end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen gives finer positions than the mouse; accepted, so that Qt sends no mouse events besides."""
        event.accept()
        weight = LIGHTEST + (1 - LIGHTEST) * event.pressure()
        if event.type() == QEvent.Type.TabletPress:
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._begin(event.position(), weight, self._erasing or eraser)
        elif event.type() == QEvent.Type.TabletMove:
            self._move(event.position(), weight)
        elif event.type() == QEvent.Type.TabletRelease:
            self._end()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture or the hint, the strokes, a frame."""
        with painting(self) as painter:
            area = self.area()
            painter.setClipRect(area)
            painter.fillRect(area, QColorConstants.Black)
            if self._image is not None:
                paint_image(painter, self._image, area, self.devicePixelRatioF())
                self._dim(painter, area)
            elif not self.drawing:
                painter.setPen(QColorConstants.Gray)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._hint)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            finished = len(self.drawing.strokes) - (self._tool == "pen")
            painter.drawPixmap(0, 0, self._ink_of(self.drawing.strokes[:finished]))
            for stroke in self.drawing.strokes[finished:]:
                self._paint_stroke(painter, stroke)
            painter.setPen(shade(self, EDGE))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _dim(self, painter: QPainter, area: QRectF) -> None:
        """Darken what the network does not see of a picture, which lies in the middle of the pad."""
        if self._image is None or self._whole:
            return
        shown = fitted_size(self._image.size(), area.size(), self.devicePixelRatioF())
        square = min(shown.width(), shown.height())
        side = square * self._crop.share
        seen = QRectF(0, 0, side, side)
        seen.moveCenter(area.center() + QPointF(0, square * self._crop.lowered))
        path = QPainterPath()
        path.addRect(area)
        path.addRect(seen)
        painter.fillPath(path, DIMMED)

    def _begin(self, position: QPointF, weight: float, erases: bool) -> None:
        if self.area().contains(position) and not self._tool:
            self.held.emit(True)
            self._tool = "eraser" if erases else "pen"
            x, y = self._part(position)
            self._edit(self.drawing.erased((x, y), ERASER) if erases else self.drawing.begun((x, y, weight)))

    def _move(self, position: QPointF, weight: float) -> None:
        x, y = self._part(position)
        if self._tool == "eraser":
            self._edit(self.drawing.erased((x, y), ERASER))
        elif self._tool == "pen" and (x, y) != tuple(self.drawing.strokes[-1][-1, :2]):
            self._edit(self.drawing.extended((x, y, weight)))

    def _end(self) -> None:
        if self._tool:
            self._tool = None
            self.held.emit(False)

    def _edit(self, drawing: Drawing) -> None:
        if drawing is not self.drawing:
            self._show(drawing)
            self.edited.emit(drawing)

    def _show(self, drawing: Drawing) -> None:
        if drawing.picture is not self.drawing.picture:
            self._image = (
                None if drawing.picture is None else to_image(np.atleast_3d(drawing.picture).transpose(2, 0, 1))
            )
        changed = self._changed(self.drawing, drawing)
        self.drawing = drawing
        self.update(changed)

    def _changed(self, old: Drawing, new: Drawing) -> QRect:
        """Where two drawings differ: at its end if a stroke was only drawn on, else anywhere."""
        before, after = old.strokes[-1:], new.strokes[-1:]
        others = [*map(id, old.strokes[:-1])] == [*map(id, new.strokes[:-1])]
        if not (before and after and others and old.width == new.width):
            return self.rect()
        if not np.array_equal(after[0][:-1], before[0]):
            return self.rect()
        side = self.area().width()
        (left, top), (right, bottom) = (bound(after[0][-BENT:, :2], axis=0) * side for bound in (np.min, np.max))
        beyond = SCREEN * new.width * side + max(right - left, bottom - top) / 2  # the pen, and where it swings
        end = QRectF(left, top, right - left, bottom - top).adjusted(-beyond, -beyond, beyond, beyond)
        return end.toAlignedRect()

    def _part(self, position: QPointF) -> tuple[float, float]:
        area = self.area()
        x, y = (position.x() - area.left()) / area.width(), (position.y() - area.top()) / area.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _ink_of(self, strokes: tuple[Points, ...]) -> QPixmap:
        """Finished strokes, kept as a picture: with each move of the pen only the last one has to be painted anew."""
        ratio = self.devicePixelRatioF()
        place = (round(self.area().width() * ratio), ratio, self.drawing.width)
        old = len(self._inked)
        if place != self._inked_at or [*map(id, self._inked)] != [*map(id, strokes[:old])]:
            self._ink, old = QPixmap(place[0], place[0]), 0
            self._ink.setDevicePixelRatio(ratio)
            self._ink.fill(Qt.GlobalColor.transparent)
        if strokes[old:]:
            with painting(self._ink) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                for stroke in strokes[old:]:
                    self._paint_stroke(painter, stroke)
        self._inked, self._inked_at = strokes, place
        return self._ink

    def _paint_stroke(self, painter: QPainter, stroke: Points) -> None:
        """One line where the pen has one width, else a line for each pair of points."""
        side = self.area().width()
        curve = smooth(stroke) * (side, side, SCREEN * self.drawing.width * side)
        even = np.ptp(curve[:, 2]) == 0
        for piece in [curve] if even else [curve[index : index + 2] for index in range(len(curve) - 1)]:
            painter.setPen(QPen(QColorConstants.White, max(float(piece[-1, 2]), 0.0), *ROUND))
            painter.drawPolyline([QPointF(x, y) for x, y in [*piece[:, :2], piece[-1, :2] + (0.01, 0)]])
