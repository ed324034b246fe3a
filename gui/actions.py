"""The menus, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    text: str
    run: Callable[[], object]
    keys: QKeySequence.StandardKey | str | None = None
    tip: str = ""
    role: QAction.MenuRole = QAction.MenuRole.NoRole


@dataclass(frozen=True)
class Submenu:
    """A menu in a menu, filled each time that it is opened."""

    text: str
    fill: Callable[[QMenu], None]


Menus = Sequence[tuple[str, Sequence[Entry | Submenu | None]]]  # None is a separator


def add_menus(window: QMainWindow, menus: Menus) -> dict[str, QAction]:
    """Make the menus of a window; gives the actions by their texts without ampersands and dots."""
    actions = {}
    for title, entries in menus:
        menu = window.menuBar().addMenu(title)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            elif isinstance(entry, Submenu):
                inner = menu.addMenu(entry.text)
                inner.aboutToShow.connect(partial(entry.fill, inner))
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
