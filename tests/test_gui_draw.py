"""Tools of the drawing tab: eraser, width, hints."""

import numpy as np
import pytest
from driving import LEFT, NONE, draw, settled, stroke
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Posterior
from infogan.export.ink import Finding
from infogan.gui.jobs import Reading
from infogan.gui.pad import Pad
from infogan.gui.strokes import LIGHTEST, PEN, Drawing, strokes_to_mnist
from infogan.gui.window import MainWindow
from infogan.gui.wording import reading_hint

LINE = np.array([[0.1, 0.5], [0.9, 0.5]])
SCRIBBLE = [LINE, LINE[:, ::-1], *(LINE + np.array([0, lift]) for lift in (-0.3, 0.3))]


def at(pad: Pad, x: float, y: float) -> QPointF:
    return pad.area().topLeft() + QPointF(x, y) * pad.area().width()


def send(pad: Pad, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
    event = QMouseEvent(kind, place, pad.mapToGlobal(place), button, buttons, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(pad, event)


def ends(drawing: Drawing) -> list[list[float]]:
    """Where strokes begin and end from left to right."""
    return [stroke[[0, -1], 0].tolist() for stroke in drawing.strokes]


def test_the_eraser_cuts_a_stroke_in_two(qtbot: QtBot, window: MainWindow) -> None:
    pad, eraser = window.draw_tab.pad, window.draw_tab.tools.eraser
    with settled(qtbot, window):
        draw(window, [LINE], 0, 0, 1)
    eraser.click()
    with settled(qtbot, window):
        stroke(pad, [at(pad, 0.5, 0.3), at(pad, 0.5, 0.47)])
    (left, right) = ends(window.state.drawing)
    assert left == pytest.approx([0.1, 0.455], abs=0.02)
    assert right == pytest.approx([0.545, 0.9], abs=0.02)
    eraser.click()
    with settled(qtbot, window):
        stroke(pad, [at(pad, 0.5, 0.3), at(pad, 0.5, 0.7)])
    assert len(window.state.drawing.strokes) == 3
    for _ in range(2):
        with settled(qtbot, window):
            window.undo()
    assert len(window.state.drawing.strokes) == 1  # the whole use of the eraser was one step


def test_the_right_button_erases(qtbot: QtBot, window: MainWindow) -> None:
    pad, right = window.draw_tab.pad, Qt.MouseButton.RightButton
    with settled(qtbot, window):
        draw(window, [LINE], 0, 0, 1)
    with settled(qtbot, window):
        send(pad, QEvent.Type.MouseButtonPress, at(pad, 0.1, 0.5), right, right)
        for x in np.linspace(0.1, 0.95, 40):
            send(pad, QEvent.Type.MouseMove, at(pad, float(x), 0.5), NONE, right)
        send(pad, QEvent.Type.MouseButtonRelease, at(pad, 0.95, 0.5), right, NONE)
    assert not window.state.drawing
    assert window.draw_tab.seen.picture is None


def test_a_picture_can_be_wiped_and_its_ink_found_by_hand(qtbot: QtBot, window: MainWindow) -> None:
    tools, pad, right = window.draw_tab.tools, window.draw_tab.pad, Qt.MouseButton.RightButton
    window.tabs.setCurrentWidget(window.draw_tab)
    page = np.full((60, 60), 0.9, np.float32)
    page[15:45, 28:32] = 0.1
    page[2:6, 2:6] = 0.6
    assert tools.width_slider.isVisible()
    with settled(qtbot, window):
        window.take_picture(page)
    assert tools.threshold.isVisible()
    assert not tools.width_slider.isVisible()
    with settled(qtbot, window):
        tools.threshold.setValue(tools.threshold.maximum() // 2)
    assert window.state.drawing.finding == Finding(0.5)
    alone = window.draw_tab.seen.picture
    with settled(qtbot, window):
        tools.threshold.reset.emit()
    assert window.state.drawing.finding == Finding()
    assert not np.array_equal(window.draw_tab.seen.picture, alone)
    with settled(qtbot, window):
        send(pad, QEvent.Type.MouseButtonPress, at(pad, 4 / 60, 4 / 60), right, right)
        send(pad, QEvent.Type.MouseButtonRelease, at(pad, 4 / 60, 4 / 60), right, NONE)
    assert window.state.drawing.picture[4, 4] == np.float32(0.9)
    assert page[4, 4] == np.float32(0.6)
    np.testing.assert_allclose(window.draw_tab.seen.picture, alone, atol=0.01)
    with settled(qtbot, window):
        tools.inverted.click()
    assert window.state.drawing.finding == Finding(inverted=True)
    with settled(qtbot, window):
        window.undo()
    assert not tools.inverted.isChecked()
    with settled(qtbot, window):
        window.take_picture(page)
    assert window.state.drawing.finding == Finding()


def test_the_pen_width_is_what_the_network_sees(qtbot: QtBot, window: MainWindow) -> None:
    tools = window.draw_tab.tools
    with settled(qtbot, window):
        draw(window, SCRIBBLE, 0, 0, 1)
    with settled(qtbot, window):
        stroke(tools.width_slider, [QPointF(2, 5), QPointF(tools.width_slider.width() - 1, 5)])
    assert window.state.drawing.width == pytest.approx(5)
    seen = window.draw_tab.seen.picture[0]
    np.testing.assert_allclose(seen, strokes_to_mnist(SCRIBBLE, width=5), atol=0.05)
    assert "Thicker" in window.draw_tab.answers.hint.text()
    with settled(qtbot, window):
        qtbot.mouseDClick(tools.width_slider, LEFT)
    assert window.state.drawing.width == pytest.approx(PEN, abs=0.01)
    assert "Thicker" not in window.draw_tab.answers.hint.text()


def tablet(pad: Pad, kind: QEvent.Type, place: QPointF, pressure: float, eraser: bool = False) -> None:
    """One event of a pen."""
    point = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    device = QPointingDevice(
        "pen", 1, QPointingDevice.DeviceType.Stylus, point, QPointingDevice.Capability.Pressure, 1, 1
    )
    event = QTabletEvent(
        kind, device, place, place, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, LEFT, LEFT
    )
    QCoreApplication.sendEvent(pad, event)


def test_a_pen_draws_as_hard_as_it_is_pressed_and_erases_with_its_end(qtbot: QtBot, window: MainWindow) -> None:
    pad = window.draw_tab.pad
    window.tabs.setCurrentWidget(window.draw_tab)
    with settled(qtbot, window):
        tablet(pad, QEvent.Type.TabletPress, at(pad, 0.1, 0.5), 0)
        tablet(pad, QEvent.Type.TabletMove, at(pad, 0.9, 0.5), 1)
        tablet(pad, QEvent.Type.TabletRelease, at(pad, 0.9, 0.5), 0)
    assert window.state.drawing.strokes[0][:, 2].tolist() == [LIGHTEST, 1]
    seen = window.draw_tab.seen.picture[0]
    assert seen[:, :10].sum() < 0.8 * seen[:, -10:].sum()
    with settled(qtbot, window):
        tablet(pad, QEvent.Type.TabletPress, at(pad, 0.5, 0.5), 1, eraser=True)
        tablet(pad, QEvent.Type.TabletRelease, at(pad, 0.5, 0.5), 0, eraser=True)
    assert len(window.state.drawing.strokes) == 2


@pytest.mark.parametrize(
    ("ink", "best", "hints"),
    [
        (0.13, 0.9, []),
        (0.02, 0.9, ["Thinner"]),
        (0.4, 0.9, ["Thicker"]),
        (0.13, 0.5, ["Not sure"]),
        (0.02, 0.5, ["Thinner", "Not sure"]),
    ],
)
def test_hints(ink: float, best: float, hints: list[str]) -> None:
    probs = {"c1": np.array([[best, 1 - best]]), "coin": np.array([[0.5]])}
    said = reading_hint(Reading(np.full((1, 28, 28), ink, np.float32), ink, Posterior(probs, {}, {})))
    assert all(hint in said for hint in hints)
    assert said.count(".") == len(hints)
    assert reading_hint(Reading()) == ""
