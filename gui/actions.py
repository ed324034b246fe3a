"""The menus, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    text: str
    run: Callable[[], object]
    keys: QKeySequence.StandardKey | str | None = None
    tip: str = ""
    role: QAction.MenuRole = QAction.MenuRole.NoRole


Menus = Sequence[tuple[str, Sequence[Entry | None]]]  # None is a separator


def add_menus(window: QMainWindow, menus: Menus) -> dict[str, QAction]:
    """Make the menus of a window; gives the actions by their texts without ampersands and dots."""
    actions = {}
    for title, entries in menus:
        menu = window.menuBar().addMenu(title)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            else:
                actions[entry.text.replace("&", "").rstrip("…")] = action = _action(window, entry)
                menu.addAction(action)
    return actions


def _action(window: QMainWindow, entry: Entry) -> QAction:
    action = QAction(entry.text, window)
    if entry.keys is not None:
        action.setShortcut(QKeySequence(entry.keys))
    action.setStatusTip(entry.tip)
    action.setToolTip(entry.tip)
    action.setMenuRole(entry.role)
    action.triggered.connect(lambda: entry.run())
    return action
