"""Walks: where they go, how they play, and what is saved of them."""

from pathlib import Path

import numpy as np
import pytest
from driving import FakeBundle, settled
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.latent import NoiseSource
from infogan.gui.raster import levels
from infogan.gui.state import ExplorerState
from infogan.gui.walk import BOOKMARKS, NOISE, Walk, choices, stops_of
from infogan.gui.window import MainWindow
from infogan.trainer.latents import Gaussian, LatentSpec, Noise


@pytest.fixture
def state() -> ExplorerState:
    state = ExplorerState()
    state.set_codes({"c1": 4, "c3": 0.5})
    return state


def column(walk: Walk, seconds: float, index: int = 10) -> float:
    """One column of c at a time; 10 is that of c2."""
    return float(walk.at(seconds)[1][0, index])


def test_a_code_goes_to_its_end_and_back(state: ExplorerState) -> None:
    walk = Walk(state.latents, stops_of(state, "c2"), 2, "linear", "ping-pong")
    assert (walk.legs, walk.seconds) == (2, 4)
    assert [column(walk, seconds) for seconds in (0, 0.5, 2, 3, 4, 5.5)] == pytest.approx([-2, -1, 2, 0, -2, 1])
    assert walk.at(1)[1][0, [4, 11]].tolist() == [1, 0.5]  # all else stays
    smooth = Walk(state.latents, walk.stops, 2, "smooth", "ping-pong")
    assert [column(smooth, seconds) for seconds in (0, 1, 2)] == pytest.approx([-2, 0, 2])
    assert column(smooth, 0.2) < column(walk, 0.2)  # it starts slowly


def test_in_a_circle_and_once(state: ExplorerState) -> None:
    stops = stops_of(state, "c1")
    circle = Walk(state.latents, stops, 1, "linear", "loop")
    assert (len(stops), circle.legs) == (10, 10)
    between = circle.at(9.5)[1][0, :10]
    assert between.tolist() == [0.5, *[0] * 8, 0.5]  # from the last to the first, half way
    once = Walk(state.latents, stops, 1, "linear", "once")
    assert once.legs == 9
    for seconds in (9, 100):
        assert once.at(seconds)[1][0, 9] == 1


def test_noise_walks_from_seed_to_seed(state: ExplorerState) -> None:
    state.set_noise(seed=5)
    walk = Walk(state.latents, stops_of(state, NOISE), 1, "linear", "loop")
    np.testing.assert_allclose(walk.at(2)[0], NoiseSource(7).draw(state.latents), atol=1e-6)
    np.testing.assert_allclose(walk.at(0.5)[0], NoiseSource(5, 6, 0.5).draw(state.latents), atol=1e-6)
    assert np.array_equal(walk.at(0.5)[1], state.c)


def test_bookmarks_are_stops(state: ExplorerState) -> None:
    assert Walk(state.latents, stops_of(state, BOOKMARKS)).legs == 0
    for value in (-1, 1):
        state.set_code("c2", value)
        state.set_noise(scale=1 + value / 2)
        state.star("here")
    walk = Walk(state.latents, stops_of(state, BOOKMARKS), 1, "linear", "once")
    assert column(walk, 0.5) == 0
    np.testing.assert_allclose(walk.at(0.5)[0], NoiseSource(0).draw(state.latents), atol=1e-5)
    assert choices(LatentSpec(noise=Noise(0))) == ["c1", "c2", "c3", BOOKMARKS]


@given(
    st.integers(1, 5),
    st.sampled_from(["smooth", "linear"]),
    st.sampled_from(["loop", "ping-pong", "once"]),
    st.floats(0.2, 10),
    st.floats(0, 1000),
)
def test_a_walk_is_somewhere_between_its_stops_always(
    count: int, easing: str, repeat: str, leg: float, seconds: float
) -> None:
    state = ExplorerState()
    for value in np.linspace(-2, 2, count):
        state.set_code("c2", value)
        state.star("x")
    walk = Walk(state.latents, stops_of(state, BOOKMARKS), leg, easing, repeat)
    assert -2 <= column(walk, seconds) <= 2
    if walk.legs:
        assert column(walk, walk.seconds) == pytest.approx(column(walk, 0) if repeat != "once" else 2, abs=0.01)
    times = walk.frame_times(25)
    assert len(times) == max(1, round(walk.seconds * 25)) + (repeat == "once" and walk.legs > 0)


# In the window


@pytest.fixture
def walking(qtbot: QtBot, window: MainWindow) -> MainWindow:
    with settled(qtbot, window):
        window.tabs.setCurrentWidget(window.walk_tab)
    return window


def test_it_plays_and_stops(qtbot: QtBot, walking: MainWindow, tiny_bundle: Bundle) -> None:
    tab = walking.walk_tab
    first = tab.view.picture
    assert np.array_equal(first, tiny_bundle.generate(*tab.walk.at(0))[0])
    qtbot.keyClick(walking, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: not np.array_equal(tab.view.picture, first))
    assert tab.play.text() == "Stop"
    tab.play.click()
    assert tab.play.text() == "Pla&y"
    qtbot.waitUntil(lambda: not tab._waits)
    assert np.array_equal(tab.view.picture, tiny_bundle.generate(*tab.walk.at(tab._seconds))[0])


