"""The menus, as data in English; they are translated when they are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from .translation import tr
from .wording import bare

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    text: str
    run: Callable[[], object]
    keys: QKeySequence.StandardKey | str | None = None
    tip: str = ""
    role: QAction.MenuRole = QAction.MenuRole.NoRole
    chosen: Callable[[], bool] | None = None  # of what is one of several, or on or off: whether it is so now


@dataclass(frozen=True)
class Submenu:
    """A menu in a menu, filled each time that it is opened."""

    text: str
    fill: Callable[[QMenu], None]


Row = Entry | Submenu | tuple[str, Sequence[Entry]] | None  # a tuple is a menu in a menu, None a separator
Menus = Sequence[tuple[str, Sequence[Row]]]


def add_menus(window: QMainWindow, menus: Menus) -> dict[str, QAction]:
    """Make the menus of a window; gives the actions by their English texts without ampersands and dots."""
    actions: dict[str, QAction] = {}
    for title, rows in menus:
        _fill(window.menuBar().addMenu(tr(title)), rows, window, actions)
    return actions


def _fill(menu: QMenu, rows: Sequence[Row], window: QMainWindow, actions: dict[str, QAction]) -> None:
    for row in rows:
        if row is None:
            menu.addSeparator()
        elif isinstance(row, Entry):
            actions[bare(row.text)] = action = _action(window, row)
            menu.addAction(action)
            if row.chosen:
                menu.aboutToShow.connect(partial(_mark, action, row.chosen))
        elif isinstance(row, Submenu):
            inner = menu.addMenu(tr(row.text))
            inner.aboutToShow.connect(partial(row.fill, inner))
        else:
            title, entries = row
            _fill(menu.addMenu(tr(title)), entries, window, actions)


def _mark(action: QAction, chosen: Callable[[], bool]) -> None:
    action.setChecked(chosen())


def _action(window: QMainWindow, entry: Entry) -> QAction:
    text, tip = tr(entry.text), tr(entry.tip)
    action = QAction(text, window)
    action.setIconText(bare(text))  # stays where the text says what is undone
    if entry.keys is not None:
        action.setShortcut(QKeySequence(entry.keys))
    action.setStatusTip(tip)
    action.setToolTip(tip)
    action.setMenuRole(entry.role)
    action.setCheckable(entry.chosen is not None)
    action.setAutoRepeat(entry.keys in (Keys.Undo, Keys.Redo))  # a key that is kept down would fill the history
    action.triggered.connect(lambda: entry.run())
    return action
