"""The real window, driven as a user does."""

import threading
from pathlib import Path

import numpy as np
import pytest
from driving import LEFT, NONE, FakeBundle, click_tile, draw, drawings, settled, stroke
from PySide6 import QtGui
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QFocusEvent, QFont, QKeyEvent, QMouseEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui import jobs, translation
from infogan.gui.latent import NoiseSource, seed_noise
from infogan.gui.picture import to_image
from infogan.gui.picture_file import to_grey
from infogan.gui.section import MARGIN
from infogan.gui.strokes import strokes_to_mnist
from infogan.gui.traversal import SEEDS
from infogan.gui.window import MainWindow
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform


def row_of(window: MainWindow, index: int) -> int:
    """Rows are in the order of the labels."""
    return window.traversal_tab.traversal.rows.values.index(index)


def shown_probabilities(window: MainWindow) -> list[float]:
    return window.draw_tab.answers.bars["c1"].probabilities


def first_text(window: MainWindow) -> str:
    """What the button says that stands first."""
    return next(iter(window.controls.pickers["c1"].buttons.values())).text()


def generated(bundle: Bundle, window: MainWindow) -> np.ndarray:
    return bundle.generate(window.state.z, window.state.c)[0]


# Exploring


def test_the_window_opens_on_a_bundle(window: MainWindow, tiny_bundle: Bundle) -> None:
    assert window.windowTitle().startswith(tiny_bundle.name)
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))
    assert all(button.image is not None for button in window.controls.pickers["c1"].buttons.values())
    assert window.traversal_tab.grid.current == (0, 0)
    assert window.controls.pickers["c1"].buttons[int(window.state.value("c1"))].text() == first_text(window)
    assert not window.message.isVisible()


@pytest.mark.parametrize("width", [1240, 1500, 1900])
def test_no_strip_beside_or_below_the_generated_picture(qtbot: QtBot, window: MainWindow, width: int) -> None:
    window.resize(width, 1000)
    cells, share = window.view.image.width(), (width - 350) * 2 / 7

    def hugs() -> bool:
        view, table = window.view.size(), window.read_back.minimumSizeHint().width()
        side = view.width() // cells * cells
        return side > share - cells and view.width() == max(side, table) and view.height() == side

    qtbot.waitUntil(hugs)


def test_a_category_button_changes_the_picture(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    before = window.view.picture
    with settled(qtbot, window):
        qtbot.mouseClick(window.controls.pickers["c1"].buttons[4], LEFT)
    assert window.state.value("c1") == 4
    assert not np.array_equal(window.view.picture, before)
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))
    assert window.read_back.set_labels["c1"].text() == window.controls.pickers["c1"].buttons[4].text()
    assert window.traversal_tab.grid.current == (row_of(window, 4), 0)


def test_thumbnails_show_the_classes_under_the_other_codes(
    qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle
) -> None:
    with settled(qtbot, window):
        window.controls.sliders["c2"].number.setValue(1.5)
    c = window.state.c.copy()
    c[0, :10] = np.eye(10)[7]
    assert window.controls.pickers["c1"].buttons[7].image == to_image(tiny_bundle.generate(window.state.z, c)[0])


def test_slider_and_number_are_in_step(qtbot: QtBot, window: MainWindow) -> None:
    control = window.controls.sliders["c2"]
    with settled(qtbot, window):
        control.slider.setValue(control.slider.maximum())
    assert control.number.value() == window.state.value("c2") == 2
    with settled(qtbot, window):
        control.number.setValue(-0.5)
    assert window.state.value("c2") == -0.5
    assert control.slider.value() == round(0.375 * control.slider.maximum())
    assert window.read_back.set_labels["c2"].text() == "−0.50"
    with settled(qtbot, window):
        qtbot.mouseDClick(control.slider, LEFT)
    assert control.number.value() == window.state.value("c2") == 0


