"""A picture file -> levels of grey or of colours. Nothing is decoded before its size is known."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColorConstants, QImage, QImageReader

from ..export.ink import Picture
from ..trainer.errors import UserError
from ..trainer.pictures import is_grey
from .picture import painting
from .raster import latent_in
from .translation import tr

# Qt knows more formats; an SVG, for one, can name other files and grow without end.
FORMATS = ("png", "jpeg", "gif", "bmp", "webp", "tiff")
MAX_BYTES = 32 * 2**20
MAX_PIXELS = 64 * 10**6
MAX_SIDE = 1024  # larger photos are shrunk while they are read: a digit needs no more


class PictureError(UserError):
    """A file that is not a picture that can be read, in one sentence."""


def read_picture(path: Path) -> Picture:
    """Read a picture of one of the formats ``FORMATS``, whatever the file is called.

    Returns:
        (h, w) float32 grey in [0, 1], or (h, w, 3) where it has colours, transparent parts white.

    Raises:
        PictureError: it is not there, too large, or not a picture.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise PictureError(tr("{path} cannot be read: {reason}.", path=path, reason=error.strerror)) from error
    if size > MAX_BYTES:
        raise PictureError(
            tr("{path} is larger than {most} MB: expected a smaller picture.", path=path, most=MAX_BYTES // 2**20)
        )
    return to_levels(_decode(path))


def opened_picture(path: Path) -> Picture | str:
    """The JSON of the latent that a picture of this app carries, or the picture as :func:`read_picture` gives it."""
    return latent_in(path) or read_picture(path)


def shrunk(image: QImage) -> QImage:
    """An image of which no side is longer than is needed."""
    if max(image.width(), image.height()) <= MAX_SIDE:
        return image
    size = image.size().scaled(QSize(MAX_SIDE, MAX_SIDE), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def to_levels(image: QImage) -> Picture:
    """Levels float32 in [0, 1] of an image, (h, w) where it is grey, else (h, w, 3); transparent parts white."""
    image = _opaque(image)
    colour = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(colour.constBits(), np.uint8).reshape(colour.height(), colour.bytesPerLine())
    pixels = rows[:, : 3 * colour.width()].reshape(colour.height(), -1, 3)
    return to_grey(image) if is_grey(pixels) else (pixels / 255).astype(np.float32)


def to_grey(image: QImage) -> Picture:
    """Grey levels (h, w) float32 in [0, 1] of an image, transparent parts white."""
    grey = _opaque(image).convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return (rows[:, : grey.width()] / 255).astype(np.float32)


def _opaque(image: QImage) -> QImage:
    if not image.hasAlphaChannel():
        return image
    opaque = QImage(image.size(), QImage.Format.Format_RGB32)
    opaque.fill(QColorConstants.White)
    with painting(opaque) as painter:
        painter.drawImage(0, 0, image)
    return opaque


def _decode(path: Path) -> QImage:
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size() if reader.format().toStdString() in FORMATS else QSize()
    if not size.isValid():
        raise PictureError(
            tr(
                "{path} is not a picture that can be read: expected a PNG, JPEG, GIF, BMP, WebP or TIFF file.",
                path=path,
            )
        )
    if size.width() * size.height() > MAX_PIXELS:
        raise PictureError(
            tr(
                "{path} has {width} x {height} pixels, too many: shrink it first.",
                path=path,
                width=size.width(),
                height=size.height(),
            )
        )
    if max(size.width(), size.height()) > MAX_SIDE:
        reader.setScaledSize(size.scaled(QSize(MAX_SIDE, MAX_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise PictureError(tr("{path} is a damaged picture: {reason}.", path=path, reason=reader.errorString()))
    return image