def test_hidden_it_stops(qtbot: QtBot, walking: MainWindow) -> None:
    walking.walk_tab.play.click()
    walking.tabs.setCurrentWidget(walking.traversal_tab)
    assert not walking.walk_tab._timer.isActive()


def test_the_time_line_goes_anywhere(qtbot: QtBot, walking: MainWindow, tiny_bundle: Bundle) -> None:
    tab = walking.walk_tab
    with settled(qtbot, walking):
        tab.time.setValue(tab.time.maximum() // 2)
    assert np.array_equal(tab.view.picture, tiny_bundle.generate(*tab.walk.at(1.5))[0])
    with settled(qtbot, walking):
        walking.state.set_code("c3", 1)
    assert np.array_equal(tab.view.picture, tiny_bundle.generate(*tab.walk.at(1.5))[0])
    assert tab.walk.stops[0].codes[11] == 1


@pytest.mark.parametrize("name", ["walk.gif", "walk.png", "walk"])
def test_an_animation_is_saved(
    qtbot: QtBot, walking: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, tiny_bundle: Bundle
) -> None:
    tab, path = walking.walk_tab, tmp_path / name
    tab.leg.setValue(0.4)
    tab.scale.setValue(2)
    tab.rate.setCurrentIndex(tab.rate.findData(20))
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: path)
    with settled(qtbot, walking):
        tab.save.click()
    assert not tab.progress.isVisible()
    if name == "walk":
        files = sorted(path.iterdir())
        assert [file.name for file in files] == [f"{index:02}.png" for index in range(16)]
        pictures = [np.asarray(Image.open(file)) for file in files]
    else:
        with Image.open(path) as file:
            frames = [(frame.convert("L"), frame.info["duration"]) for frame in ImageSequence.Iterator(file)]
            assert file.info["loop"] == 0
        assert sum(duration for _, duration in frames) == pytest.approx(800)
        pictures = [np.asarray(frame) for frame, _ in frames]
    expected = levels(tiny_bundle.generate(*tab.walk.at(0))[0]).repeat(2, 0).repeat(2, 1)
    assert np.array_equal(pictures[0], expected)


def test_what_cannot_be_written_is_said_and_ends(
    qtbot: QtBot, walking: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, says in (("walk.doc", "says nothing of its format"), (".", "exists: choose the name of a new folder")):
        monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_, n=name: tmp_path / n)
        with settled(qtbot, walking):
            walking.walk_tab.save.click()
        assert says in walking.message.text.text()
        assert walking.walk_tab.save.isVisible()


def test_an_animation_can_be_cancelled(
    qtbot: QtBot, walking: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeBundle(LatentSpec((Gaussian("g"),)), (1, 8, 8))
    with settled(qtbot, walking):
        walking.state.open(fake)
    fake.gate.clear()
    fake.begun.clear()
    monkeypatch.setattr("infogan.gui.walking.ask_save_path", lambda *_: tmp_path / "w.gif")
    walking.walk_tab.save.click()
    qtbot.waitUntil(fake.begun.is_set)
    assert walking.walk_tab.progress.isVisible()
    walking.walk_tab.cancel.click()
    with settled(qtbot, walking):
        fake.gate.set()
    assert list(tmp_path.glob("*.gif")) == []
    assert walking.walk_tab.save.isVisible()


def test_digits_choose_the_class_of_that_name(qtbot: QtBot, window: MainWindow) -> None:
    order = list(window.controls.pickers["c1"].buttons)
    for digit in (7, 0):
        with settled(qtbot, window):
            window.choose_class(digit)
        text = window.controls.pickers["c1"].buttons[int(window.state.value("c1"))].text()
        assert text == str(digit) or order.index(window.state.value("c1")) == digit


def test_a_walk_says_where_it_is(qtbot: QtBot, walking: MainWindow) -> None:
    tab = walking.walk_tab
    with settled(qtbot, walking):
        tab.easing.setCurrentIndex(tab.easing.findData("linear"))
        tab.repeat.setCurrentIndex(tab.repeat.findData("once"))
        tab.leg.setValue(2)
    with settled(qtbot, walking):
        tab.time.moved.emit(0.25)
    assert tab.place.text() == "0.5 s, −1.00"  # from -2 to 2
    with settled(qtbot, walking):
        tab.what.setCurrentIndex(tab.what.findData(NOISE))
    with settled(qtbot, walking):
        tab.time.moved.emit(0.5)
    assert tab.place.text() == "7.0 s"  # of seven legs
    with settled(qtbot, walking):
        tab.what.setCurrentIndex(tab.what.findData("c1"))
    with settled(qtbot, walking):
        tab.time.moved.emit(1)
    assert tab.place.text() == "18.0 s, 9"


def test_a_walk_without_bookmarks_says_what_it_lacks(qtbot: QtBot, walking: MainWindow) -> None:
    tab = walking.walk_tab
    assert tab.explanation.isHidden()
    with settled(qtbot, walking):
        tab.what.setCurrentIndex(tab.what.findData(BOOKMARKS))
    assert "at least two bookmarks" in tab.explanation.text()
    assert tab.explanation.isVisible()
    assert not any(control.isEnabled() for control in (tab.play, tab.time, tab.save))
    for value in (-1, 1):
        with settled(qtbot, walking):
            walking.state.set_code("c2", value)
            walking.star()
    assert tab.explanation.isHidden()
    assert all(control.isEnabled() for control in (tab.play, tab.time, tab.save))