def test_the_number_box_writes_and_reads_as_the_tables_do(qtbot: QtBot, window: MainWindow) -> None:
    number, keys = window.controls.sliders["c2"].number, Qt.KeyboardModifier.NoModifier
    for typed, written in (("1.5", "+1.50"), ("-0,25", "−0.25"), ("−2", "−2.00"), ("+0.8", "+0.80"), ("0", "0.00")):
        number.lineEdit().selectAll()
        with settled(qtbot, window):
            for key in typed:
                QCoreApplication.sendEvent(number, QKeyEvent(QEvent.Type.KeyPress, 0, keys, key))
            qtbot.keyClick(number, Qt.Key.Key_Return)
        assert number.text() == written == window.read_back.set_labels["c2"].text()
        assert window.state.value("c2") == pytest.approx(float(written.replace("−", "-")))
    number.lineEdit().selectAll()
    qtbot.keyClicks(number, "x")
    assert number.value() == 0


def test_q_reads_the_generated_picture(window: MainWindow, tiny_bundle: Bundle) -> None:
    posterior = tiny_bundle.infer(tiny_bundle.generate(window.state.z, window.state.c))
    best = int(posterior.probs["c1"][0].argmax())
    name = window.controls.pickers["c1"].buttons[best].text()
    assert window.read_back.readers[0].labels["c1"].text() == f"{name} ({posterior.probs['c1'][0, best] * 100:.0f} %)"


def test_noise_seed_dice_and_reset(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    with settled(qtbot, window):
        window.controls.noise.seed.setValue(12)
    assert np.array_equal(window.state.z, seed_noise(tiny_bundle.latents, 12))
    with settled(qtbot, window):
        qtbot.mouseClick(window.controls.noise.dice, LEFT)
    assert window.controls.noise.seed.value() == window.state.noise.seed != 12
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))
    with settled(qtbot, window):
        window.controls.sliders["c3"].number.setValue(1)
        window.actions_by_name["Reset codes"].trigger()
    assert window.controls.sliders["c3"].number.value() == 0


