"""How the explorer behaves: when it is there, how soon a hand sees what it does, what it takes at rest and for good."""

import gc
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import distribution
from importlib.resources import files
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from infogan.gui import jobs
from infogan.gui.app import SHIPPED
from infogan.gui.window import MainWindow
from infogan.gui.worker import Channel
from timing import percentiles

ROOT = Path(__file__).parent.parent
SIDE = 32  # tiles along each side of the grid
FRAME = 17  # milliseconds from one move of the hand to the next
SETTLED = 0.2  # seconds that what follows a click may take
PACE = 8  # steps of the slider from one move to the next
LOST = 10_000  # milliseconds after which an answer will never come
STROKE = 40  # moves of the pen
WARM = 10  # windows until all that is loaded once is loaded
PARTS = "gui", "export", "trainer", "assets"


def measure(quick: bool) -> dict[str, Any]:
    """All figures of this file, with settings of its own: nothing of the user's is read or written."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home)
        started = starts(3 if quick else 10)
        application = QApplication([])
        window = opened()
        result = {
            "start_s": started,
            "slider": percentiles(slider(window, 100 if quick else 600)),
            "stroke": percentiles(strokes(window, 100 if quick else 600)),
            "longest_gap_ms": round(longest_gap(window) * 1000, 1),
            "idle": share_at_rest(2 if quick else 10),
            "resident_mb": round(resident() / 1e6),
            "installed_mb": installed(),
        }
        closed(window)
        del window
        return result | leaks(application, 20 if quick else 50)


def starts(times: int) -> dict[str, float]:
    """Seconds from the start of the process to the first picture on screen: the first time, and of the others.

    The first compiles all that it imports, Python's own modules too.
    """
    script, seconds = str(Path(__file__).with_name("first_picture.py")), []
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as compiled:
        for _ in range(times + 1):
            command = [sys.executable, "-X", f"pycache_prefix={compiled}", script, repr(time.time())]
            child = subprocess.run(command, check=True, capture_output=True, text=True, env=kept)
            seconds.append(float(child.stdout))
    return {"first": seconds[0], "median": sorted(seconds[1:])[times // 2], "slowest": max(seconds[1:])}


def opened() -> MainWindow:
    """A window with the bundled model, everything in it drawn."""
    window = MainWindow()
    window.resize(1240, 800)
    window.show()
    window.opening.open_bundle(Path(str(files("infogan.assets") / SHIPPED)))
    answered(window)
    return window


def slider(window: MainWindow, moves: int) -> list[float]:
    """Seconds from each move of a slider that a hand drags until its picture, or a newer one, is on screen."""
    handle = window.controls.sliders["c2"].slider
    there_and_back = [*range(0, handle.maximum(), PACE), *range(handle.maximum(), 0, -PACE)]
    acts = [partial(handle.setValue, place) for place in islice(cycle(there_and_back), 1, moves + 1)]
    handle.held.emit(True)
    seconds = Hand(window, "preview", "preview", window.view).play(acts)
    handle.held.emit(False)
    answered(window)
    return seconds


def strokes(window: MainWindow, moves: int) -> list[float]:
    """Seconds from each move of a pen until what Q reads, of it or of a later one, is on screen."""
    window.tabs.setCurrentWidget(window.draw_tab)
    pause(SETTLED)
    # Of the bars only those are painted that change; what Q sees is painted in the same turn, and always.
    pad, seen, seconds = window.draw_tab.pad, window.draw_tab.seen, list[float]()
    side = pad.area().width()
    for begun in range(0, moves, STROKE):
        window.draw_tab.clear_drawing()
        pause(SETTLED)
        points = [QPointF(0.5 + 0.25 * math.sin(i / 7), 0.2 + 0.6 * i / STROKE) * side for i in range(STROKE + 1)]
        send(pad, QEvent.Type.MouseButtonPress, points[0])
        pause(SETTLED)
        drawn = points[1 : moves - begun + 1]
        acts = [partial(send, pad, QEvent.Type.MouseMove, point) for point in drawn]
        seconds += Hand(window, "reading", "read", seen).play(acts)
        send(pad, QEvent.Type.MouseButtonRelease, drawn[-1])
        pause(SETTLED)
    return seconds


class Hand(QObject):
    """Acts at the pace of a screen, whatever has been answered, and notices when each act can be seen.

    An answer shows all that was done before the worker began with it, since only the newest request waits.

    Args:
        window: the app.
        channel: on which the worker answers.
        job: the function of :mod:`infogan.gui.jobs` that it runs for that.
        shown: the widget that is painted then.
    """

    def __init__(self, window: MainWindow, channel: Channel, job: str, shown: QWidget) -> None:
        super().__init__(window)
        self._worker, self._channel, self._job, self._shown = window.worker, channel, job, shown
        self._acted: list[float] = []  # when
        self._seen: list[float] = []
        self._begun = deque[int]()  # how many acts there had been when the worker began with each answer
        self._answered = 0  # acts that the next painting shows
        self._loop = QEventLoop(self)

    def play(self, acts: Sequence[Callable[[], object]]) -> list[float]:
        """Seconds from each act until it is seen.

        Raises:
            TimeoutError: something never is.
        """
        waiting = iter(acts)

        def act() -> None:
            following = next(waiting, None)
            if following is None:
                clock.stop()
                return
            self._acted.append(time.perf_counter())
            following()

        self._worker.answered.connect(self._notice)  # after the window's own: it has taken the answer by then
        self._shown.installEventFilter(self)
        clock = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=FRAME)
        clock.timeout.connect(act)
        clock.start()
        QTimer.singleShot(len(acts) * FRAME + LOST, self._loop.quit)
        self._wanted = len(acts)
        with patch.object(jobs, self._job, self._noting(getattr(jobs, self._job))):
            self._loop.exec()
        self._worker.answered.disconnect(self._notice)
        self._shown.removeEventFilter(self)
        if len(self._seen) < len(acts):
            raise TimeoutError("the window does not answer")
        return [seen - acted for acted, seen in zip(self._acted, self._seen, strict=True)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look on while the widget is painted."""
        if event.type() == QEvent.Type.Paint:
            self._seen += [time.perf_counter()] * (self._answered - len(self._seen))
            if len(self._seen) == self._wanted:
                self._loop.quit()
        return False

    def _noting(self, job: Callable[..., object]) -> Callable[..., object]:
        """The job, which says when it begins; it runs in the worker's thread."""

        def noted(*arguments: object) -> object:
            self._begun.append(len(self._acted))
            return job(*arguments)

        return noted

    def _notice(self, channel: Channel, answer: object) -> None:
        if channel == self._channel and self._begun:
            self._answered = self._begun.popleft()


