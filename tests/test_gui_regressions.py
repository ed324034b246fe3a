"""Bugs that were found by reading and trying, each as a user would have met it."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from driving import LEFT, NONE, FakeBundle, draw, drawings, settled
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QMenu,
    QScrollBar,
)
from pytestqt.qtbot import QtBot

from infogan.gui.file_dialog import ask_save_path, suffix_of
from infogan.gui.grid import GridView
from infogan.gui.pad import Pad
from infogan.gui.picture_file import MAX_SIDE
from infogan.gui.slider import CodeSlider
from infogan.gui.window import MainWindow
from infogan.gui.wording import reading_text
from infogan.trainer.latents import LatentSpec, Uniform

KEYS = Qt.KeyboardModifier.NoModifier


def mouse(window_part, kind: QEvent.Type, x: float, buttons: Qt.MouseButton = LEFT) -> None:
    at = QPointF(x, 12)
    event = QMouseEvent(kind, at, window_part.mapToGlobal(at), LEFT, buttons, KEYS)
    QCoreApplication.sendEvent(window_part, event)


# Animations


def test_a_second_animation_has_only_its_own_pictures(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, names = window.walk_tab, ["one.gif", "two.gif"]
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: tmp_path / names.pop(0))
    window.tabs.setCurrentWidget(tab)
    tab.leg.setValue(1)
    fake = FakeBundle(LatentSpec((Uniform("u"),)), (1, 8, 8))
    with settled(qtbot, window):
        window.state.open(fake)
    fake.gate.clear()
    fake.begun.clear()
    window.walking.save()
    qtbot.waitUntil(fake.begun.is_set)
    with settled(qtbot, window):
        window.walking.save()
        fake.gate.set()
    assert not (tmp_path / "one.gif").exists()
    with Image.open(tmp_path / "two.gif") as animation:
        whole = sum(animation.seek(index) or animation.info["duration"] for index in range(animation.n_frames))
    assert whole == 2000  # 50 pictures of 40 ms, some of them merged


def test_an_animation_is_that_of_the_present_codes_and_needs_no_visible_tab(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle
) -> None:
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: tmp_path / "walk")
    window.walk_tab.leg.setValue(0.2)
    with settled(qtbot, window):
        window.state.set_code("c3", 1.5)
    with settled(qtbot, window):
        window.walking.save()
    c = window.state.c.copy()
    c[0, 10] = -2
    expected = np.floor(tiny_bundle.generate(window.state.z, c)[0, 0] * 255 + 0.5)
    with Image.open(tmp_path / "walk" / "0.png") as image:
        assert np.array_equal(np.asarray(image)[::8, ::8], expected)


def test_too_large_an_animation_is_refused_before_it_is_made(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: tmp_path / "walk.gif")
    window.walk_tab.leg.setValue(10)
    window.walk_tab.scale.setValue(40)
    window.walking.save()
    assert "choose a smaller size" in window.message.text.text()
    assert not window.walk_tab.progress.isVisible()


def test_another_bundle_leaves_an_animation_alone_and_the_player_alive(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle_path: Path
) -> None:
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: tmp_path / "walk.gif")
    window.tabs.setCurrentWidget(window.walk_tab)
    window.walk_tab.leg.setValue(0.2)
    with settled(qtbot, window):
        window.opening.open_bundle(tiny_bundle_path)
        window.walking.save()
    assert (tmp_path / "walk.gif").exists()
    assert window.walk_tab.save.isVisibleTo(window.walk_tab)
    assert not window.walk_tab._waits
    fake = FakeBundle(window.state.latents, (1, 28, 28))
    with settled(qtbot, window):
        window.opening.show_bundle(fake)
    assert np.allclose(window.walk_tab.view.picture, 0.5)  # not the picture of the bundle before


# Keys, wheel, drags


def test_delete_removes_the_bookmark_and_not_the_drawing(qtbot: QtBot, window: MainWindow) -> None:
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    with settled(qtbot, window):
        window.star()
    marks = window.bookmarks.list
    marks.setCurrentRow(0)
    marks.setFocus()
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Delete, KEYS)
    override.ignore()
    QApplication.sendEvent(marks, override)
    assert override.isAccepted()  # so Qt gives the key to the list and not to the menu
    qtbot.keyClick(marks, Qt.Key.Key_Delete)
    assert window.state.bookmarks == ()
    assert window.state.drawing


@pytest.mark.parametrize("disturb", ["shift", "undo"])
def test_a_drag_stays_one_step_whatever_happens_in_between(qtbot: QtBot, window: MainWindow, disturb: str) -> None:
    slider = window.controls.sliders["c2"].slider
    window.state.set_code("c3", 1)
    mouse(slider, QEvent.Type.MouseButtonPress, 60)
    for x in range(60, 90, 3):
        mouse(slider, QEvent.Type.MouseMove, x)
    if disturb == "shift":
        qtbot.keyClick(slider, Qt.Key.Key_Shift)
    else:
        window.undo()
    for x in range(90, 150, 3):
        mouse(slider, QEvent.Type.MouseMove, x)
    mouse(slider, QEvent.Type.MouseButtonRelease, 150, NONE)
    window.undo()
    assert window.state.value("c2") == 0
    assert window.state.value("c3") == 1
    assert window.state.history.undoes == "c3"


def test_a_bundle_that_comes_during_a_drag_ends_it(qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path) -> None:
    mouse(window.controls.sliders["c2"].slider, QEvent.Type.MouseButtonPress, 60)
    with settled(qtbot, window):
        window.opening.open_bundle(tiny_bundle_path)
    start = window.state.value("c1")
    for step in (1, 2):
        window.state.set_code("c1", (start + step) % 10)
    window.undo()
    assert window.state.value("c1") == (start + 1) % 10


def test_a_button_that_came_up_elsewhere_draws_no_more(window: MainWindow) -> None:
    pad = window.draw_tab.pad
    mouse(pad, QEvent.Type.MouseButtonPress, 50)
    mouse(pad, QEvent.Type.MouseMove, 60)
    mouse(pad, QEvent.Type.MouseMove, 90, NONE)
    mouse(pad, QEvent.Type.MouseMove, 120, NONE)
    assert len(window.state.drawing.strokes[0]) == 2


def test_scrolling_over_controls_changes_none(qtbot: QtBot, window: MainWindow) -> None:
    """Whatever there is to turn: sliders, number boxes and lists, of every tab."""
    before = window.state.latent, window.traversal_tab.rows.currentIndex(), window.walk_tab.what.currentIndex()
    window.bookmarks.star.setFocus()
    kinds = (QAbstractSlider, QAbstractSpinBox, QComboBox)
    controls = [widget for kind in kinds for widget in window.findChildren(kind) if not isinstance(widget, QScrollBar)]
    assert len(controls) > 15
    values = [widget.property("value") or widget.property("currentIndex") for widget in controls]
    for widget in controls:
        at, none = QPointF(20, 5), Qt.MouseButton.NoButton
        wheel = QWheelEvent(at, at, QPoint(), QPoint(0, 120), none, KEYS, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(widget, wheel)
    assert [widget.property("value") or widget.property("currentIndex") for widget in controls] == values
    after = window.state.latent, window.traversal_tab.rows.currentIndex(), window.walk_tab.what.currentIndex()
    assert after == before


def test_an_arrow_that_is_kept_down_in_a_number_box_is_one_step(window: MainWindow) -> None:
    window.state.set_code("c3", 1)
    number = window.controls.sliders["c2"].number
    for repeats in (False, True, True):
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Up, KEYS, "", repeats)
        QApplication.sendEvent(number, key)
    QApplication.sendEvent(number, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Up, KEYS))
    assert window.state.value("c2") > 2.5 * number.singleStep()
    window.undo()
    assert window.state.value("c2") == 0
    assert window.state.value("c3") == 1


def test_only_the_stroke_that_grows_is_painted_anew(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long drawing must not slow the pen down; and it looks as if it were painted whole."""
    draw(window, [np.random.default_rng(n).random((40, 2)) for n in range(5)])
    pad = window.draw_tab.pad
    pad.grab()
    painted = []
    real = pad._paint_stroke
    monkeypatch.setattr(
        pad, "_paint_stroke", lambda painter, stroke: (painted.append(len(stroke)), real(painter, stroke))
    )
    mouse(pad, QEvent.Type.MouseButtonPress, 50)
    mouse(pad, QEvent.Type.MouseMove, 60)
    pad.grab()
    assert painted == [2]
    mouse(pad, QEvent.Type.MouseButtonRelease, 60, NONE)
    anew = Pad()
    anew.resize(pad.size())
    anew.set_drawing(window.state.drawing)
    inner = pad.area().toRect().adjusted(2, 2, -2, -2)  # within the frame
    shown, expected = (each.grab(inner).toImage().convertToFormat(QImage.Format.Format_RGB32) for each in (pad, anew))
    assert shown == expected


