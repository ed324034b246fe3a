"""A traversal as a figure for a text: tiles with labelled axes, black on white, as PNG, SVG or PDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColorConstants,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator

from ..export.ink import Picture
from ..trainer.atomic import write_bytes
from .picture import painting, to_image
from .raster import PixelError
from .translation import tr

TILE = 56.0  # side of a tile's longer side, in points of the figure
GAP, MARGIN, TEXT = 3.0, 8.0, 13  # points; TEXT is the height of the font
CRISP = 8  # times that tiles are enlarged in vector files, for readers smooth what they enlarge themselves
RATIO = 4  # pixels of a PNG to a point
FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"


@dataclass(frozen=True)
class Figure:
    """What a figure shows.

    Attributes:
        names: what varies along the rows, and along the columns; empty for nothing.
        ticks: a text for each row, and for each column.
        rows: the pictures (columns, C, H, W) of each row.
    """

    names: tuple[str, str]
    ticks: tuple[Sequence[str], Sequence[str]]
    rows: Sequence[Picture]

    def tile(self) -> QSizeF:
        """The size of a tile, in points."""
        height, width = self.rows[0].shape[2:]
        return QSizeF(width * TILE / max(height, width), height * TILE / max(height, width))

    def corner(self) -> tuple[float, float]:
        """Left and upper edge of the first tile, in points."""
        metrics = QFontMetricsF(font())
        widest = max((metrics.horizontalAdvance(text) for text in self.ticks[0]), default=0.0)
        lines = bool(self.names[1]) + any(self.ticks[1])
        title = metrics.height() if self.names[0] else 0.0
        return MARGIN + title + (widest + GAP if widest else 0), MARGIN + lines * metrics.height() + GAP

    def size(self) -> QSizeF:
        """The whole figure, in points."""
        (left, top), tile = self.corner(), self.tile()
        rows, columns = len(self.rows), len(self.rows[0])
        width = left + columns * (tile.width() + GAP) - GAP + MARGIN
        return QSizeF(width, top + rows * (tile.height() + GAP) - GAP + MARGIN)

    def paint(self, painter: QPainter) -> None:
        """Paint it with its upper left corner at 0, 0."""
        painter.setFont(font())
        painter.setPen(QColorConstants.Black)
        (left, top), tile, line = self.corner(), self.tile(), QFontMetricsF(font()).height()
        centred, bottom = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        size = self.size()
        painter.drawText(QRectF(left, MARGIN, size.width() - left - MARGIN, line), centred, self.names[1])
        self._paint_sideways(painter, QRectF(MARGIN, top, line, size.height() - top - MARGIN))
        for column, text in enumerate(self.ticks[1]):
            x = left + column * (tile.width() + GAP)
            painter.drawText(QRectF(x, top - GAP - line, tile.width(), line), bottom, text)
        for row, (text, pictures) in enumerate(zip(self.ticks[0], self.rows, strict=True)):
            y = top + row * (tile.height() + GAP)
            painter.drawText(QRectF(0, y, left - GAP, tile.height()), right, text)
            for column, picture in enumerate(pictures):
                place = QRectF(left + column * (tile.width() + GAP), y, tile.width(), tile.height())
                painter.drawImage(place, _crisp(picture))

    def _paint_sideways(self, painter: QPainter, place: QRectF) -> None:
        """The name of what varies down the rows, to be read from below."""
        painter.save()
        painter.translate(place.left(), place.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, place.height(), place.width()), Qt.AlignmentFlag.AlignCenter, self.names[0])
        painter.restore()


def font() -> QFont:
    """The app's font at the size of a figure."""
    chosen = QGuiApplication.font()
    chosen.setPixelSize(TEXT)
    return chosen


def save_figure(path: Path, figure: Figure) -> None:
    """Write a figure as the path's suffix says: .png, .svg or .pdf.

    Raises:
        PixelError: it has another suffix, or would have too many pixels.
        UserError: the file cannot be written.
    """
    writers = {".png": _as_png, ".svg": _as_svg, ".pdf": _as_pdf}
    if path.suffix.lower() not in writers:
        raise PixelError(
            tr("{path} says nothing of its format: expected a name that ends in .png, .svg or .pdf.", path=path)
        )
    write_bytes(path, writers[path.suffix.lower()](figure))


def _as_png(figure: Figure) -> bytes:
    size = (figure.size() * RATIO).toSize()
    image = QImage(size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise PixelError(
            tr(
                "a figure of {width} x {height} pixels is too large: show fewer tiles.",
                width=size.width(),
                height=size.height(),
            )
        )
    image.setDevicePixelRatio(RATIO)
    image.fill(QColorConstants.White)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        figure.paint(painter)
    return _bytes(lambda buffer: QImageWriter(buffer, QByteArray(b"PNG")).write(image))


def _as_svg(figure: Figure) -> bytes:
    def write(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setTitle(_title(*figure.names))
        generator.setSize(figure.size().toSize())
        generator.setViewBox(QRectF(0, 0, figure.size().width(), figure.size().height()))
        with painting(generator) as painter:
            figure.paint(painter)

    return _bytes(write)


def _title(down: str, across: str) -> str:
    """What varies, in a line."""
    return tr("{down} against {across}", down=down, across=across) if down and across else down or across


def _as_pdf(figure: Figure) -> bytes:
    def write(buffer: QBuffer) -> None:
        writer = QPdfWriter(buffer)
        writer.setPageSize(QPageSize(figure.size(), QPageSize.Unit.Point))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        with painting(writer) as painter:
            scale = writer.resolution() / 72
            painter.scale(scale, scale)
            figure.paint(painter)

    return _bytes(write)


def _bytes(write: Callable[[QBuffer], object]) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    buffer.close()
    return bytes(data.data())


def _crisp(picture: Picture) -> QImage:
    image = to_image(picture)
    size = QSize(image.width() * CRISP, image.height() * CRISP)
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation)
