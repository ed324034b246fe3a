"""The Help menu: first steps, shortcuts, the log, versions."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QMessageBox

from . import log
from .about import about_text
from .translation import tr

if TYPE_CHECKING:
    from .window import MainWindow


NATIVE = QKeySequence.SequenceFormat.NativeText  # as the menus write keys


class Help:
    """What the Help menu does for a window."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def first_steps(self) -> None:
        """Show the hint of the first start again."""
        self._window.hint.show_message(
            tr(
                "A network draws these pictures from a few codes: choose a category, drag a slider, or draw "
                "something yourself and see which codes it reads."
            )
        )

    def greet(self) -> None:
        """Show the hint until it was dismissed once."""
        if not self._window.settings.hint_seen:
            self.first_steps()

    def dismiss(self) -> None:
        """The hint was read."""
        self._window.settings.hint_seen = True

    def shortcuts(self) -> None:
        """All keys."""
        self._show(tr("Keyboard shortcuts"), shortcuts_text(self._window.actions_by_name))

    def log_folder(self) -> None:
        """Open the folder with the log."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log.folder())))

    def about(self) -> None:
        """Versions, licences, privacy."""
        self._show(tr("About InfoGAN Explorer"), about_text())

    def _show(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=self._window)
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def shortcuts_text(actions: Mapping[str, QAction]) -> str:
    """Two tables of what the keys do: anywhere, and in a part of the window that has the focus."""
    keys = [(action.shortcut().toString(NATIVE), action.iconText()) for action in actions.values()]
    anywhere = [(tr("0 to 9"), tr("Choose a class")), *((key, text) for key, text in keys if key)]
    focused = [
        (tr("Arrow keys, Home"), tr("Slider and square of two codes: a step, the middle")),
        (tr("Arrow keys, Enter"), tr("Grid: point at a picture, go there")),
        (tr("F2, Delete"), tr("Bookmark: rename it, remove it")),
    ]
    return _table(tr("Anywhere"), anywhere) + _table(tr("Where the focus is"), focused)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = (f"<tr><td><b>{escape(keys)}</b>&nbsp;&nbsp;</td><td>{escape(name)}</td></tr>" for keys, name in rows)
    return f"<p>{escape(title)}</p><table>{''.join(lines)}</table>"