def test_only_undo_and_redo_repeat_while_their_keys_are_down(window: MainWindow) -> None:
    repeating = {name for name, action in window.actions_by_name.items() if action.autoRepeat()}
    assert repeating == {"Undo", "Redo"}


# Files and the clipboard


def test_the_selected_part_of_a_message_can_be_copied(window: MainWindow) -> None:
    window.message.show_message("no such file: a.infogan")
    label = window.message.text
    label.setFocus()
    label.setSelection(14, 9)
    window.actions_by_name["Copy code"].trigger()
    assert QGuiApplication.clipboard().text() == "a.infogan"
    window.view.setFocus()
    window.actions_by_name["Copy code"].trigger()
    assert "infogan" in QGuiApplication.clipboard().text()
    assert "codes" in QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    ("typed", "chosen", "expected"),
    [("picture", 0, "picture.svg"), ("run.v2.png", 0, "run.v2.png"), ("mine", 1, "mine.pdf")],
)
def test_a_name_gets_the_suffix_of_its_format_before_qt_asks(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, chosen: int, expected: str
) -> None:
    def execute(dialog: QFileDialog) -> int:
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        if chosen:
            dialog.filterSelected.emit(dialog.nameFilters()[chosen])
        dialog.selectFile(str(tmp_path / typed))
        return 1

    monkeypatch.setattr(QFileDialog, "exec", execute)
    path = ask_save_path(None, "Save", str(tmp_path / "x"), "SVG (*.svg);;PDF (*.pdf)")
    assert path == tmp_path / expected
    assert suffix_of("Folder of PNG files (*)") == ""