def test_a_click_on_a_tile_goes_there(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.traversal_tab.grid
    traversal = window.traversal_tab.traversal
    with settled(qtbot, window):
        click_tile(qtbot, window, row_of(window, 6), 3)
    assert (window.state.value("c1"), window.state.noise.seed) == (6, 3)
    assert window.controls.pickers["c1"].buttons[6].isChecked()
    assert window.controls.noise.seed.value() == 3
    assert grid.current == (row_of(window, 6), 3)
    assert window.traversal_tab.traversal == traversal  # the grid does not move away under the mouse


def test_tiles_show_what_a_click_gives(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    with settled(qtbot, window):
        window.traversal_tab.columns.setCurrentIndex(window.traversal_tab.columns.findData("c2"))
    grid = window.traversal_tab.grid
    with settled(qtbot, window):
        click_tile(qtbot, window, 2, 8)
    assert window.state.value("c2") == 2
    tile = grid.images[2].copy(8 * 28, 0, 28, 28)
    np.testing.assert_allclose(to_grey(tile), generated(tiny_bundle, window)[0], atol=1 / 255)
    assert grid.column_texts[0] == "−2.0"
    assert grid.tile_text(2, 8).endswith("c2 +2.0")
    assert window.traversal_tab.explanation.text().startswith("Down: Digit · c1. Across: c2.")


def test_rows_and_columns_never_vary_the_same(qtbot: QtBot, window: MainWindow) -> None:
    tab = window.traversal_tab
    for name in ("c1", "c2", "c3", SEEDS):
        with settled(qtbot, window):
            tab.rows.setCurrentIndex(tab.rows.findData(name))
            tab.columns.setCurrentIndex(tab.columns.findData(name))
        assert tab.rows.currentData() != tab.columns.currentData() == name
        assert {tab.traversal.rows.name, tab.traversal.columns.name} == {tab.rows.currentData(), name}


def test_the_grid_goes_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.traversal_tab.grid
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    row, column = grid.pointed
    assert (row, column) == ((grid.current[0] + 2) % 10, 1)
    with settled(qtbot, window):
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert (window.traversal_tab.traversal.rows.values[row], 1) == (window.state.value("c1"), window.state.noise.seed)


def test_pointing_at_tiles(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.traversal_tab.grid
    place = grid.tile_rect(1, 2).center()
    move = QMouseEvent(
        QEvent.Type.MouseMove, place, grid.mapToGlobal(place), NONE, NONE, Qt.KeyboardModifier.NoModifier
    )
    QCoreApplication.sendEvent(grid, move)
    assert grid.pointed == (1, 2)
    QCoreApplication.sendEvent(grid, QEvent(QEvent.Type.Leave))
    assert grid.pointed is None
    between = (grid.tile_rect(0, 0).topRight() + grid.tile_rect(0, 1).topLeft()) / 2
    assert grid.tile_at(between) is None
    assert grid.tile_at(QPointF(-5, -5)) is None


def test_the_lock_keeps_the_noise(qtbot: QtBot, window: MainWindow) -> None:
    noise = window.controls.noise
    noise.lock.click()
    assert not noise.dice.isEnabled()
    assert not noise.seed.isEnabled()
    assert not window.actions_by_name["New noise"].isEnabled()
    other = next(index for index in range(10) if index != window.state.value("c1"))
    with settled(qtbot, window):
        click_tile(qtbot, window, row_of(window, other), 7)
    assert (window.state.value("c1"), window.state.noise.seed) == (other, 0)
    grid = window.traversal_tab.grid
    assert grid.tile_text(0, 7).endswith("noise 7 (noise locked: seed stays 0)")
    noise.lock.click()
    assert noise.dice.isEnabled()
    assert grid.tile_text(0, 7).endswith("noise 7")


# Drawing


@pytest.mark.parametrize("strokes", drawings(6))
def test_a_drawn_digit_is_read(
    qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle, strokes: list[np.ndarray]
) -> None:
    with settled(qtbot, window):
        draw(window, strokes)
    tab = window.draw_tab
    expected = strokes_to_mnist(strokes)
    seen = window.state.drawing.normalise()
    np.testing.assert_allclose(seen, expected, atol=0.05)
    assert tab.seen.image == to_image(seen[None])
    posterior = tiny_bundle.infer(seen[None, None])
    np.testing.assert_allclose(shown_probabilities(window), posterior.probs["c1"][0], atol=1e-6)
    assert sum(shown_probabilities(window)) == pytest.approx(1, abs=1e-4)
    assert tab.answers.numbers["c2"].text().endswith(f"± {posterior.std['c2'][0]:.2f}")
    assert tab.use.isEnabled()
    c = tiny_bundle.latents.inferred(posterior.probs, posterior.mean)
    expected = tiny_bundle.generate(window.state.z, c)[0]
    assert np.array_equal(tab.answers.redrawn.generated.picture, expected)
    np.testing.assert_allclose(tab.answers.redrawn.difference.picture, abs(expected - seen), atol=1e-6)


def test_the_answer_does_not_depend_on_place_and_size(qtbot: QtBot, window: MainWindow) -> None:
    (strokes,) = drawings(1)
    answers = []
    for left, top, size in ((0.02, 0.02, 0.3), (0.6, 0.5, 0.35), (0.05, 0.05, 0.9)):
        with settled(qtbot, window):
            window.draw_tab.clear_drawing()
            draw(window, strokes, left, top, size)
        answers.append(shown_probabilities(window))
    np.testing.assert_allclose(answers[1:], answers[:1] * 2, atol=0.02)


def test_it_reads_while_drawing(qtbot: QtBot, window: MainWindow) -> None:
    pad = window.draw_tab.pad
    window.tabs.setCurrentWidget(window.draw_tab)
    corner = pad.area().topLeft()
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress,
        corner + QPointF(50, 50),
        QPointF(50, 50),
        LEFT,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    with settled(qtbot, window):
        QCoreApplication.sendEvent(pad, press)
    assert shown_probabilities(window)  # the button is still down


def test_undo_and_clear_end_without_an_answer(qtbot: QtBot, window: MainWindow) -> None:
    tab = window.draw_tab
    two = [np.array([[0.1, 0.1], [0.9, 0.1]]), np.array([[0.5, 0.1], [0.5, 0.9]])]
    with settled(qtbot, window):
        draw(window, two)
    both = shown_probabilities(window)
    with settled(qtbot, window):
        window.actions_by_name["Undo"].trigger()
    assert len(tab.pad.drawing.strokes) == 1
    assert shown_probabilities(window) != both
    with settled(qtbot, window):
        tab.tools.undo.click()
    for _ in range(2):
        assert shown_probabilities(window) == []
        assert tab.seen.image is None
        assert not tab.use.isEnabled()
        assert not tab.tools.undo.isEnabled()
        with settled(qtbot, window):
            draw(window, two)
        with settled(qtbot, window):
            tab.tools.clear.click()


def test_a_drawing_that_is_not_on_screen_is_not_cleared(qtbot: QtBot, window: MainWindow) -> None:
    clear = window.actions_by_name["Clear drawing"]
    window.tabs.setCurrentWidget(window.draw_tab)
    assert not clear.isEnabled()  # no ink
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    assert clear.isEnabled()
    window.tabs.setCurrentWidget(window.traversal_tab)
    clear.trigger()
    assert len(window.state.drawing.strokes) == len(drawings(1)[0])
    window.tabs.setCurrentWidget(window.draw_tab)
    assert clear.isEnabled()


def test_undo_shows_what_it_changes(qtbot: QtBot, window: MainWindow) -> None:
    undo, redo = window.actions_by_name["Undo"], window.actions_by_name["Redo"]
    with settled(qtbot, window):
        draw(window, [np.array([[0.1, 0.1], [0.9, 0.1]])])
    window.tabs.setCurrentWidget(window.traversal_tab)
    with settled(qtbot, window):
        window.controls.sliders["c2"].number.setValue(1)
    assert (undo.text(), redo.isEnabled()) == ("&Undo c2", False)
    with settled(qtbot, window):
        undo.trigger()
    assert window.state.value("c2") == window.controls.sliders["c2"].number.value() == 0
    assert window.tabs.currentWidget() is window.traversal_tab
    assert (undo.text(), redo.text()) == ("&Undo drawing", "&Redo c2")
    with settled(qtbot, window):
        undo.trigger()
    assert window.tabs.currentWidget() is window.draw_tab
    assert not window.draw_tab.pad.drawing
    assert shown_probabilities(window) == []
    assert not undo.isEnabled()
    for _ in range(2):
        with settled(qtbot, window):
            redo.trigger()
    assert len(window.draw_tab.pad.drawing.strokes) == 1
    assert window.state.value("c2") == 1


def test_a_drag_is_one_step(qtbot: QtBot, window: MainWindow) -> None:
    slider = window.controls.sliders["c2"].slider
    places = [QPointF(slider.width() * part, slider.height() / 2) for part in (0.2, 0.4, 0.7, 0.9)]
    with settled(qtbot, window):
        stroke(slider, places)
    assert window.state.value("c2") == pytest.approx(1.6, abs=0.1)
    for _ in range(3):
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert window.state.value("c2") == pytest.approx(1.51, abs=0.1)
    for _ in range(3):
        window.undo()
    assert window.state.value("c2") == pytest.approx(1.6, abs=0.1)
    with settled(qtbot, window):
        window.undo()
    assert window.state.value("c2") == 0
    assert window.state.history.undoes is None


def test_a_slider_that_lost_the_keyboard_holds_nothing(qtbot: QtBot, window: MainWindow) -> None:
    slider, keys = window.controls.sliders["c2"].slider, Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(slider, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, keys))
    QCoreApplication.sendEvent(slider, QFocusEvent(QEvent.Type.FocusOut))
    window.state.set_code("c1", (window.state.value("c1") + 1) % 10)
    with settled(qtbot, window):
        window.undo()
    assert window.state.value("c2") == pytest.approx(0.05)


def test_each_group_goes_back_by_its_own_button(qtbot: QtBot, window: MainWindow) -> None:
    controls = window.controls
    first = window.state.value("c1")
    groups = (controls.pickers["c1"], controls.sliders["c2"], controls.noise)
    assert not any(group.reset_button.isEnabled() for group in groups)
    with settled(qtbot, window):
        window.state.set_codes({"c1": (first + 1) % 10, "c2": 0.7})
        window.state.set_noise(seed=4, scale=0.5)
    assert all(group.reset_button.isEnabled() for group in groups)
    for group in groups:
        with settled(qtbot, window):
            group.reset_button.click()
        assert not group.reset_button.isEnabled()
    assert (window.state.value("c1"), window.state.value("c2")) == (first, 0)
    assert window.state.noise == NoiseSource()


def test_noise_is_blended_and_scaled(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    noise = window.controls.noise
    for widget, value in ((noise.other, 9), (noise.scale_number, 0.5)):
        with settled(qtbot, window):
            widget.setValue(value)
    with settled(qtbot, window):
        stroke(noise.blend, [QPointF(noise.blend.width() / 2, 5), QPointF(noise.blend.width() - 1, 5)])
    assert window.state.noise == NoiseSource(0, 9, 1, 0.5)
    np.testing.assert_allclose(window.state.z, seed_noise(tiny_bundle.latents, 9) * 0.5, atol=1e-6)
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))
    assert noise.scale_number.text() == "0.50"


@pytest.mark.parametrize("size", [(1024, 700), (1240, 800), (1100, 1000), (1900, 750)])
def test_the_pad_is_the_largest_square(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    """No strip beside it where the cursor promises to draw."""
    tab = window.draw_tab
    window.tabs.setCurrentWidget(tab)
    window.resize(*size)
    bench, below = tab.pad.parentWidget(), tab.answers.parentWidget()

    def is_largest() -> bool:
        wide, high = bench.width() - tab.tools.undo.width() - MARGIN, bench.height()
        left_over = tab.height() - high - below.height() - 3 * MARGIN
        square = (tab.pad.width(), tab.pad.height()) == (min(wide, high),) * 2
        return square and (wide <= high or left_over <= 1)

    qtbot.waitUntil(is_largest)
    qtbot.waitUntil(lambda: tab.tools.undo.mapTo(bench, QPoint(0, 0)).x() == tab.pad.width() + MARGIN)
    assert tab.pad.width() > 200


def test_large_fonts_hide_nothing(qtbot: QtBot, tiny_bundle_path: Path) -> None:
    font = QApplication.font()
    large = QFont(font)
    large.setPointSize(13)
    QApplication.setFont(large)
    try:
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1240, 800)
        window.show()
        with settled(qtbot, window):
            window.opening.open_bundle(tiny_bundle_path)
        window.tabs.setCurrentWidget(window.draw_tab)
        answers = window.draw_tab.answers
        qtbot.waitUntil(lambda: answers.height() >= answers.widget().sizeHint().height())
        for button in (window.draw_tab.use, window.draw_tab.tools.open, window.controls.noise.dice):
            assert button.width() >= button.sizeHint().width()
        assert window.controls.viewport().width() >= window.controls.widget().width()
    finally:
        QApplication.setFont(font)


def test_use_this_code(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    posterior = tiny_bundle.infer(window.state.drawing.normalise()[None, None])
    with settled(qtbot, window):
        window.controls.pickers["c1"].buttons[(int(posterior.probs["c1"][0].argmax()) + 1) % 10].click()
    with settled(qtbot, window):
        window.draw_tab.use.click()
    assert window.state.value("c1") == posterior.probs["c1"][0].argmax()
    assert window.state.value("c3") == pytest.approx(float(np.clip(posterior.mean["c3"][0], -2, 2)), abs=1e-5)
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))


