"""Windows that were closed are gone: no thread, no timer, no widget and hardly any memory stays behind."""

import gc
import resource
import threading
import weakref
from pathlib import Path

from driving import draw, drawings, settled
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from infogan.gui.window import MainWindow


def used_and_closed(qtbot: QtBot, path: Path) -> "weakref.ref[MainWindow]":
    """A window that was opened, used and closed."""
    window = MainWindow()
    window.show()
    with settled(qtbot, window):
        window.opening.open_bundle(path)
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    window.close()
    window.deleteLater()
    return weakref.ref(window)


def collected() -> None:
    """Let Qt and Python let go of what is no longer needed."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()


def used_one_by_one(qtbot: QtBot, path: Path, count: int) -> "list[weakref.ref[MainWindow]]":
    """Windows of which each is gone before the next: else the peak of memory would be that of all at once."""
    windows = []
    for _ in range(count):
        windows.append(used_and_closed(qtbot, path))
        collected()
    return windows


def test_twenty_windows_leave_nothing(qtbot: QtBot, tiny_bundle_path: Path) -> None:
    threads, widgets = threading.active_count(), set(QApplication.topLevelWidgets())
    first = used_one_by_one(qtbot, tiny_bundle_path, 5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    windows = first + used_one_by_one(qtbot, tiny_bundle_path, 15)
    assert [window() for window in windows] == [None] * 20
    assert threading.active_count() == threads
    assert set(QApplication.topLevelWidgets()) <= widgets
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 5_000, f"{grown} kB more after 15 windows"


def test_nothing_ticks_while_nothing_happens(window: MainWindow) -> None:
    assert [timer for timer in window.findChildren(QTimer) if timer.isActive()] == []
    window.tabs.setCurrentWidget(window.walk_tab)
    window.play()
    assert any(timer.isActive() for timer in window.findChildren(QTimer))
    window.play()
    assert [timer for timer in window.findChildren(QTimer) if timer.isActive()] == []
