"""Two codes at once: the square, and the generated picture that can be dragged."""

import numpy as np
import pytest
from driving import FakeBundle, draw, drawings, settled, stroke
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.picture import to_image
from infogan.gui.plane import LARGEST, SMALLEST, VALUES, PlaneView
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec, Uniform


def place(view: PlaneView, across: float, up: float) -> QPointF:
    """A point of the square, in parts of both ranges, which go from the middle of the first picture to the last's."""
    area = view.area()
    side, margin = area.width() * (VALUES - 1) / VALUES, area.width() / VALUES / 2
    return QPointF(area.left() + margin + across * side, area.bottom() - margin - up * side)


def test_a_drag_over_the_square_sets_both_codes(qtbot: QtBot, window: MainWindow) -> None:
    view = window.controls.plane.view
    with settled(qtbot, window):
        stroke(view, [place(view, *at) for at in ((0.5, 0.5), (0.6, 0.4), (0.75, 0.25))])
    assert window.state.value("c2") == pytest.approx(1, abs=0.02)
    assert window.state.value("c3") == pytest.approx(-1, abs=0.02)
    assert view.point == pytest.approx((0.75, 0.25), abs=0.01)
    assert window.controls.sliders["c2"].number.value() == pytest.approx(1, abs=0.02)
    assert window.state.history.undoes == "codes"
    with settled(qtbot, window):
        window.undo()
    assert (window.state.value("c2"), window.state.value("c3")) == (0, 0)  # the whole drag was one step
    with settled(qtbot, window):
        stroke(view, [place(view, 0.5, 0.5), place(view, 3, -2)])
    assert (window.state.value("c2"), window.state.value("c3")) == (2, -2)


def test_pictures_lie_where_they_belong(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    rows = window.controls.plane.view.images
    assert len(rows) == VALUES
    for row, column in ((0, 0), (0, VALUES - 1), (VALUES - 1, 0)):
        c = window.state.c.copy()
        c[0, 10:] = np.linspace(-2, 2, VALUES)[[column, row]]
        tile = rows[row].copy(column * 28, 0, 28, 28)
        assert tile == to_image(tiny_bundle.generate(window.state.z, c)[0])


@pytest.mark.parametrize(
    ("key", "modifier", "moved"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, (0.05, 0)),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier, (0, 0.01)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier, (0, -0.25)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, (-0.5, -0.5)),
    ],
)
def test_the_square_goes_by_keyboard(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, moved: tuple[float, float]
) -> None:
    with settled(qtbot, window):
        window.state.set_codes({"c2": 0.5, "c3": 0.5})
    with settled(qtbot, window):
        qtbot.keyClick(window.controls.plane.view, key, modifier)
    codes = (window.state.value("c2"), window.state.value("c3"))
    assert codes == pytest.approx((0.5 + moved[0], 0.5 + moved[1]), abs=1e-6)
    assert "c2" in window.controls.plane.view.accessibleDescription()


def test_dragging_the_picture_moves_the_same_codes(qtbot: QtBot, window: MainWindow) -> None:
    view, side = window.view, window.view.width()
    with settled(qtbot, window):
        stroke(view, [QPointF(10, 50), QPointF(10 + side / 8, 50), QPointF(10 + side / 4, 50 - side / 4)])
    assert window.state.value("c2") == pytest.approx(1, abs=0.01)
    assert window.state.value("c3") == pytest.approx(1, abs=0.01)
    with settled(qtbot, window):
        window.undo()
    assert (window.state.value("c2"), window.state.value("c3")) == (0, 0)


def test_of_many_codes_two_are_chosen(qtbot: QtBot, window: MainWindow) -> None:
    latents = LatentSpec(tuple(Uniform(f"u{index}") for index in range(4)))
    with settled(qtbot, window):
        window.state.open(FakeBundle(latents, (1, 28, 28)))
    plane = window.controls.plane
    assert plane.across.isVisible()
    with settled(qtbot, window):
        plane.across.setCurrentIndex(3)
    with settled(qtbot, window):
        plane.up.setCurrentIndex(3)  # taken: one code cannot go both ways
    assert plane.up.currentData() == "u0"
    with settled(qtbot, window):
        stroke(plane.view, [place(plane.view, 0.75, 1)])
    assert window.state.c[0].tolist() == pytest.approx([2, 0, 0, 1], abs=0.02)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_codes_have_no_square(qtbot: QtBot, window: MainWindow, count: int) -> None:
    codes = tuple(Uniform(f"u{index}") for index in range(count)) or window.state.latents.codes[:1]
    with settled(qtbot, window):
        window.state.open(FakeBundle(LatentSpec(codes), (1, 28, 28)))
    assert not window.controls.plane.isVisible()
    before = window.state.c
    stroke(window.view, [QPointF(10, 50), QPointF(10 + window.view.width() / 4, 10)])
    after = window.state.c
    assert after.tolist() == (before + 1).tolist() if count else after.tolist() == before.tolist()


# Beneath and on the sliders


def test_pictures_beneath_the_sliders_can_be_had(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    control = window.controls.sliders["c2"]
    assert not control.film.isVisible()
    with settled(qtbot, window):
        window.actions_by_name["Pictures beneath the sliders"].trigger()
    assert control.film.isVisible()
    c = window.state.c.copy()
    c[0, 10] = -2
    assert control.film.image.copy(0, 0, 28, 28) == to_image(tiny_bundle.generate(window.state.z, c)[0])
    with settled(qtbot, window):
        window.state.set_code("c3", 1)
    c[0, 11] = 1
    assert control.film.image.copy(0, 0, 28, 28) == to_image(tiny_bundle.generate(window.state.z, c)[0])
    window.actions_by_name["Pictures beneath the sliders"].trigger()
    assert not control.film.isVisible()


def test_what_q_reads_is_marked_on_the_sliders(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    slider = window.controls.sliders["c2"].slider
    posterior = tiny_bundle.infer(window.view.picture[None])
    generated = (float(posterior.mean["c2"][0]), float(posterior.std["c2"][0]))
    assert slider.reading == pytest.approx(generated, abs=1e-6)
    assert slider.drawn is None
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    read = window.draw_tab.reading.posterior
    assert slider.drawn == (float(read.mean["c2"][0]), float(read.std["c2"][0]))
    assert slider.reading == pytest.approx(generated, abs=1e-6)
    window.tabs.setCurrentWidget(window.traversal_tab)
    assert slider.drawn is None


def test_the_square_gives_way_where_room_is_short(qtbot: QtBot, window: MainWindow) -> None:
    view = window.controls.plane.view
    bar = window.controls.verticalScrollBar()
    window.resize(1240, 900)
    qtbot.waitUntil(lambda: view.height() == LARGEST)
    window.resize(1240, 650)
    qtbot.waitUntil(lambda: SMALLEST <= view.height() < LARGEST)
    qtbot.waitUntil(lambda: bar.maximum() == 0 or view.height() == SMALLEST)
