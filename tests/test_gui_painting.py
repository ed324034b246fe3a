"""Only what has changed is painted anew: what is on screen must be what painting everything would show."""

import numpy as np
from driving import LEFT, draw, drawings, settled
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from infogan.gui.pad import Pad
from infogan.gui.reading import Bars
from infogan.gui.strokes import Drawing
from infogan.gui.window import MainWindow


def on_screen(widget: QWidget) -> np.ndarray:
    """The pixels that stand on the screen now."""
    window = widget.window()
    shot = window.screen().grabWindow(window.winId())
    return pixels(shot.copy(QRect(widget.mapTo(window, QPoint()), widget.size())).toImage())


def anew(widget: QWidget) -> np.ndarray:
    """The pixels of the whole window painted from nothing."""
    window = widget.window()
    return pixels(window.grab(QRect(widget.mapTo(window, QPoint()), widget.size())).toImage())


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., :3]


def check(*widgets: QWidget) -> None:
    QApplication.processEvents()
    for widget in widgets:
        seen, wanted = on_screen(widget), anew(widget)
        assert seen.std() > 1, f"{widget} shows nothing"
        wrong = abs(seen.astype(int) - wanted).max(2) > 1  # scaling a part may round otherwise than scaling the whole
        assert not wrong.any(), f"{widget} is painted wrongly in {wrong.sum()} pixels"


def test_a_drag_paints_all_that_it_changes(qtbot: QtBot, window: MainWindow) -> None:
    grid, plane = window.traversal_tab.grid, window.controls.plane.view
    for number, (across, up) in enumerate(((0.3, 0.6), (0.1, 0.9), (0.12, 0.88), (0.95, 0.05))):
        with settled(qtbot, window):
            plane.moved.emit(across, up)
        if number % 2:
            with settled(qtbot, window):
                window.state.set_code("c1", number)
        check(grid, plane, window.controls, window.view, window.read_back)


def test_pointing_at_tiles_paints_the_lens_and_what_was_under_it(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.traversal_tab.grid
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(grid, key)
        check(grid)
    with settled(qtbot, window):
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    with settled(qtbot, window):
        window.state.set_code("c2", 1.5)
    check(grid)


def test_a_pen_paints_each_bend(qtbot: QtBot, window: MainWindow) -> None:
    window.tabs.setCurrentWidget(window.draw_tab)
    tab, pad = window.draw_tab, window.draw_tab.pad
    side = pad.area().width()
    rng = np.random.default_rng(0)
    qtbot.mousePress(pad, LEFT, pos=QPoint(round(side / 2), round(side / 2)))
    for x, y in rng.uniform(0.02, 0.98, (12, 2)):  # corners and leaps: the curve swings out between them
        with settled(qtbot, window):
            pad._move(QPointF(x * side, y * side), 1.0)
        check(pad, tab.answers, tab.below)
    qtbot.mouseRelease(pad, LEFT)
    for strokes in drawings(3):
        with settled(qtbot, window):
            draw(window, strokes)
        check(pad, tab.answers, tab.below)
    with settled(qtbot, window):
        tab.tools.undo.click()
    check(pad, tab.answers)
    with settled(qtbot, window):
        tab.clear_drawing()
    check(pad, tab.answers)


def test_bars_paint_each_row_that_changes(qtbot: QtBot) -> None:
    bars = Bars("digit", {index: str(index) for index in range(10)})
    qtbot.addWidget(bars)
    bars.resize(300, bars.sizeHint().height())
    bars.show()
    for sharpness in (0.1, 0.1, 1, 100, 100):
        bars.set_probabilities(np.random.default_rng(round(sharpness)).dirichlet([sharpness] * 10).tolist())
        check(bars)
    for step in range(20):
        bars.set_probabilities([0.4 + 0.002 * step, 0.6 - 0.002 * step, *[0.0] * 8])
        check(bars)
    bars.set_probabilities([])
    check(bars)


def test_another_drawing_is_painted_as_a_whole(qtbot: QtBot) -> None:
    """Though it has one stroke too, of one point more."""
    pad = Pad()
    qtbot.addWidget(pad)
    pad.resize(300, 300)
    pad.show()
    rng = np.random.default_rng(0)
    for points in (4, 5):
        pad.set_drawing(Drawing((np.append(rng.uniform(0.1, 0.9, (points, 2)), np.ones((points, 1)), axis=1),)))
        check(pad)
