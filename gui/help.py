"""The Help menu: first steps, shortcuts, the log, versions."""

from collections.abc import Mapping
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
                "A network draws these pictures from a few numbers, its codes. Press a digit, drag a slider and watch "
                "what changes, or draw a digit and let the network read its codes. Help > First steps shows this again."
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
    """A table of what the keys do."""
    rows = [
        (tr("0 to 9"), tr("Choose a class")),
        (tr("Home, arrow keys"), tr("In the square of two codes: the middle, a step")),
    ]
    keys = [(action.shortcut().toString(NATIVE), action.iconText()) for action in actions.values()]
    rows += [(key, text) for key, text in keys if key]
    return "".join(
        [
            "<table>",
            *(f"<tr><td><b>{escape(keys)}</b>&nbsp;</td><td>{escape(name)}</td></tr>" for keys, name in rows),
            "</table>",
        ]
    )
