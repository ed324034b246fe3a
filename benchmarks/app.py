"""How the explorer's window behaves: gaps of the event loop under load, work at rest, what fifty windows leave behind.

    python benchmarks/window.py

Needs no display. Figures are of the machine that it runs on, which should have nothing else to do.
"""

import gc
import os
import threading
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from infogan.gui.window import MainWindow

BUNDLE = Path(__file__).parent.parent / "assets" / "mnist-cnn.infogan"
SIDE = 32  # tiles along each side of the grid
REST = 10  # seconds
WINDOWS = 50
WARM = 10  # windows until all that is loaded once is loaded


def main() -> None:
    """Measure and print."""
    application = QApplication([])
    window = opened()
    print(f"longest gap of the event loop while a {SIDE} x {SIDE} grid is made: {longest_gap(window) * 1000:.0f} ms")
    print(f"processor at rest: {share_at_rest():.2%} of one core over {REST} s")
    closed(window)
    del window
    used, threads = [], threading.active_count()
    for _ in range(WINDOWS):
        closed(opened())
        settle(application)
        used.append(resident())
    print(f"{WINDOWS} windows: {(used[-1] - used[WARM - 1]) / 2**20:+.1f} MiB from the {WARM}th to the last")
    print(
        f"{WINDOWS} windows: {threading.active_count() - threads:+d} threads, {len(application.topLevelWidgets())} left"
    )


def opened() -> MainWindow:
    """A window with the bundled model, everything in it drawn."""
    window = MainWindow()
    window.resize(1240, 800)
    window.show()
    window.opening.open_bundle(BUNDLE)
    answered(window)
    return window


def longest_gap(window: MainWindow) -> float:
    """Seconds between two turns of the event loop, at most, until the whole grid is on screen."""
    ticks = [time.perf_counter()]
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=0)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start()
    tab = window.traversal_tab
    tab.rows.setCurrentIndex(tab.rows.findData("c2"))
    tab.columns.setCurrentIndex(tab.columns.findData("c3"))
    tab.count.setValue(SIDE)
    answered(window)
    timer.stop()
    assert tab.traversal is not None
    return max(later - earlier for earlier, later in pairwise(ticks))


def share_at_rest() -> float:
    """Processor time of this process over wall-clock time, while nobody does anything."""
    loop, started, used = QEventLoop(), time.perf_counter(), time.process_time()
    QTimer.singleShot(REST * 1000, loop.quit)
    loop.exec()
    return (time.process_time() - used) / (time.perf_counter() - started)


def answered(window: MainWindow) -> None:
    """Turn the event loop until everything that was asked for has been answered and painted."""
    loop = QEventLoop()
    window.worker.idle.connect(loop.quit)
    loop.exec()
    QApplication.processEvents()


def closed(window: MainWindow) -> None:
    """Close a window for good."""
    window.close()
    window.deleteLater()


def settle(application: QApplication) -> None:
    """Let Qt and Python let go of what is no longer needed."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        application.processEvents()
        gc.collect()


def resident() -> int:
    """Bytes of memory in use, as Linux counts them."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
