"""When a drag begins and ends: of the mouse, or of a key that is kept down."""

from collections.abc import Container

from PySide6.QtCore import QEvent, QObject, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class Hold:
    """Tells a widget's signal of drags; a key neither begins nor ends one while the mouse drags.

    Attributes:
        dragging: whether the mouse drags.
    """

    def __init__(self, told: SignalInstance, keys: Container[int]) -> None:
        self.dragging = False
        self._told, self._keys = told, keys

    def press(self) -> None:
        """A mouse button went down."""
        self.dragging = True
        self._told.emit(True)

    def release(self) -> None:
        """The button came up, or whatever is down will come up elsewhere."""
        self.dragging = False
        self._told.emit(False)

    def key(self, event: QKeyEvent, down: bool) -> None:
        """A key went down or came up; only those that move something count, and only once."""
        if event.key() in self._keys and not event.isAutoRepeat() and not self.dragging:
            self._told.emit(down)


class HoldWatcher(QObject):
    """A hold of a whole control, which any mouse button on it drags; whatever loses the focus is let go."""

    def __init__(self, control: QWidget, told: SignalInstance, keys: Container[int]) -> None:
        super().__init__(control)
        self._hold = Hold(told, keys)
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look, and let the control have the event."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            self._hold.press()
        elif kind in (QEvent.Type.MouseButtonRelease, QEvent.Type.FocusOut):
            self._hold.release()
        elif isinstance(event, QKeyEvent) and kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._hold.key(event, down=kind == QEvent.Type.KeyPress)
        return False
