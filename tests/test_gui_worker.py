"""The worker: the newest request wins, urgent ones go first, errors are values, closing waits."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from infogan.gui.worker import Worker


class Gate:
    """Work that says when it has begun and goes on when it may."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()
        self.calls: list[object] = []
        self.done: list[object] = []

    def job(self, value: object):
        def run() -> object:
            self.calls.append(value)
            self.begun.set()
            assert self.open.wait(10)
            self.done.append(value)
            return value

        return run


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    worker = Worker()
    worker.answers = []
    worker.answered.connect(lambda channel, answer: worker.answers.append((channel, answer)))
    yield worker
    worker.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


def test_of_fifty_requests_the_first_and_the_last_are_done(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("preview", gate.job(0))
    assert gate.begun.wait(10)
    for value in range(1, 50):
        worker.request("preview", gate.job(value))
    with qtbot.waitSignal(worker.idle):
        gate.open.set()
    assert gate.calls == [0, 49]
    assert worker.answers == [("preview", 0), ("preview", 49)]


def test_channels_do_not_replace_each_other_and_go_by_urgency(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("grid", gate.job("first"))
    assert gate.begun.wait(10)
    for channel in ("grid", "thumbnails", "reading", "preview", "picture", "open"):
        worker.request(channel, gate.job(channel))
    with qtbot.waitSignal(worker.idle):
        gate.open.set()
    assert gate.calls == ["first", "open", "picture", "preview", "reading", "thumbnails", "grid"]


def test_a_preview_waits_for_one_piece_of_a_grid_only(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("grid", *(gate.job(row) for row in range(10)))
    assert gate.begun.wait(10)
    worker.request("preview", gate.job("preview"))
    with qtbot.waitSignal(worker.idle):
        gate.open.set()
    assert gate.calls == [0, "preview", *range(1, 10)]
    assert [answer for _, answer in worker.answers] == gate.calls


def test_a_new_grid_ends_the_one_before(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("grid", *(gate.job(("old", row)) for row in range(10)))
    assert gate.begun.wait(10)
    worker.request("grid", *(gate.job(("new", row)) for row in range(2)))
    with qtbot.waitSignal(worker.idle):
        gate.open.set()
    assert gate.calls == [("old", 0), ("new", 0), ("new", 1)]


def test_errors_are_values_and_work_goes_on(qtbot: QtBot, worker: Worker) -> None:
    failures = []
    worker.failed.connect(lambda channel, error: failures.append((channel, error)))

    def fail() -> None:
        raise ValueError("no")

    with qtbot.waitSignal(worker.idle):
        worker.request("grid", fail, lambda: "never")
        worker.request("preview", lambda: "fine")
    assert [(channel, type(error), str(error)) for channel, error in failures] == [("grid", ValueError, "no")]
    assert worker.answers == [("preview", "fine")]


def test_what_is_forgotten_is_not_answered(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("preview", gate.job("running"))
    assert gate.begun.wait(10)
    worker.request("grid", gate.job("waiting"))
    worker.request("open", gate.job("kept"))
    worker.forget(("preview", "grid"))
    with qtbot.waitSignal(worker.idle):
        gate.open.set()
    assert gate.calls == ["running", "kept"]
    assert worker.answers == [("open", "kept")]


def test_answers_arrive_on_the_gui_thread(qtbot: QtBot, worker: Worker) -> None:
    threads = []
    worker.answered.connect(lambda *_: threads.append(threading.current_thread()))
    with qtbot.waitSignal(worker.idle):
        worker.request("preview", lambda: threads.append(threading.current_thread()))
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_close_waits_and_then_nothing_is_answered(qtbot: QtBot, worker: Worker, gate: Gate) -> None:
    worker.request("preview", gate.job("running"))
    assert gate.begun.wait(10)
    threading.Timer(0.05, gate.open.set).start()
    worker.close()
    assert gate.done == ["running"]
    worker.request("preview", gate.job("late"))
    worker.close()
    assert gate.calls == ["running"]
    assert worker.answers == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("infogan-worker")]
