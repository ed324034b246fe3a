"""The command infogan-explorer: opens the window on a bundle, without one on the MNIST model that is shipped."""

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from .about import app_version
from .display import why_no_qt, why_no_window

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from .window import MainWindow

COMMAND = "infogan-explorer"
SHIPPED = "mnist-cnn.infogan"


def main(argv: Sequence[str] | None = None) -> int:
    """Show the window until it is closed.

    Returns:
        0, or 1 after one sentence on stderr: nothing to draw on, or a bundle that cannot be opened.
    """
    arguments = _parser().parse_args(argv)
    reason = why_no_window()
    if reason:
        return _fail(reason)
    try:
        # onnxruntime first: on Windows it fails to load after Qt has brought an older C++ runtime into the process.
        from ..export import runtime  # noqa: F401
        from .window import MainWindow
    except ImportError as error:
        return _fail(why_no_qt(error))
    with ExitStack() as stack:
        bundle = arguments.bundle or stack.enter_context(as_file(files("infogan.assets") / SHIPPED))
        return _run(MainWindow, bundle, arguments.screenshot)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Explore the latent codes of a trained InfoGAN, and let it read what you draw."
    )
    parser.add_argument(
        "bundle", metavar="BUNDLE", nargs="?", type=Path, help="file or folder (default: the MNIST model shipped)"
    )
    parser.add_argument("--screenshot", metavar="FILE", type=Path, help="save the window as PNG and quit")
    parser.add_argument("--version", action="version", version=f"%(prog)s {app_version()}")
    return parser


def _run(window_class: "type[MainWindow]", bundle: Path, screenshot: Path | None) -> int:
    from .window import SIZE

    application = _application()
    window = window_class()

    def leave_without_bundle(reason: str) -> None:
        if window.state.bundle is None:
            application.exit(_fail(reason))

    def save_screenshot() -> None:
        if screenshot and window.state.bundle:
            saved = window.grab().save(str(screenshot), "PNG")
            application.exit(0 if saved else _fail(f"{screenshot} cannot be written: choose another path."))

    window.not_opened.connect(leave_without_bundle)
    window.worker.idle.connect(save_screenshot)
    sys.excepthook = partial(_report, window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the terminal ends the app, which Qt's loop would ignore
    if screenshot:
        window.resize(SIZE)  # whatever the screen, and whatever is remembered
    else:
        window.restore()
    window.show()
    window.opening.open_bundle(bundle)
    try:
        return application.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        window.close()


def _application() -> "QApplication":
    from PySide6.QtGui import QIcon, QPixmap
    from PySide6.QtWidgets import QApplication

    application = QApplication([COMMAND])
    application.setApplicationName("InfoGAN Explorer")
    application.setApplicationVersion(app_version())
    application.setDesktopFileName(COMMAND)
    application.setStyle("Fusion")  # alike everywhere, and follows the light or dark scheme of the system
    icon = QPixmap()
    icon.loadFromData((files("infogan.assets") / "icon.svg").read_bytes())
    application.setWindowIcon(QIcon(icon))
    return application


def _report(window: "MainWindow", kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug must not take the window, and with it the user's drawing, away."""
    traceback.print_exception(kind, error, trace)
    window.show_error(f"Something went wrong in the app itself: {error!r}; the terminal shows where.")


def _fail(reason: str) -> int:
    print(f"{COMMAND}: {reason}", file=sys.stderr)
    return 1
