"""A picture that can be dragged: the codes follow."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from .picture import PictureView
from .translation import tr

FINER = 10  # times, with Shift


class GrabView(PictureView):
    """Says how far the picture is dragged, in parts of its side; with Shift it takes a longer way."""

    dragged = Signal(float, float)  # to the right and upwards, since the last time
    held = Signal(bool)

    def __init__(self, name: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(name, side, parent)
        self.setToolTip(tr("{name}: drag it to change two codes, with Shift finely", name=name))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._last: QPointF | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton and self.image:
            self._last = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.held.emit(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self._last and not event.buttons():
            self._let_go()  # the button came up where this picture could not see it
        elif self._last:
            way = (event.position() - self._last) / max(1, self.width())
            self._last = event.position()
            way /= FINER if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.dragged.emit(way.x(), -way.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._last:
            self._let_go()

    def _let_go(self) -> None:
        self._last = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.held.emit(False)
