"""One run of the app with its window: where it begins, a screenshot if one is wanted, and the log."""

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from ..export.bundle import Bundle
from ..trainer.errors import UserError
from ..trainer.version import installed_version
from . import log, translation
from .headless import state_of
from .settings import Settings
from .window import SIZE, MainWindow

COMMAND = "infogan-explorer"


class Session:
    """Shows a window until it is closed."""

    def __init__(self, arguments: argparse.Namespace, fail: Callable[[str], int]) -> None:
        self._arguments, self._fail = arguments, fail
        self._application = application()
        speak(self._application, Settings().language)
        self._window = MainWindow()

    def run(self, bundle: Path, opened: Callable[[], Bundle] | None = None) -> int:
        """Open a bundle and wait for the end.

        Args:
            bundle: its path.
            opened: gives it, where that has begun already.

        Returns:
            0, or 1 after one sentence on stderr.
        """
        window = self._window
        log.start()
        log.catch(window.show_error)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the terminal ends the app; Qt's loop would ignore it
        window.opened.connect(self._go_to_start)
        window.not_opened.connect(self._leave_without_bundle)
        window.worker.idle.connect(self._save_screenshot)
        if self._arguments.screenshot:
            window.resize(SIZE)  # whatever the screen, and whatever is remembered
        else:
            window.restore()
        window.show()
        window.opening.open_bundle(bundle, opened)
        try:
            return self._application.exec()
        finally:
            window.close()
            sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
            log.stop()

    def _go_to_start(self) -> None:
        """Go to the code of the command line, once."""
        window, arguments = self._window, self._arguments
        window.opened.disconnect(self._go_to_start)
        if window.state.bundle and (arguments.code or arguments.seed):
            try:
                window.state.go_to(state_of(window.state.bundle, arguments.code, arguments.seed).latent)
            except UserError as error:
                window.show_error(str(error))

    def _leave_without_bundle(self, reason: str) -> None:
        if self._window.state.bundle is None:
            self._application.exit(self._fail(reason))

    def _save_screenshot(self) -> None:
        path: Path | None = self._arguments.screenshot
        if path and self._window.state.bundle:
            saved = self._window.grab().save(str(path), "PNG")
            self._application.exit(0 if saved else self._fail(f"{path} cannot be written: choose another path."))


def application() -> QApplication:
    """The process's one application, with its name, style and icon."""
    made = QApplication([COMMAND])
    # Qt's X11 plugin, which has begun by now, would leave out pointer events that follow each other quickly, and fast
    # hands would draw corners.
    made.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    made.setApplicationName("InfoGAN Explorer")
    made.setApplicationVersion(installed_version())
    made.setDesktopFileName(COMMAND)
    made.setStyle("Fusion")  # alike everywhere, and follows the light or dark scheme of the system
    icon = QPixmap()
    icon.loadFromData((files("infogan.assets") / "infogan-explorer.svg").read_bytes())
    made.setWindowIcon(QIcon(icon))
    return made


def speak(application: QApplication, language: str) -> None:
    """Use "en", "de" or, with "system", the first language of the system that there is, in Qt's own dialogs too."""
    translation.use(QLocale.system().uiLanguages() if language == "system" else [language])
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translation.language() != translation.ENGLISH and translator.load(f"qtbase_{translation.language()}", folder):
        application.installTranslator(translator)
