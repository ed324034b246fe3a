"""Pictures on screen: numpy to QImage, and painting in whole device pixels."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPaintDevice, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..export.ink import Picture
from .palette import EDGE, shade
from .raster import levels

FILLED = 0.85  # of the space, at least: where whole device pixels a cell would waste more, the picture is smoothed


def to_image(picture: Picture) -> QImage:
    """A QImage with its own memory of a picture (C, H, W) in [0, 1]: grey for one channel, colours for three."""
    pixels = levels(picture)
    form = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], form).copy()


def fitted_size(cells: QSize, space: QSizeF, ratio: float) -> QSizeF:
    """The largest size of a picture of ``cells`` in ``space``; whole device pixels a cell where that fills it.

    Args:
        cells: columns and rows of the picture.
        space: what is to be had, in logical pixels.
        ratio: device pixels a logical one.
    """
    scale = max(0, min(space.width() / max(1, cells.width()), space.height() / max(1, cells.height()))) * ratio
    whole = math.floor(scale + 1e-6)  # a size that came from here may fall short of whole pixels by a rounding
    scale = whole if whole >= FILLED * scale else scale
    return QSizeF(cells.width() * scale / ratio, cells.height() * scale / ratio)


def aligned(point: QPointF, ratio: float) -> QPointF:
    """The point moved to the nearest edge of device pixels."""
    return QPointF(round(point.x() * ratio) / ratio, round(point.y() * ratio) / ratio)


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter that is ended even after an exception: a forgotten one takes the process with it."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def paint_image(painter: QPainter, image: QImage, space: QRectF, ratio: float) -> None:
    """Paint an image in the middle of ``space``, as large and crisp as it goes."""
    size = fitted_size(image.size(), space.size(), ratio)
    corner = space.center() - QPointF(size.width(), size.height()) / 2
    paint_part(painter, QRectF(aligned(corner, ratio), size), image, QRectF(image.rect()), ratio)


def paint_part(painter: QPainter, target: QRectF, image: QImage, part: QRectF, ratio: float) -> None:
    """Paint a part of an image to a rectangle: crisp where each cell has whole device pixels, else smooth."""
    scale = target.width() * ratio / part.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, abs(scale - round(scale)) > 1e-6)
    painter.drawImage(target, image, part)


class PictureView(QWidget):
    """Shows one picture in the upper left corner, crisp at any size; an empty frame while there is none."""

    def __init__(self, name: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setMinimumSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._side = side
        self.picture: Picture | None = None
        self.image: QImage | None = None

    def set_picture(self, picture: Picture | None) -> None:
        """Show a picture (C, H, W) in [0, 1], or none."""
        self.picture = picture
        self.image = None if picture is None else to_image(picture)
        self._hug()
        self.update()

    def sizeHint(self) -> QSize:
        """The side that was asked for."""
        return QSize(self._side, self._side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """No higher than the picture will be, so that what stands below comes close."""
        self._hug()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or a frame."""
        with painting(self) as painter:
            if self.image is not None:
                size = self.fitted(QSizeF(self.size()))
                paint_image(painter, self.image, QRectF(QPointF(0, 0), size), self.devicePixelRatioF())
                return
            side = min(self.width(), self.height()) - 1
            frame = QRectF(0, 0, side, side)
            painter.setPen(shade(self, EDGE))
            painter.drawRect(frame.translated(0.5, 0.5))

    def fitted(self, space: QSizeF) -> QSizeF:
        """The size that the picture takes where there is so much space."""
        cells = self.image.size() if self.image else QSize(1, 1)
        return fitted_size(cells, space, self.devicePixelRatioF())

    def _hug(self) -> None:
        fitted = self.fitted(QSizeF(self.width(), math.inf))
        self.setMaximumHeight(max(self._side, math.ceil(fitted.height())))
