"""What is in the menus of the main window, in English: actions.py translates it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from .actions import Entry, Keys, Menus, Submenu

if TYPE_CHECKING:
    from .window import MainWindow


NEXT_START = "Takes effect at the next start"


def menus(window: "MainWindow") -> Menus:
    """The menus and what their entries do."""
    state, out = window.state, window.exchange
    quit_role, about_role = QAction.MenuRole.QuitRole, QAction.MenuRole.AboutRole
    return (
        (
            "&File",
            (
                Entry("&Open model…", window.opening.ask_bundle, Keys.Open, "Open a model that infogan-export wrote"),
                Submenu("Open &recent", window.opening.fill_recent),
                Submenu("Open an included &model", window.opening.fill_shipped),
                Entry("Open &picture…", window.opening.ask_picture, "Ctrl+Shift+O", "Read a picture from a file"),
                Entry("Abo&ut the model…", window.show_model, "Ctrl+I", "Codes, files, quality and the model card"),
                None,
                Entry(
                    "&Save picture…", out.save_picture, Keys.Save, "Write the generated picture, with its code inside"
                ),
                Entry("Save &grid…", out.save_grid, "Ctrl+Shift+S", "Write the tiles of the traversal as one picture"),
                Entry("Save &figure…", out.save_figure, "Ctrl+Shift+F", "Write the traversal with labelled axes"),
                Entry("Save &animation…", window.walking.save, "Ctrl+E", "Write the walk as GIF, APNG or pictures"),
                Entry("Save &drawing…", out.save_drawing, None, "Write the strokes and what the network reads"),
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
                Entry("&Copy picture", out.copy_picture, Keys.Copy, "Copy the generated picture"),
                Entry("Copy c&ode", out.copy_code, "Ctrl+Shift+C", "Copy the codes and the noise as JSON"),
                Entry("Copy &grid", out.copy_grid, "Ctrl+Shift+G", "Copy the traversal as a picture"),
                Entry("&Paste", out.paste, Keys.Paste, "Read a picture, open a file, go to a code"),
                None,
                Entry("C&lear drawing", window.draw_tab.clear_drawing, Keys.Delete, "Take away the whole drawing"),
            ),
        ),
        (
            "&Latent",
            (
                Entry("&New noise", window.roll_dice, "R", "Draw other noise; nothing happens while it is locked"),
                Entry("Reset n&oise", state.reset_noise, None, "Seed 0, neither blended nor scaled"),
                Entry("&Reset codes", state.reset_codes, "Ctrl+R", "First class shown, and the middle of each range"),
                None,
                Entry("&Play or stop", window.play, "P", "Play the walk, or stop it"),
            ),
        ),
        (
            "&Bookmarks",
            (
                Entry("&Add bookmark", window.star, "Ctrl+D", "Remember the codes and the noise that are set"),
                None,
                Entry("&Open bookmarks…", out.ask_json, None, "Add the bookmarks of a file"),
                Entry("&Save bookmarks…", out.save_bookmarks, None, "Write all bookmarks to a file"),
            ),
        ),
        (
            "&View",
            (
                *(
                    _choice(window, "scheme", name, text, window.set_scheme, tip)
                    for name, text, tip in (
                        ("system", "Colours of the &system", "Light or dark as the system is"),
                        ("light", "&Light colours", "Dark text on light ground"),
                        ("dark", "&Dark colours", "Light text on dark ground"),
                    )
                ),
                None,
                Entry(
                    "Pictures &beneath the sliders",
                    window.toggle_films,
                    "Ctrl+B",
                    "What each code does, along its range",
                    chosen=partial(_is, window, "films", True),
                ),
                (
                    "Lan&guage",
                    tuple(
                        _choice(window, "language", name, text, window.set_language, NEXT_START)
                        for name, text in (
                            ("system", "Language of the &system"),
                            ("en", "&English"),
                            ("de", "&Deutsch"),
                        )
                    ),
                ),
            ),
        ),
        (
            "&Help",
            (
                Entry("&First steps", window.help.first_steps, Keys.HelpContents, "What can be done here"),
                Entry("&Keyboard shortcuts", window.help.shortcuts, "Ctrl+/", "What the keys do"),
                Entry("&Log folder", window.help.log_folder, None, "Where it says what went wrong"),
                None,
                Entry("&About InfoGAN Explorer", window.help.about, None, "Versions, licences", about_role),
            ),
        ),
    )


def _choice(
    window: "MainWindow", setting: str, value: str, text: str, choose: Callable[[str], object], tip: str
) -> Entry:
    """One of the values of a setting, marked where it is chosen."""
    return Entry(text, partial(choose, value), None, tip, chosen=partial(_is, window, setting, value))


def _is(window: "MainWindow", setting: str, value: object) -> bool:
    """Whether a setting has a value."""
    return bool(getattr(window.settings, setting) == value)
