"""A traversal on screen: tiles to look at, point at and go to."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..export.ink import Picture
from .palette import TRACK, shade
from .picture import aligned, fitted_size, paint_part, painting, to_image
from .raster import strip
from .translation import tr

GAP = 2  # between tiles
MARK = 4  # how far the frames around tiles reach beyond them, at most
LENS = 2  # times that the tile which is pointed at is enlarged
MOVES = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}


class GridView(QWidget):
    """Tiles in rows and columns with a text at each; one is the current one, one is pointed at.

    Arrow keys point, Enter or a click goes there.
    """

    chosen = Signal(int, int)  # row, column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Traversal grid"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 240)
        self._names: Sequence[str] = ("", "")
        self._axes = 0  # how often other ones were set
        self._placed = QSizeF(), QPointF()
        self._placed_for: tuple[object, ...] = ()
        self.note = ""  # ends the text of each tile
        self.row_texts: Sequence[str] = ()
        self.column_texts: Sequence[str] = ()
        self.current: tuple[int, int] | None = None
        self.pointed: tuple[int, int] | None = None
        self._shape = (0, 0, 1, 1, 1)  # rows, columns, and channels, height and width of a picture
        self.images: list[QImage | None] = []  # one for each row

    def set_axes(self, names: Sequence[str], ticks: Sequence[Sequence[str]], image_shape: tuple[int, int, int]) -> None:
        """Lay out other rows and columns of pictures (C, H, W); pictures stay until new ones come, if they fit.

        Args:
            names: what varies along the rows, and along the columns.
            ticks: a text for each row, and for each column.
            image_shape: channels, height and width of a picture.
        """
        if (names, [*ticks]) == (self._names, [self.row_texts, self.column_texts]) and image_shape == self._shape[2:]:
            return
        self._names = names
        self._axes += 1
        self.row_texts, self.column_texts = row_texts, column_texts = ticks
        shape = (len(row_texts), len(column_texts), *image_shape)
        if shape != self._shape:
            self._shape, self.images = shape, [None] * shape[0]
            self.pointed = None
        self.update()

    def set_row(self, row: int, pictures: Picture) -> None:
        """Show the pictures (columns, C, H, W) of one row."""
        self.images[row] = to_image(strip(pictures))
        self._update(self._row_rect(row))
        if self.pointed and self.pointed[0] == row:
            self._update(self.lens_rect(*self.pointed))

    def set_current(self, tile: tuple[int, int] | None) -> None:
        """Mark the tile that shows the codes and the noise that are set."""
        if tile != self.current:
            changed, self.current = (self.current, tile), tile
            for each in filter(None, changed):
                self._update(self.tile_rect(*each))

    def tile_rect(self, row: int, column: int) -> QRectF:
        """Where a tile is."""
        return self._rects(row, range(column, column + 1))[0]

    def _rects(self, row: int, columns: range) -> list[QRectF]:
        """Where tiles of a row are."""
        (size, corner), gap, ratio = self._layout(), self._gap(), self.devicePixelRatioF()
        top, across = corner.y() + row * (size.height() + gap), size.width() + gap
        return [QRectF(aligned(QPointF(corner.x() + column * across, top), ratio), size) for column in columns]

    def _row_rect(self, row: int) -> QRectF:
        """Where a row of tiles is."""
        return self.tile_rect(row, 0) | self.tile_rect(row, self._shape[1] - 1)

    def lens_rect(self, row: int, column: int) -> QRectF:
        """Where a tile is shown larger while it is pointed at: whole times larger, and never over the texts."""
        tile = self.tile_rect(row, column)
        if tile.isEmpty():
            return tile
        tiles = self.tile_rect(0, 0) | self.tile_rect(self._shape[0] - 1, self._shape[1] - 1)
        times = max(1, min(LENS, int(min(tiles.width() / tile.width(), tiles.height() / tile.height()) + 1e-6)))
        size = tile.size() * times
        left = min(max(tile.center().x() - size.width() / 2, tiles.left()), tiles.right() - size.width())
        top = min(max(tile.center().y() - size.height() / 2, tiles.top()), tiles.bottom() - size.height())
        return QRectF(aligned(QPointF(left, top), self.devicePixelRatioF()), size)

    def tile_at(self, position: QPointF) -> tuple[int, int] | None:
        """The tile under a point, or None."""
        size, corner = self._layout()
        place = position - corner
        row = int(place.y() // (size.height() + self._gap()))
        column = int(place.x() // (size.width() + self._gap()))
        inside = 0 <= row < len(self.row_texts) and 0 <= column < len(self.column_texts)
        return (row, column) if inside and self.tile_rect(row, column).contains(position) else None

    def sizeHint(self) -> QSize:
        """Room for ten by ten tiles of 56 pixels."""
        return QSize(612, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Texts, tiles, marks; of the tiles only those that have changed, for there may be a thousand."""
        changed = event.region()
        with painting(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            self._paint_titles(painter)
            self._paint_texts(painter)
            for row in range(self._shape[0]):
                if changed.intersects(self._row_rect(row).toAlignedRect()):
                    self._paint_row(painter, row, changed)
            current = self.tile_rect(*self.current) if self.current else None
            self._paint_mark(painter, current, QPalette.ColorRole.Highlight, 3)
            self._paint_lens(painter)
            # Two lines, the outer dark and the inner light or the other way round: one of them shows on any picture.
            lens = self.lens_rect(*self.pointed) if self.pointed else None
            self._paint_mark(painter, lens, QPalette.ColorRole.Window, -2)
            self._paint_mark(painter, lens, QPalette.ColorRole.WindowText, 2)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the tile under the mouse."""
        self._point(self.tile_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the tile under the mouse."""
        tile = self.tile_at(event.position())
        if tile and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*tile)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows point, Enter and Space choose."""
        key = Qt.Key(event.key())
        if key in MOVES and self.images:
            self._step(*MOVES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.pointed:
            self.chosen.emit(*self.pointed)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the arrow keys start."""
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self.pointed is None and self.images:
            self._point(self.current or (0, 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The arrow keys point no longer."""
        super().focusOutEvent(event)
        self._point(None)

    def event(self, event: QEvent) -> bool:
        """A tool tip for each tile."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tile = self.tile_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tile_text(*tile) if tile else "", self, QRect())
            return True
        return super().event(event)

    def tile_text(self, row: int, column: int) -> str:
        """What a tile is: names and values of its row and column."""
        pairs = zip(self._names, (self.row_texts[row], self.column_texts[column]), strict=True)
        place = ", ".join(f"{name} {value}" for name, value in pairs if value)
        return f"{tr('Click to go to {place}', place=place)} {self.note}".rstrip()

    def _point(self, tile: tuple[int, int] | None) -> None:
        if tile != self.pointed:
            changed, self.pointed = (self.pointed, tile), tile
            self.setAccessibleDescription(self.tile_text(*tile) if tile else "")
            for each in filter(None, changed):
                self._update(self.lens_rect(*each))

    def _update(self, rect: QRectF) -> None:
        """Paint a rectangle anew, and the marks around it."""
        self.update(rect.toAlignedRect().adjusted(-MARK, -MARK, MARK, MARK))

    def _step(self, down: int, right: int) -> None:
        row, column = self.pointed or self.current or (0, 0)
        rows, columns = self._shape[:2]
        self._point(((row + down) % rows, (column + right) % columns))

    def _gap(self) -> float:
        ratio = self.devicePixelRatioF()
        return round(GAP * ratio) / ratio

    def _margins(self) -> tuple[float, float]:
        """Space for the texts at the left, and for those and the titles at the top."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(text) for text in self.row_texts), default=0)
        lines = any(self._names) + any(self.column_texts)
        return (widest + 8 if widest else 0), lines * self._line()

    def _line(self) -> int:
        return self.fontMetrics().height() + 4

    def _layout(self) -> tuple[QSizeF, QPointF]:
        """Size of a tile, and the upper left corner of the first; found once for each size, font and pair of axes."""
        key = (self.width(), self.height(), self.devicePixelRatioF(), self.font().key(), self._axes)
        if key != self._placed_for:
            self._placed_for, self._placed = key, self._find_layout()
        return self._placed

    def _find_layout(self) -> tuple[QSizeF, QPointF]:
        """The whole lies in the middle."""
        rows, columns = max(1, len(self.row_texts)), max(1, len(self.column_texts))
        height, width = self._shape[3:]
        left, top = self._margins()
        gap = self._gap()
        across = (self.width() - left - (columns - 1) * gap) / columns
        down = (self.height() - top - (rows - 1) * gap) / rows
        size = fitted_size(QSize(width, height), QSizeF(across, down), self.devicePixelRatioF())
        used = QSizeF(columns * (size.width() + gap) - gap + left, rows * (size.height() + gap) - gap + top)
        corner = QPointF((self.width() - used.width()) / 2 + left, top)
        return size, aligned(corner, self.devicePixelRatioF())

    def _paint_titles(self, painter: QPainter) -> None:
        """What varies downwards at the upper left, what varies across in the middle above the columns."""
        left, top = self._margins()
        first, last = self.tile_rect(0, 0), self.tile_rect(0, max(0, len(self.column_texts) - 1))
        down, across = (f"{name} {arrow}" if name else "" for name, arrow in zip(self._names, "↓→", strict=True))
        line = QRectF(first.left(), first.top() - top, last.right() - first.left(), self._line())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, across)
        room = (line.width() - self.fontMetrics().horizontalAdvance(across)) / 2 + left - GAP
        down = self.fontMetrics().elidedText(down, Qt.TextElideMode.ElideRight, int(room))
        line.setLeft(first.left() - left)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, down)

    def _paint_texts(self, painter: QPainter) -> None:
        left, _ = self._margins()
        metrics, line = self.fontMetrics(), self._line()
        for row, text in enumerate(self.row_texts):
            tile = self.tile_rect(row, 0)
            where = QRectF(tile.left() - left, tile.top(), left - 6, tile.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for column, text in enumerate(self.column_texts):
            tile = self.tile_rect(0, column)
            where = QRectF(tile.left(), tile.top() - line, tile.width(), line - 3)
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideLeft, int(tile.width()))
            painter.drawText(where, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, elided)

    def _paint_row(self, painter: QPainter, row: int, changed: QRegion) -> None:
        for column, rect in enumerate(self._rects(row, range(self._shape[1]))):
            if not changed.intersects(rect.toAlignedRect()):
                continue
            if self.images[row]:
                self._paint_picture(painter, row, column, rect)
            else:
                painter.fillRect(rect, shade(self, TRACK))

    def _paint_lens(self, painter: QPainter) -> None:
        """The tile that is pointed at, larger, over its neighbours."""
        if self.pointed and self.images:
            self._paint_picture(painter, *self.pointed, self.lens_rect(*self.pointed))

    def _paint_picture(self, painter: QPainter, row: int, column: int, rect: QRectF) -> None:
        """One picture of a row; rows of two models may have pictures of two sizes."""
        image = self.images[row]
        if image:
            width = image.width() / self._shape[1]
            part = QRectF(column * width, 0, width, image.height())
            paint_part(painter, rect, image, part, self.devicePixelRatioF())

    def _paint_mark(self, painter: QPainter, rect: QRectF | None, role: QPalette.ColorRole, width: int) -> None:
        """A frame around a rectangle; with a negative width, within it."""
        if rect is None or not self.images:
            return
        style = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
        painter.setPen(QPen(self.palette().color(role), abs(width), *style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        edge = width / 2
        painter.drawRect(rect.adjusted(-edge, -edge, edge, edge))