def test_a_huge_picture_is_pasted_small_and_none_is_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    image = QImage(200, 5000, QImage.Format.Format_RGB32)
    image.fill(0)
    QGuiApplication.clipboard().setImage(image)
    with settled(qtbot, window):
        window.exchange.paste()
    assert window.state.drawing.picture.shape == (MAX_SIDE, 200 * MAX_SIDE // 5000)
    mime = QMimeData()
    mime.setData("application/x-qt-image", b"")
    QGuiApplication.clipboard().setMimeData(mime)
    window.exchange.paste()
    assert "nothing to paste" in window.message.text.text()


def test_a_number_of_400_digits_is_a_sentence(window: MainWindow) -> None:
    window.exchange.take_text('{"format": "infogan-drawing", "format_version": 1, "width": ' + "9" * 400 + "}")
    assert "width is no number" in window.message.text.text()


def test_a_picture_and_its_code_belong_together(qtbot: QtBot, window: MainWindow) -> None:
    window.exchange.copy_picture()
    before = QGuiApplication.clipboard().text()
    window.state.set_code("c2", 1)  # its picture is still to come
    window.exchange.copy_picture()
    assert QGuiApplication.clipboard().text() == before


def test_a_recent_bundle_with_an_impossible_name_is_greyed(window: MainWindow) -> None:
    window.settings.remember(Path("/" + "x" * 300))
    menu = QMenu(window)
    window.opening.fill_recent(menu)
    assert not menu.actions()[0].isEnabled()


# Any latent spec


@pytest.mark.parametrize("width", [0.1, 0.001, 1000.0])
def test_the_number_box_tells_values_apart(qtbot: QtBot, width: float) -> None:
    with_code = FakeBundle(LatentSpec((Uniform("u", 0, width),)), (1, 28, 28))
    window = MainWindow()
    qtbot.addWidget(window)
    window.opening.show_bundle(with_code)
    control = window.controls.sliders["u"]
    assert isinstance(control, CodeSlider)
    assert control.number.minimum() == pytest.approx(-width / 2)
    for _ in range(200):
        control.number.stepBy(-1)
    assert window.state.value("u") == pytest.approx(-width / 2)
    window.close()


def test_tiles_without_width_are_no_trouble(qtbot: QtBot) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(240, 240)
    grid.set_axes(("a", "b"), (("x",), ("",) * 500), (1, 8, 8))
    grid._point((0, 3))
    assert not grid.grab().isNull()


def test_reset_is_greyed_at_the_middle_of_a_narrow_range_far_from_zero(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.opening.show_bundle(FakeBundle(LatentSpec((Uniform("u", 100, 100.1),)), (1, 28, 28)))
    control = window.controls.sliders["u"]
    assert not control.reset_button.isEnabled()
    window.state.set_code("u", 100.06)
    assert control.reset_button.isEnabled()
    control.reset_button.click()
    assert not control.reset_button.isEnabled()
    window.close()


def test_the_enlarged_tile_hides_no_text_and_goes_with_the_focus(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.traversal_tab.grid
    rows, columns = len(grid.row_texts), len(grid.column_texts)
    tiles = grid.tile_rect(0, 0) | grid.tile_rect(rows - 1, columns - 1)
    for row, column in product((0, rows - 1), (0, columns - 1)):
        assert tiles.adjusted(-1, -1, 1, 1).contains(grid.lens_rect(row, column))
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    assert grid.pointed is not None
    window.traversal_tab.rows.setFocus(Qt.FocusReason.TabFocusReason)
    assert grid.pointed is None


def test_pictures_beside_probabilities_stay_whatever_is_set(qtbot: QtBot, window: MainWindow) -> None:
    bars, picker = window.draw_tab.answers.bars["c1"], window.controls.pickers["c1"]
    before, buttons = dict(bars._images), {index: button.image for index, button in picker.buttons.items()}
    assert len(before) == 10
    with settled(qtbot, window):
        window.state.set_code("c2", 2)
    assert bars._images == before
    assert any(button.image != buttons[index] for index, button in picker.buttons.items())


def test_the_eraser_says_that_it_is_on(window: MainWindow) -> None:
    eraser = window.draw_tab.tools.eraser
    assert eraser.text() == "E&raser"
    eraser.click()
    assert eraser.text() == "E&raser: on"
    eraser.click()
    assert eraser.text() == "E&raser"


def test_the_answer_stands_in_the_heading(qtbot: QtBot, window: MainWindow) -> None:
    heading = window.draw_tab.below.title
    assert heading.text() == "What the network reads"
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    code, posterior = window.state.latents["c1"], window.draw_tab.reading.posterior
    assert heading.text() == f"What the network reads: {reading_text(window.state.bundle, code, posterior)}"


def test_where_the_heading_has_no_room_the_answer_alone_stands_there(qtbot: QtBot, window: MainWindow) -> None:
    tab = window.draw_tab
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    heading = tab.below.title.text()
    tab.below.title.resize(100, 24)
    tab.show_reading(tab.reading)
    assert heading == f"What the network reads: {tab.below.title.text()}"
    assert tab.below.title.toolTip() == heading


def test_a_heading_does_not_keep_the_room_that_it_once_had(qtbot: QtBot, window: MainWindow) -> None:
    """A window that had grown wide could not be made small again, when the label's width became its least."""
    window.resize(1700, 900)
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    title = window.draw_tab.below.title
    room = title.parentWidget()
    assert room.minimumSizeHint().width() < title.width() == room.width()