def send(pad: QWidget, kind: QEvent.Type, at: QPointF) -> None:
    """One event of a mouse whose left button is down."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
    QCoreApplication.sendEvent(pad, QMouseEvent(kind, at, pad.mapToGlobal(at), button, left, none))


def longest_gap(window: MainWindow) -> float:
    """Seconds between two turns of the event loop, at most, while a grid of ``SIDE`` x ``SIDE`` is made and shown."""
    window.tabs.setCurrentWidget(window.traversal_tab)
    pause(SETTLED)
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


def share_at_rest(seconds: int) -> float:
    """Processor time of this process over wall-clock time, while nobody does anything."""
    started, used = time.perf_counter(), time.process_time()
    pause(seconds)
    return (time.process_time() - used) / (time.perf_counter() - started)


def leaks(application: QApplication, windows: int) -> dict[str, Any]:
    """What windows leave behind that were opened and closed one after the other, once the first of them are gone."""
    used, threads = [], threading.active_count()
    for _ in range(windows):
        closed(opened())
        settle(application)
        used.append(resident())
    return {
        "windows": windows,
        "windows_left_mb": round((used[-1] - used[min(WARM, windows) - 1]) / 1e6, 2),
        "threads_left": threading.active_count() - threads,
        "widgets_left": len(application.topLevelWidgets()),
    }


def answered(window: MainWindow) -> None:
    """Turn the event loop until everything that was asked for has been answered and painted."""
    loop = QEventLoop()
    window.worker.idle.connect(loop.quit)
    QTimer.singleShot(LOST, loop.quit)
    loop.exec()
    QApplication.processEvents()


def pause(seconds: float) -> None:
    """Turn the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


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


def installed() -> dict[str, int]:
    """Megabytes on the disk of this project and of what its app needs besides Python."""
    sizes = {"this project": sum(file.stat().st_size for part in PARTS for file in (ROOT / part).glob("*.*"))}
    wanted = ["numpy", "onnxruntime", "pillow", "PySide6-Essentials"]
    while wanted:
        name = wanted.pop()
        package = distribution(name)
        paths = [Path(str(package.locate_file(file))) for file in package.files or ()]
        sizes[name] = sum(path.stat().st_size for path in paths if path.exists())
        for line in package.requires or ():
            other = re.match(r"[\w.-]+", line)
            if other and "extra ==" not in line and other[0] not in sizes:
                wanted.append(other[0])
    return {name: round(size / 1e6) for name, size in sizes.items()}
