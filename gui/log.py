"""The log file: what went wrong, also in Qt and where Python itself died."""

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import format_exception
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

from .translation import tr

LOG = logging.getLogger("infogan-explorer")
NAME = "explorer.log"
LARGEST, KEPT = 1_000_000, 2  # bytes of a file, and older files beside it
QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def folder() -> Path:
    """Where the log is."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation))


def start() -> None:
    """Write warnings, Qt's too, to the log and the terminal; where no log can be written, only to the terminal."""
    LOG.setLevel(logging.INFO)
    LOG.addHandler(logging.StreamHandler())
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder() / NAME, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOG.addHandler(handler)
        if handler.stream:
            faulthandler.enable(handler.stream)
    except OSError as error:
        LOG.warning("no log is written: %s", error)
    qInstallMessageHandler(_log_qt)


def stop() -> None:
    """Let go of the file."""
    qInstallMessageHandler(None)
    faulthandler.disable()
    for handler in list(LOG.handlers):
        LOG.removeHandler(handler)
        handler.close()


def catch(tell: Callable[[str, str], object]) -> None:
    """Log every exception that nobody caught, in any thread, and tell the first of each kind: a sentence, and details.

    A bug must not take the window, and with it the user's drawing, away.
    """
    told: set[str] = set()

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        LOG.error("uncaught", exc_info=(kind, error, trace))
        text = tr(
            "Something went wrong in the app itself: {error}; Help > Log folder has the file that says where.",
            error=repr(error),
        )
        if text not in told:
            told.add(text)
            tell(text, "".join(format_exception(kind, error, trace)))

    sys.excepthook = report
    threading.excepthook = lambda args: LOG.error("in a thread", exc_info=args.exc_value)


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    LOG.log(QT_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)
