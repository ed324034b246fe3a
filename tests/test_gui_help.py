"""Hints, shortcuts, the log: what helps when one is new, and when something breaks."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import LEFT
from PySide6.QtCore import QStandardPaths, qWarning
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from infogan.gui import log
from infogan.gui.window import MainWindow


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The log file of this test, while the log runs."""
    monkeypatch.setattr(log, "folder", lambda: tmp_path / "log")
    log.start()
    yield tmp_path / "log" / log.NAME
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
    log.stop()


def raised(error: Exception) -> Exception:
    """An exception that knows where it came from."""
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_bug_is_logged_and_told_once_and_the_window_stays(window: MainWindow, logged: Path) -> None:
    log.catch(window.show_error)
    for text, told in (("oops", True), ("oops", False), ("ouch", True)):
        error = raised(RuntimeError(text))
        window.message.hide()
        sys.excepthook(RuntimeError, error, error.__traceback__)
        assert window.message.isVisible() == told
    assert "ouch" in window.message.text.text()
    assert not window.message.details.isVisible()
    window.message.more.click()
    assert "in raised" in window.message.details.toPlainText()
    content = logged.read_text()
    assert content.count("RuntimeError: oops") == 2
    assert "in raised" in content
    assert window.isVisible()


def test_a_thread_that_dies_is_logged(window: MainWindow, logged: Path) -> None:
    log.catch(window.show_error)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in logged.read_text()


def test_what_qt_says_is_logged(qtbot: QtBot, logged: Path) -> None:
    qWarning("careful")
    assert "WARNING Qt: careful" in logged.read_text()


def test_no_log_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(log, "folder", lambda: tmp_path / "file")
    log.start()
    log.LOG.warning("still there")
    log.stop()
    assert log.LOG.handlers == []


def test_the_hint_is_shown_until_it_was_dismissed(qtbot: QtBot) -> None:
    for seen in (False, True):
        window = MainWindow()
        qtbot.addWidget(window)
        window.restore()
        window.show()
        assert window.hint.isVisible() != seen
        if not seen:
            qtbot.mouseClick(window.hint.dismiss, LEFT)
            assert not window.hint.isVisible()
        window.close()
    window.actions_by_name["First steps"].trigger()
    assert "choose a category" in window.hint.text.text()


def box(window: MainWindow, title: str) -> QMessageBox:
    return next(child for child in window.findChildren(QMessageBox) if child.windowTitle() == title)


def test_about_says_that_nothing_is_sent(window: MainWindow) -> None:
    window.actions_by_name["About InfoGAN Explorer"].trigger()
    about = box(window, "About InfoGAN Explorer")
    assert "nothing is sent" in about.text()
    assert "onnxruntime" in about.text()
    about.close()


def test_all_shortcuts_are_listed(window: MainWindow) -> None:
    window.actions_by_name["Keyboard shortcuts"].trigger()
    text = box(window, "Keyboard shortcuts").text()
    for action in window.actions_by_name.values():
        assert action.shortcut().toString() in text
    box(window, "Keyboard shortcuts").close()


def test_the_log_folder_is_opened(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr("infogan.gui.help.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()))
    window.actions_by_name["Log folder"].trigger()
    assert opened == [str(log.folder())]
    assert opened[0].startswith(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation))
