"""What someone who had never seen the app stumbled over."""

import json
from pathlib import Path

import pytest
from driving import FakeBundle, settled, stroke
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from infogan.gui import palette
from infogan.gui.file_dialog import ask_open_path, ask_save_path
from infogan.gui.latent import Latent, as_codes, from_json, to_json
from infogan.gui.readback import LONGEST_VALUE, set_text
from infogan.gui.shelf import Shelf
from infogan.gui.state import ExplorerState
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec


def named(labels: str, fingerprint: str) -> FakeBundle:
    """A bundle that calls its classes so."""
    bundle = FakeBundle(LatentSpec(), (1, 28, 28))
    bundle.label = lambda name, index: labels[index] if name == "c1" else None
    bundle.fingerprint = fingerprint
    return bundle


FIRST, SECOND = named("0123456789", "first"), named("9876543210", "second")


def test_a_three_stays_a_three_in_another_model(tmp_path: Path) -> None:
    """Also as a bookmark, in what is undone, and when all is opened again."""
    state = ExplorerState()
    state.shelf = Shelf(tmp_path)
    state.open(FIRST)
    for digit in (4, 3):
        state.set_code("c1", digit)
        state.star(str(digit))
    state.open(SECOND)
    assert SECOND.label("c1", int(state.value("c1"))) == "3"
    numbers = [int(mark.latent.value(state.latents, "c1")) for mark in state.bookmarks]
    assert [SECOND.label("c1", number) for number in numbers] == ["4", "3"]
    state.undo()
    state.undo()
    assert SECOND.label("c1", int(state.value("c1"))) == "4"
    state.open(FIRST)
    assert state.value("c1") == 4

    again = ExplorerState()
    again.shelf = Shelf(tmp_path)
    again.open(SECOND)
    assert [mark.latent.value(again.latents, "c1") for mark in again.bookmarks] == [5]


def test_a_saved_code_means_its_class_in_any_model() -> None:
    latents = LatentSpec()
    latent = Latent(as_codes(latents.neutral())).with_code(latents, "c1", 4)
    data = json.loads(json.dumps(to_json(latents, latent, FIRST)))
    assert data["labels"] == {"c1": "4"}
    assert from_json(latents, data, SECOND).value(latents, "c1") == 5
    assert from_json(latents, data, FIRST) == from_json(latents, data) == latent
    nameless = FakeBundle(latents, (1, 28, 28))
    assert from_json(latents, data, nameless) == latent
    assert "labels" not in to_json(latents, latent, nameless)
    for odd in ({"c1": "x"}, {"c1": 5}, [], None):
        assert from_json(latents, {**data, "labels": odd}, SECOND) == latent


def test_what_was_typed_can_be_undone_at_once(qtbot: QtBot, window: MainWindow) -> None:
    for box, field in ((window.controls.sliders["c2"].number, "codes"), (window.controls.noise.seed, "noise")):
        box.setFocus()
        box.selectAll()
        with settled(qtbot, window):
            QTest.keyClicks(box, "1")
            QTest.keyClick(box, Qt.Key.Key_Return)
        assert window.state.history.undoes is not None, field
        assert not box.hasFocus()
        with settled(qtbot, window):
            QTest.keyClick(window.focusWidget(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert window.state.history.undoes is None, field


def test_a_double_click_selects_the_whole_number(window: MainWindow) -> None:
    for box in (window.controls.sliders["c2"].number, window.controls.noise.seed):
        edit = box.findChild(QLineEdit)
        QTest.mouseDClick(edit, Qt.MouseButton.LeftButton)
        assert edit.selectedText() == edit.text()


def test_the_view_menu_marks_what_is_chosen(window: MainWindow) -> None:
    def marked() -> set[str]:
        menus = [menu for menu in window.menuBar().findChildren(QMenu) if menu.actions()]
        for menu in menus:
            if menu.title() in ("&View", "Lan&guage"):
                menu.aboutToShow.emit()
        return {name for name, action in window.actions_by_name.items() if action.isChecked()}

    assert marked() == {"Colours of the system", "Language of the system"}
    for name in ("Dark colours", "Deutsch", "Pictures beneath the sliders"):
        window.actions_by_name[name].trigger()
    assert marked() == {"Dark colours", "Deutsch", "Pictures beneath the sliders"}
    window.actions_by_name["Colours of the system"].trigger()


def test_colours_are_made_where_the_desktop_does_not_let_an_app_choose(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = QGuiApplication.styleHints()
    monkeypatch.setattr(type(hints), "setColorScheme", lambda self, scheme: None)
    monkeypatch.setattr(type(hints), "colorScheme", lambda self: Qt.ColorScheme.Unknown)
    try:
        for scheme, darker in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
            palette.apply_scheme(scheme)
            text, ground = (
                QGuiApplication.palette().color(role).lightness()
                for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window)
            )
            assert (ground < text) == darker
    finally:
        palette.apply_scheme(Qt.ColorScheme.Unknown)


def test_dialogs_begin_where_the_last_file_was(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def choose(parent: object, title: str, folder: str, filters: str) -> tuple[str, str]:
        begun.append(folder)
        return str(tmp_path / "mine.infogan"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    ask_open_path(None, "Open", "All files (*)")
    ask_open_path(None, "Open", "All files (*)")
    assert begun[1] == str(tmp_path) != begun[0]

    def accept(dialog: QFileDialog) -> int:
        begun.append(dialog.directory().path())
        return 0

    monkeypatch.setattr(QFileDialog, "exec", accept)
    assert ask_save_path(None, "Save", "picture.png", "PNG (*.png)") is None
    assert begun[2] == str(tmp_path)


def test_a_stroke_taken_back_by_the_button_can_be_drawn_again(qtbot: QtBot, window: MainWindow) -> None:
    window.tabs.setCurrentWidget(window.draw_tab)
    pad = window.draw_tab.pad
    side = pad.width()
    with settled(qtbot, window):
        stroke(pad, [QPointF(side * part, side / 2) for part in (0.3, 0.5, 0.7)])
    drawing = window.state.drawing
    assert drawing.strokes
    with settled(qtbot, window):
        window.draw_tab.tools.undo.click()
    assert not window.state.drawing
    assert window.state.history.redoes == "drawing"
    with settled(qtbot, window):
        window.redo()
    assert window.state.drawing is drawing


def test_a_long_name_leaves_room_for_its_share_and_the_sign_beside_it(qtbot: QtBot) -> None:
    cell, text = QLabel(), "Ankle boot with long laces (100 %)"
    qtbot.addWidget(cell)
    set_text(cell, text)
    assert cell.text().startswith("Ankle")
    assert cell.text().endswith(" %)")
    assert cell.fontMetrics().horizontalAdvance(cell.text()) <= LONGEST_VALUE
    assert cell.toolTip() == text
    set_text(cell, "7 (98 %)")
    assert (cell.text(), cell.toolTip()) == ("7 (98 %)", "")
