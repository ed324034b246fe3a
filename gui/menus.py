"""What is in the menus of the main window."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from .actions import Entry, Keys, Menus

if TYPE_CHECKING:
    from .window import MainWindow


def menus(window: "MainWindow") -> Menus:
    """The menus and what their entries do."""
    state = window.state
    quit_role, about_role = QAction.MenuRole.QuitRole, QAction.MenuRole.AboutRole
    return (
        (
            "&File",
            (
                Entry("&Open bundle…", window.ask_bundle, Keys.Open, "Open a model that infogan-export wrote"),
                Entry("Open &picture…", window.ask_picture, "Ctrl+Shift+O", "Read a digit from a picture file"),
                None,
                Entry("&Quit", window.close, "Ctrl+Q", "Close the window", quit_role),
            ),
        ),
        (
            "&Edit",
            (
                Entry("&Undo", window.undo, Keys.Undo, "Take back the last change"),
                Entry("&Redo", window.redo, Keys.Redo, "Do again what was undone last"),
                None,
                Entry("&Clear drawing", window.draw_tab.clear_drawing, Keys.Delete, "Take away the whole drawing"),
            ),
        ),
        (
            "&Latent",
            (
                Entry("&New noise", window.roll_dice, "R", "Draw other noise; nothing happens while it is locked"),
                Entry("&Reset codes", state.reset_codes, "Ctrl+R", "First class shown, and the middle of each range"),
            ),
        ),
        ("&Help", (Entry("&About InfoGAN Explorer", window.show_about, None, "Versions, licences", about_role),)),
    )