def test_strokes_outside_the_pad_and_other_buttons_draw_nothing(window: MainWindow) -> None:
    pad = window.draw_tab.pad
    window.tabs.setCurrentWidget(window.draw_tab)
    stroke(pad, [pad.area().bottomRight() + QPointF(20, 20), pad.area().center()])
    right = Qt.MouseButton.RightButton
    at = pad.area().center()
    QCoreApplication.sendEvent(
        pad,
        QMouseEvent(QEvent.Type.MouseButtonPress, at, at, right, right, Qt.KeyboardModifier.NoModifier),
    )
    assert not pad.drawing


# Files


@pytest.fixture
def digit_file(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A 28x28 PNG that is normalised as MNIST's pictures are."""
    digit = strokes_to_mnist(drawings(1)[0])
    path = tmp_path / "digit.png"
    assert to_image(digit[None]).save(str(path))
    return path, digit


def drag(mime: QMimeData) -> QDropEvent:
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    return event


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    enter = drag(mime)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(drag(mime))


def test_a_dropped_digit_is_read_exactly_as_it_is(
    qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle, digit_file: tuple[Path, np.ndarray]
) -> None:
    path, digit = digit_file
    with settled(qtbot, window):
        drop(window, path)
    assert window.tabs.currentWidget() is window.draw_tab
    assert window.draw_tab.seen.image == to_image(digit[None])
    assert np.array_equal(shown_probabilities(window), tiny_bundle.infer(digit[None, None]).probs["c1"][0])
    with settled(qtbot, window):
        window.draw_tab.tools.undo.click()
    assert shown_probabilities(window) == []


@pytest.mark.parametrize("name", ["garbage.infogan", "missing.infogan", "folder"])
def test_a_broken_bundle_leaves_the_old_model(qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name.startswith("garbage"):
        path.write_bytes(b"no zip at all" * 100)
    bundle, picture, title = window.state.bundle, window.view.picture, window.windowTitle()
    with settled(qtbot, window):
        drop(window, path)
    assert window.message.isVisible()
    assert str(path) in window.message.text.text()
    assert "\n" not in window.message.text.text()
    if name.startswith("missing"):
        assert not window.message.details.isVisible()
        window.message.more.click()
        assert window.message.details.isVisible()
        assert "FileNotFoundError" in window.message.details.toPlainText()
    assert (window.state.bundle, window.windowTitle()) == (bundle, title)
    assert window.view.picture is picture
    with settled(qtbot, window):
        window.controls.pickers["c1"].buttons[1].click()
    assert not np.array_equal(window.view.picture, picture)
    assert window.message.isVisible()  # it stays until it is dismissed
    qtbot.mouseClick(window.message.dismiss, LEFT)
    assert not window.message.isVisible()


def test_an_error_before_the_first_bundle_can_be_dismissed(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    with settled(qtbot, window):
        window.opening.open_bundle(tmp_path / "missing.infogan")
    assert not window.tabs.isEnabled()
    assert not any(button.text() for button in window.controls.pickers["c1"].buttons.values())
    assert window.message.isVisible()
    qtbot.mouseClick(window.message.dismiss, LEFT)
    assert not window.message.isVisible()


def test_a_file_that_is_no_picture(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    before = shown_probabilities(window)
    path = tmp_path / "poem.png"
    path.write_text("roses are red")
    with settled(qtbot, window):
        drop(window, path)
    assert window.message.text.text().startswith(f"{path} is not a picture")
    assert shown_probabilities(window) == before


def test_a_dropped_bundle_is_opened(qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.infogan"
    copy.write_bytes(tiny_bundle_path.read_bytes())
    window.controls.pickers["c1"].buttons[3].click()
    with settled(qtbot, window):
        drop(window, copy)
    assert window.state.bundle.path == copy
    assert window.state.value("c1") == 3  # the same latent space: the codes stay
    assert window.model_label.toolTip() == str(copy)


def test_a_drop_without_a_file_is_refused(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("hello")
    enter = drag(mime)
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_dialogs_open_files(
    qtbot: QtBot, window: MainWindow, digit_file: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(str(digit_file[0]), ""), ("", ""), (str(window.state.bundle.path), "")]
    monkeypatch.setattr("infogan.gui.file_dialog.QFileDialog.getOpenFileName", lambda *_, **__: answers.pop(0))
    with settled(qtbot, window):
        window.actions_by_name["Open picture"].trigger()
    assert shown_probabilities(window)
    window.actions_by_name["Open picture"].trigger()  # cancelled
    with qtbot.waitSignal(window.opened):
        window.actions_by_name["Open model"].trigger()
    assert answers == []


# Any latent spec


SPECS = {
    "svhn": (
        LatentSpec((*(Categorical(f"k{i}", 10) for i in range(4)), *(Uniform(f"u{i}") for i in range(4)))),
        (3, 32, 32),
    ),
    "all kinds": (LatentSpec((Bernoulli("b"), Gaussian("g"), Uniform("u", 0, 5), Categorical("k", 3))), (1, 64, 64)),
    "one code, no noise": (LatentSpec((Uniform("u"),), Noise(0)), (1, 28, 28)),
    "many classes": (LatentSpec((Categorical("k", 30),)), (3, 64, 64)),
}


@pytest.mark.parametrize("name", SPECS)
def test_any_latent_spec_and_picture_shape(qtbot: QtBot, window: MainWindow, name: str) -> None:
    fake = FakeBundle(*SPECS[name])
    with settled(qtbot, window):
        window.state.open(fake)
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    assert window.view.image.width() == fake.image_shape[2]
    assert set(window.controls.pickers) == {code.name for code in fake.latents.discrete}
    assert set(window.controls.sliders) == {code.name for code in fake.latents.continuous}
    assert set(window.draw_tab.answers.bars) | set(window.draw_tab.answers.numbers) == {
        code.name for code in fake.latents.codes
    }
    for picker in window.controls.pickers.values():
        with settled(qtbot, window):
            picker.buttons[1].click()
        assert window.state.value(picker.name) == 1
    window.tabs.setCurrentWidget(window.traversal_tab)
    with settled(qtbot, window):
        click_tile(qtbot, window, 0, 0)
    assert window.state.value(fake.latents.codes[0].name) == window.traversal_tab.traversal.rows.values[0]
    assert not window.grab().isNull()


def test_a_strangers_text_is_never_taken_for_html(qtbot: QtBot, window: MainWindow) -> None:
    """Rich text could load pictures from this computer's disk."""
    evil = "<img src='file:///secret.png'>"
    fake = FakeBundle(LatentSpec((Categorical(evil, 3), Uniform(f"u{evil}"), Bernoulli(f"b{evil}"))), (1, 28, 28))
    fake.label = fake.meaning = lambda *args: evil
    fake.precision = lambda *args: 0.5
    fake.name, fake.path = evil, Path(evil)
    with settled(qtbot, window):
        window.opening.show_bundle(fake)
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    grid = window.traversal_tab.grid
    shown = [label.text() for label in window.findChildren(QLabel) if label.textFormat() != Qt.TextFormat.PlainText]
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)] + [grid.tile_text(0, 0)]
    assert any("img" in text for text in shown + tips)
    assert not [text for text in shown + tips if QtGui.Qt.mightBeRichText(text)]


def test_undo_during_a_stroke_ends_it(qtbot: QtBot, window: MainWindow) -> None:
    pad = window.draw_tab.pad
    window.tabs.setCurrentWidget(window.draw_tab)
    with settled(qtbot, window):
        draw(window, [np.array([[0.1, 0.1], [0.9, 0.1]])])
    first = pad.drawing.strokes

    def send(kind: QEvent.Type, at: QPointF, buttons: Qt.MouseButton) -> None:
        event = QMouseEvent(kind, at, pad.mapToGlobal(at), LEFT, buttons, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(pad, event)

    with settled(qtbot, window):
        send(QEvent.Type.MouseButtonPress, QPointF(40, 40), LEFT)
        window.undo()
        send(QEvent.Type.MouseMove, QPointF(90, 90), LEFT)
    assert len(pad.drawing.strokes) == len(first) == 1
    assert np.array_equal(pad.drawing.strokes[0], first[0])


def test_late_answers_of_the_bundle_before_do_not_show(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    slow = FakeBundle(tiny_bundle.latents, tiny_bundle.image_shape)
    window.state.open(slow)
    slow.gate.clear()
    slow.begun.clear()
    window.worker.request("preview", lambda: jobs.preview(slow, window.state.latent))
    qtbot.waitUntil(slow.begun.is_set)
    shown = []
    window.worker.answered.connect(lambda channel, answer: shown.append((channel, answer)))
    with settled(qtbot, window):
        window.opening.show_bundle(tiny_bundle)
        slow.gate.set()
    previews = [answer for channel, answer in shown if channel == "preview"]
    assert len(previews) == 1
    assert not np.allclose(previews[0].picture, 0.5)
    assert np.array_equal(window.view.picture, generated(tiny_bundle, window))


# The window itself


def test_every_control_has_a_name_and_a_tip(window: MainWindow) -> None:
    own = (window.tabs, window.tabs.tabBar(), window.traversal_tab.grid)  # each tab and each tile has a tip of its own
    nameless = []
    for tab in (window.traversal_tab, window.draw_tab, window.walk_tab, window.compare_tab):
        window.tabs.setCurrentWidget(tab)
        for widget in window.centralWidget().findChildren(QWidget):
            control = isinstance(widget, QAbstractButton) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            named = widget.accessibleName() and widget.toolTip()
            inside = widget.objectName() == "qt_spinbox_lineedit"
            if widget.isVisible() and control and not named and not inside and widget not in own:
                nameless.append(widget)
    assert nameless == []
    assert window.traversal_tab.grid.accessibleName()


def test_shortcuts_are_unique(window: MainWindow) -> None:
    shortcuts = [
        action.shortcut().toString() for action in window.actions_by_name.values() if action.shortcut().toString()
    ]
    shortcuts += [
        shortcut.key().toString() for shortcut in window.findChildren(QShortcut) if not shortcut.key().isEmpty()
    ]
    assert len(shortcuts) == len(set(shortcuts)) >= 25
    for tab in (window.traversal_tab, window.draw_tab, window.walk_tab, window.compare_tab):
        window.tabs.setCurrentWidget(tab)
        mnemonics = [menu.text() for menu in window.menuBar().actions()]
        mnemonics += [window.tabs.tabText(index) for index in range(window.tabs.count())]
        widgets = [widget for kind in (QAbstractButton, QLabel) for widget in window.centralWidget().findChildren(kind)]
        mnemonics += [widget.text() for widget in widgets if widget.isVisible() and "&" in widget.text()]
        keys = [text[text.index("&") + 1].lower() for text in mnemonics]
        assert len(keys) == len(set(keys)), sorted(keys)


def test_closing_ends_the_thread(qtbot: QtBot, tiny_bundle_path: Path) -> None:
    before = threading.active_count()
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.opening.open_bundle(tiny_bundle_path)
    window.close()
    assert threading.active_count() == before


def test_a_grid_has_as_many_values_as_are_wanted(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    tab = window.traversal_tab
    with settled(qtbot, window):
        tab.rows.setCurrentIndex(tab.rows.findData("c2"))
    with settled(qtbot, window):
        tab.count.setValue(32)
    assert tab.traversal.shape == (32, 32)
    assert all(tab.grid.images)
    last = tab.traversal.tile(31, 31)
    expected = tiny_bundle.generate(last.noise.draw(tiny_bundle.latents), last.c)[0]
    assert tab.grid.images[31].copy(31 * 28, 0, 28, 28) == to_image(expected)
    assert last.noise.seed == 31
    with settled(qtbot, window):
        tab.count.setValue(tab.count.minimum())
    assert tab.traversal.shape == (9, 10)


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_in_a_small_window(
    qtbot: QtBot, tiny_bundle_path: Path, encoder_bundle_path: Path, language: str
) -> None:
    """1024 x 700 with the hint of the first start, a picture on the pad and a full answer."""
    translation.use([language])
    try:
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1024, 700)
        window.help.first_steps()
        window.show()
        window.tabs.setCurrentWidget(window.draw_tab)
        for path in (tiny_bundle_path, encoder_bundle_path):
            with settled(qtbot, window):
                window.opening.open_bundle(path)
            with settled(qtbot, window):
                window.take_picture(np.pad(np.ones((8, 3), np.float32), 8))
            assert (window.width(), window.height()) == (1024, 700)
            draw_tab = window.draw_tab
            assert draw_tab.tools.height() >= draw_tab.tools.minimumSizeHint().height()
            for area in (draw_tab.answers, *window.read_back.findChildren(QScrollArea)):
                assert area.viewport().width() >= area.widget().minimumSizeHint().width()
        window.close()
    finally:
        translation.use(["en"])
