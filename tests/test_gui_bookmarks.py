"""Bookmarks: star, go back, rename, move, remove, undo, and JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from driving import LEFT, settled
from hypothesis import given
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot
from test_gui_latent import JSON, MIXED

from infogan.export.bundle import Bundle
from infogan.gui.bookmarks import Bookmark, bookmarks_from, bookmarks_json
from infogan.gui.latent import Latent, LatentError, as_codes
from infogan.gui.picture import to_image
from infogan.gui.shelf import Shelf
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec


@pytest.fixture
def three(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window with three bookmarks, called a, b and c."""
    for value, name in ((-1, "a"), (0.5, "b"), (2, "c")):
        with settled(qtbot, window):
            window.state.set_code("c2", value)
        with settled(qtbot, window):
            window.state.star(name)
    return window


def names(window: MainWindow) -> list[str]:
    """As the list shows them, and as the state has them."""
    shown = [window.bookmarks.list.item(row).text() for row in range(window.bookmarks.list.count())]
    assert shown == [mark.name for mark in window.state.bookmarks]
    return shown


def test_a_star_is_called_by_its_codes_and_shows_its_picture(
    qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle
) -> None:
    with settled(qtbot, window):
        window.state.set_code("c2", 0.5)
    with settled(qtbot, window):
        window.bookmarks.star.click()
    (name,) = names(window)
    assert name.endswith(", +0.50, 0.00, seed 0")
    icon = window.bookmarks.list.item(0).icon().pixmap(42, 42).toImage()
    assert icon.convertToFormat(to_image(window.view.picture).format()) == to_image(window.view.picture).scaled(42, 42)


def test_a_click_goes_there(qtbot: QtBot, three: MainWindow) -> None:
    marks = three.bookmarks.list
    with settled(qtbot, three):
        qtbot.mouseClick(marks.viewport(), LEFT, pos=marks.visualItemRect(marks.item(0)).center())
    assert three.state.value("c2") == -1
    with settled(qtbot, three):
        three.undo()
    assert three.state.value("c2") == 2


def test_rename_move_remove_and_undo(qtbot: QtBot, three: MainWindow) -> None:
    marks = three.bookmarks.list
    marks.item(0).setText("first")
    assert names(three) == ["first", "b", "c"]
    marks.item(1).setText("  ")  # no name is none
    assert names(three) == ["first", "b", "c"]
    marks.model().moveRow(QModelIndex(), 0, QModelIndex(), 3)
    assert names(three) == ["b", "c", "first"]
    marks.model().moveRow(QModelIndex(), 2, QModelIndex(), 1)
    assert names(three) == ["b", "first", "c"]
    marks.setCurrentRow(0)
    qtbot.keyClick(marks, Qt.Key.Key_Delete)
    assert names(three) == ["first", "c"]
    for expected in (["b", "first", "c"], ["b", "c", "first"], ["first", "b", "c"], ["a", "b", "c"], ["a", "b"]):
        three.undo()
        assert names(three) == expected
    three.redo()
    assert names(three) == ["a", "b", "c"]


def test_bookmarks_are_saved_and_opened(
    qtbot: QtBot, three: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = tmp_path / "marks.json", three.state.bookmarks
    monkeypatch.setattr("infogan.gui.exchange.ask_save_path", lambda *_: path)
    monkeypatch.setattr("infogan.gui.file_dialog.QFileDialog.getOpenFileName", lambda *_, **__: (str(path), ""))
    three.actions_by_name["Save bookmarks"].trigger()
    three.state.set_bookmarks(())
    three.actions_by_name["Open bookmarks"].trigger()
    assert three.state.bookmarks == before
    assert all(not three.bookmarks.list.item(row).icon().isNull() for row in range(3))


def test_bookmarks_outlive_the_app(
    qtbot: QtBot, tiny_bundle: Bundle, three: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    marks = three.state.bookmarks
    first, second = MainWindow(), MainWindow()
    for window in (first, second):
        qtbot.addWidget(window)
        window.restore()
        with settled(qtbot, window):
            window.opening.show_bundle(tiny_bundle)
    first.state.set_bookmarks(marks)
    second.state.undo()
    assert not second.state.bookmarks
    third = MainWindow()
    qtbot.addWidget(third)
    third.restore()
    with settled(qtbot, third):
        third.opening.show_bundle(tiny_bundle)
    assert names(third) == ["a", "b", "c"]
    assert not caplog.records


def mark(name: str) -> Bookmark:
    """Of the neutral point."""
    return Bookmark(name, Latent(as_codes(MIXED.neutral())))


def test_two_windows_lose_nothing_of_each_other(tmp_path: Path) -> None:
    first, second = Shelf(tmp_path), Shelf(tmp_path)
    first.put(MIXED, (mark("a"), mark("b")))
    assert [held.name for held in second.get(MIXED)] == ["a", "b"]
    second.put(MIXED, (mark("a"), mark("b"), mark("c")))
    first.put(MIXED, (mark("b"),))
    assert [held.name for held in first.get(MIXED)] == ["b"]  # what the other window added does not appear by itself
    first.put(MIXED, (mark("b"), mark("d")))
    assert [held.name for held in Shelf(tmp_path).get(MIXED)] == ["b", "d", "c"]
    assert Shelf(tmp_path).get(LatentSpec()) == ()


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b'{"format": "infogan-bookmarks"}'])
def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    Shelf(tmp_path).put(MIXED, (mark("a"),))
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage)
    shelf = Shelf(tmp_path)
    assert shelf.get(MIXED) == ()
    assert "set aside" in caplog.text
    shelf.put(MIXED, (mark("b"),))
    assert path.with_suffix(".damaged").read_bytes() == damage
    assert Shelf(tmp_path).get(MIXED) == (mark("b"),)


def test_without_a_place_bookmarks_last_until_the_app_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    for shelf in (Shelf(), Shelf(tmp_path / "file" / "folder")):
        shelf.put(MIXED, (mark("a"),))
        assert shelf.get(MIXED) == (mark("a"),)
    assert "until the app ends" in caplog.text


@given(JSON)
def test_any_other_json_is_refused_in_a_sentence(value: Any) -> None:
    data = bookmarks_json(MIXED, [Bookmark("x", Latent(as_codes(MIXED.neutral())))])
    assert bookmarks_from(MIXED, json.loads(json.dumps(data)))[0].name == "x"
    assert bookmarks_from(MIXED, value) is None
    said = ""
    for broken in (data | {"bookmarks": value}, data | {"bookmarks": [value]}):
        try:
            bookmarks_from(MIXED, broken)
        except LatentError as error:
            said += str(error)
    assert "\n" not in said
    with pytest.raises(LatentError, match="another model"):
        bookmarks_from(LatentSpec(), data)
