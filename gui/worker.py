"""One thread for everything that takes time; of many requests of a kind, only the newest is kept."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, get_args

from PySide6.QtCore import QObject, Qt, Signal

# The most urgent first.
Channel = Literal[
    "open",
    "second",
    "picture",
    "preview",
    "reading",
    "walk",
    "compare",
    "thumbnails",
    "classes",
    "films",
    "bookmarks",
    "plane",
    "grid",
    "animation",
]
PRIORITY: tuple[Channel, ...] = get_args(Channel)
Chunk = Callable[[], Any]


@dataclass(eq=False)
class Request:
    """Pieces of work that belong together: each gives an answer of its own."""

    channel: Channel
    chunks: deque[Chunk]


class Worker(QObject):
    """Runs requests off the GUI thread, one piece at a time, the most urgent channel first.

    A request replaces the one that waits in its channel, there is no queue. Between two pieces a more urgent request
    goes first. All bookkeeping happens on the GUI thread, so it needs no lock.
    """

    answered = Signal(str, object)  # channel, what a piece returned
    failed = Signal(str, object)  # channel, the exception that a piece raised
    idle = Signal()  # everything was answered
    _done = Signal(object)  # Future; crosses from the thread to the GUI thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="infogan-worker")
        self._waiting: dict[Channel, Request] = {}
        self._running: Request | None = None  # None too when the answer of what runs is no longer wanted
        self._busy = False
        self._closed = False
        self._done.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    def request(self, channel: Channel, *chunks: Chunk) -> None:
        """Ask for the pieces in order, instead of what waits in this channel.

        They run in another thread: they must not touch widgets, nor data that changes.
        """
        self._waiting[channel] = Request(channel, deque(chunks))
        self._start()

    def forget(self, channels: Iterable[Channel]) -> None:
        """Drop what waits in these channels, and the answer of what runs."""
        for channel in channels:
            self._waiting.pop(channel, None)
            if self._running and self._running.channel == channel:
                self._running = None

    def close(self) -> None:
        """Drop everything and wait for the piece that runs; later requests are ignored."""
        self._closed = True
        self.forget(PRIORITY)
        self._pool.shutdown(wait=True)

    def _start(self) -> None:
        if self._busy or self._closed:
            return
        self._waiting = {channel: request for channel, request in self._waiting.items() if request.chunks}
        channel = next((channel for channel in PRIORITY if channel in self._waiting), None)
        if channel is None:
            self.idle.emit()
            return
        self._running, self._busy = self._waiting[channel], True
        self._pool.submit(self._running.chunks.popleft()).add_done_callback(self._done.emit)

    def _finish(self, future: Future[Any]) -> None:
        request, self._running, self._busy = self._running, None, False
        if request and not self._closed:
            self._deliver(request, future)
        self._start()

    def _deliver(self, request: Request, future: "Future[Any]") -> None:
        error = future.exception()
        if error is None:
            self.answered.emit(request.channel, future.result())
        else:
            request.chunks.clear()
            self.failed.emit(request.channel, error)
