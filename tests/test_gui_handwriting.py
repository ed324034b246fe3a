"""Your own digit: a drawing drawn again by an encoder's noise, kept, and changed by the codes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from driving import FakeBundle, draw, drawings, settled
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.bookmarks import bookmarks_from, bookmarks_json
from infogan.gui.comparing import translated
from infogan.gui.jobs import frames
from infogan.gui.latent import Latent, LatentError, NoiseSource, as_codes, from_json, to_json
from infogan.gui.state import ExplorerState
from infogan.gui.traversal import ONE, SEEDS, Traversal
from infogan.gui.walk import BOOKMARKS, NOISE, Walk, stops_of
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec, Noise


@pytest.fixture
def writing(qtbot: QtBot, window: MainWindow, encoder_bundle: Bundle) -> MainWindow:
    """The window with a bundle that has an encoder, and a digit on the pad."""
    with settled(qtbot, window):
        window.opening.show_bundle(encoder_bundle)
        draw(window, drawings(1)[0])
    return window


def seen(window: MainWindow) -> np.ndarray:
    """The drawing as the networks see it, (1, 1, 28, 28)."""
    picture = window.state.drawing.normalise()
    assert picture is not None
    return picture[None, None]


def test_the_drawing_its_reconstruction_and_the_difference_stand_side_by_side(
    writing: MainWindow, encoder_bundle: Bundle
) -> None:
    redrawn, drawn = writing.draw_tab.answers.redrawn, seen(writing)
    again = encoder_bundle.reconstruct(drawn)
    np.testing.assert_allclose(redrawn.seen.picture, drawn[0], atol=1e-6)
    np.testing.assert_allclose(redrawn.generated.picture, again[0], atol=1e-6)
    np.testing.assert_allclose(redrawn.difference.picture, abs(again - drawn)[0], atol=1e-6)
    assert redrawn.seen.isVisible()


def test_what_is_kept_is_drawn_again_and_follows_the_sliders(
    qtbot: QtBot, writing: MainWindow, encoder_bundle: Bundle
) -> None:
    z, c = encoder_bundle.encode(seen(writing))
    with settled(qtbot, writing):
        writing.draw_tab.keep.click()
    assert writing.state.latent.codes == as_codes(c)
    np.testing.assert_allclose(writing.state.z, z, atol=1e-4)
    np.testing.assert_allclose(writing.view.picture, encoder_bundle.generate(z, c)[0], atol=2e-3)
    assert writing.controls.noise.title.text() == "Noise of your drawing"
    with settled(qtbot, writing):
        writing.controls.sliders["c2"].number.setValue(1.5)
    c[0, encoder_bundle.latents.slices["c2"]] = 1.5
    np.testing.assert_allclose(writing.view.picture, encoder_bundle.generate(z, c)[0], atol=2e-3)
    writing.undo()
    writing.undo()
    assert writing.state.noise == NoiseSource()
    assert writing.controls.noise.title.text() == "Noise"


def test_a_bundle_without_an_encoder_offers_nothing(qtbot: QtBot, window: MainWindow) -> None:
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    assert window.draw_tab.use.isVisible()
    assert not window.draw_tab.keep.isVisible()
    assert not window.draw_tab.answers.redrawn.seen.isVisible()


def test_there_is_nothing_to_keep_without_ink_or_under_the_lock(qtbot: QtBot, writing: MainWindow) -> None:
    assert writing.draw_tab.keep.isEnabled()
    writing.controls.noise.lock.click()
    assert not writing.draw_tab.keep.isEnabled()
    writing.controls.noise.lock.click()
    assert writing.draw_tab.keep.isEnabled()
    with settled(qtbot, writing):
        writing.draw_tab.clear_drawing()
    assert not writing.draw_tab.keep.isEnabled()


@pytest.mark.parametrize("way", ["seed", "the seed that is shown", "dice", "reset"])
def test_a_seed_takes_its_place(qtbot: QtBot, writing: MainWindow, way: str) -> None:
    noise = writing.controls.noise
    with settled(qtbot, writing):
        writing.draw_tab.keep.click()
        {
            "seed": lambda: noise.seed.setValue(7),
            "the seed that is shown": lambda: qtbot.keyClick(noise.seed, Qt.Key.Key_Return),
            "dice": noise.dice.click,
            "reset": noise.reset.emit,
        }[way]()
    assert not writing.state.noise.own


def test_scale_and_blend_work_on_it(writing: MainWindow) -> None:
    writing.draw_tab.keep.click()
    own = writing.state.z
    writing.state.set_noise(scale=0.5)
    np.testing.assert_allclose(writing.state.z, own / 2, atol=1e-6)
    writing.state.set_noise(scale=1.0, blend=1.0, other=9)
    np.testing.assert_allclose(writing.state.z, NoiseSource(9).draw(writing.state.latents), atol=1e-5)


def test_it_is_copied_pasted_and_bookmarked(writing: MainWindow) -> None:
    writing.draw_tab.keep.click()
    kept, latents = writing.state.latent, writing.state.latents
    writing.exchange.copy_code()
    assert len(json.loads(QGuiApplication.clipboard().text())["noise"]["own"]) == 62
    writing.state.reset_noise()
    writing.exchange.paste()
    assert writing.state.latent == kept
    writing.star()
    assert writing.state.bookmarks[-1].name.endswith(", drawn")
    assert bookmarks_from(latents, bookmarks_json(latents, writing.state.bookmarks)) == writing.state.bookmarks
    elsewhere = LatentSpec(latents.codes, Noise(9))
    with pytest.raises(LatentError, match="expected 9 numbers"):
        from_json(elsewhere, to_json(latents, kept))


@pytest.mark.parametrize("size", [9, 62])
def test_another_model_does_not_get_it(qtbot: QtBot, writing: MainWindow, size: int) -> None:
    writing.draw_tab.keep.click()
    with settled(qtbot, writing):
        writing.show_bundle(FakeBundle(LatentSpec(noise=Noise(size)), (1, 28, 28)))  # type: ignore[arg-type]
    assert writing.state.noise == NoiseSource()


def test_a_second_model_is_not_given_the_noise_of_a_drawing(encoder_bundle: Bundle, tiny_bundle: Bundle) -> None:
    latent = Latent(as_codes(LatentSpec().neutral()), NoiseSource(3, own=(0.5,) * 62))
    assert translated(encoder_bundle, tiny_bundle, latent).noise == NoiseSource(3)
    assert translated(encoder_bundle, encoder_bundle, latent).noise == latent.noise


def test_one_drawing_becomes_another(encoder_bundle: Bundle) -> None:
    """A walk through two bookmarks goes from one hand to the other."""
    state, rng = ExplorerState(), np.random.default_rng(0)
    state.open(encoder_bundle)
    hands = [state.latents.noise.sample(rng, 1) for _ in range(2)]
    for z in hands:
        state.keep(encoder_bundle.infer(rng.random((1, 1, 28, 28), np.float32)), z)
        state.star("")
    walk = Walk(state.latents, stops_of(state, BOOKMARKS), 1, "linear", "once")
    for seconds, z in enumerate(hands):
        np.testing.assert_allclose(walk.at(seconds)[0], z, atol=1e-3)
    between, apart = walk.at(0.5)[0], np.linalg.norm(hands[0] - hands[1])
    assert all(0.3 * apart < np.linalg.norm(between - z) < 0.8 * apart for z in hands)
    assert frames(encoder_bundle, walk, [0, 0.5, 1]).shape == (3, 1, 28, 28)


def test_where_seeds_vary_it_is_left_aside(encoder_bundle: Bundle) -> None:
    state = ExplorerState()
    state.open(encoder_bundle)
    plain = Traversal.of(state, SEEDS, ONE)
    image = np.random.default_rng(0).random((1, 1, 28, 28), np.float32)
    state.keep(encoder_bundle.infer(image), encoder_bundle.noise_of(image))
    grid = Traversal.of(state, SEEDS, ONE)
    assert grid.find(state) is None
    assert [grid.tile(row, 0).noise for row in range(3)] == [plain.tile(row, 0).noise for row in range(3)]
    assert not any(stop.noise.own for stop in stops_of(state, NOISE))
    assert replace(state.noise, own=()) == NoiseSource()


def test_a_model_that_is_on_no_disk_gets_no_noise_of_another_size() -> None:
    """Such models have no fingerprint to tell them apart."""
    state, rng = ExplorerState(), np.random.default_rng(0)
    state.open(FakeBundle(LatentSpec(), (1, 28, 28)))  # type: ignore[arg-type]
    image = rng.random((1, 1, 28, 28), np.float32)
    state.keep(state.bundle.infer(image), state.latents.noise.sample(rng, 1))
    state.open(FakeBundle(LatentSpec(noise=Noise(4)), (1, 28, 28)))  # type: ignore[arg-type]
    assert state.z.shape == (1, 4)
