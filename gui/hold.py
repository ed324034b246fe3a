"""When a drag begins and ends: of the mouse, or of a key that is kept down."""

from collections.abc import Container

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QKeyEvent


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
