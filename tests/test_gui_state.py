"""State, traversals and wording: no Qt needed."""

from types import SimpleNamespace

import numpy as np
import pytest

from infogan.export.bundle import Posterior
from infogan.gui.latent import MAX_SEED, seed_noise, shown_range, training_range
from infogan.gui.state import ExplorerState, class_order
from infogan.gui.traversal import ONE, SEEDS, Traversal, axis_names
from infogan.gui.wording import (
    axis_text,
    class_probabilities,
    class_text,
    class_tip,
    code_text,
    code_tip,
    number_text,
    reading_text,
    tick_texts,
    traversal_text,
)
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform

MIXED = LatentSpec(
    (Categorical("kind", 3), Bernoulli("coin"), Uniform("size", 0, 4), Gaussian("g")), Noise(5, "normal")
)


def bundle(latents: LatentSpec, labels: tuple[str | None, ...] = (), meanings: dict[str, str] | None = None):
    return SimpleNamespace(
        fingerprint="",
        latents=latents,
        label=lambda name, index: labels[index] if index < len(labels) else None,
        meaning=(meanings or {}).get,
        precision=lambda name, index: 0.983 if index < len(labels) else None,
    )


@pytest.fixture
def state() -> ExplorerState:
    state = ExplorerState()
    state.changes = []
    state.subscribe(state.changes.append)
    return state


def test_a_change_is_told_once_and_no_change_never(state: ExplorerState) -> None:
    state.set_code("c1", 3)
    state.set_code("c1", 3)
    state.set_code("c2", 0)
    state.set_noise(seed=0)
    state.set_lock(False)
    assert state.changes == [{"codes", "history"}]
    assert state.value("c1") == 3
    assert state.c[0, :10].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_codes_are_single_precision_rows_and_copies(state: ExplorerState) -> None:
    before = state.c
    state.set_code("c3", -1.5)
    assert state.c.dtype == np.float32
    assert state.c.shape == (1, 12)
    assert before[0, 11] == 0
    assert state.value("c3") == -1.5
    with pytest.raises(KeyError):
        state.set_code("c9", 0)
    with pytest.raises(IndexError):
        state.set_code("c1", 10)
    assert state.value("c1") == 0


def test_noise_follows_from_the_seed(state: ExplorerState) -> None:
    first = state.z
    assert first.shape == (1, 62)
    state.set_noise(seed=7)
    assert not np.array_equal(state.z, first)
    assert np.array_equal(state.z, seed_noise(LatentSpec(), 7))
    state.randomise(np.random.default_rng(1))
    assert state.noise.seed not in (0, 7)
    assert state.changes == [{"noise", "history"}] * 2


def test_the_lock_keeps_the_noise_whatever_comes(state: ExplorerState) -> None:
    state.set_lock(True)
    state.set_noise(seed=5)
    state.randomise(np.random.default_rng(0))
    state.reset_noise()
    assert state.noise.seed == 0
    assert state.changes == [{"lock"}]
    state.go_to(Traversal.of(state, "c1", SEEDS).tile(4, 3))
    assert (state.value("c1"), state.noise.seed) == (4, 0)
    state.set_lock(False)
    state.set_noise(seed=5)
    assert state.noise.seed == 5


def test_one_step_tells_all_that_changed(state: ExplorerState) -> None:
    state.go_to(Traversal.of(state, "c1", SEEDS).tile(4, 3))
    assert state.changes == [{"codes", "noise", "history"}]


def test_what_q_read_becomes_the_code(state: ExplorerState) -> None:
    probs = np.full((1, 10), 0.02, np.float32)
    probs[0, 6] = 0.82
    one = np.ones(1, np.float32)
    state.set_noise(seed=3)
    state.use(Posterior({"c1": probs}, {"c2": -0.25 * one, "c3": 9 * one}, {"c2": one, "c3": one}))
    assert [state.value(name) for name in ("c1", "c2", "c3")] == [6, -0.25, 2]  # 9 is beyond what is shown
    assert state.noise.seed == 3


def test_reset_and_another_bundle(state: ExplorerState) -> None:
    state.open(bundle(LatentSpec()))
    state.set_code("c1", 5)
    state.open(bundle(LatentSpec()))
    assert state.value("c1") == 5
    state.open(bundle(MIXED))
    assert np.array_equal(state.c, MIXED.neutral())
    assert state.z.shape == (1, 5)
    state.set_code("coin", 1)
    state.set_code("size", 4)
    assert state.c.tolist() == [[1, 0, 0, 1, 4, 0]]
    state.reset_codes()
    assert np.array_equal(state.c, MIXED.neutral())
    assert state.changes[-1] == {"codes", "history"}


def test_bookmarks_come_back_with_their_latent_space(state: ExplorerState) -> None:
    state.open(bundle(LatentSpec()))
    state.star("kept")
    state.open(bundle(MIXED))
    assert state.bookmarks == ()
    state.star("other")
    state.open(bundle(LatentSpec()))
    assert [mark.name for mark in state.bookmarks] == ["kept"]
    state.open(bundle(MIXED))
    assert [mark.name for mark in state.bookmarks] == ["other"]


def test_opening_and_reset_start_at_the_first_class_shown(state: ExplorerState) -> None:
    state.open(bundle(LatentSpec(), tuple("3456789012")))
    assert state.value("c1") == 7  # the one that is called 0
    state.set_code("c1", 2)
    state.set_code("c2", 1)
    state.reset_codes()
    assert (state.value("c1"), state.value("c2")) == (7, 0)
    state.open(bundle(MIXED, ("7", "10", "2")))
    assert state.value("kind") == 2


def test_ranges() -> None:
    assert (training_range(Uniform("u")), shown_range(Uniform("u"))) == ((-1, 1), (-2, 2))
    assert (training_range(Uniform("u", 0, 4)), shown_range(Uniform("u", 0, 4))) == ((0, 4), (-2, 6))
    assert (training_range(Gaussian("g")), shown_range(Gaussian("g"))) == ((-2, 2), (-3, 3))


def test_traversal_of_categories_against_noise(state: ExplorerState) -> None:
    state.set_code("c2", 0.5)
    traversal = Traversal.of(state, "c1", SEEDS, 20)
    assert traversal.shape == (10, 10)
    z, c = traversal.row_latents(4)
    assert (z.shape, c.shape) == ((10, 62), (10, 12))
    assert (c[:, 4] == 1).all()
    assert (c[:, 10] == 0.5).all()
    assert np.array_equal(z[3], seed_noise(state.latents, 23)[0])
    assert traversal.find(state) is None
    state.go_to(traversal.tile(4, 3))
    assert traversal.find(state) == (4, 3)
    assert Traversal.of(state, "c1", SEEDS, 20) == traversal
    state.set_code("c2", 0.6)
    assert Traversal.of(state, "c1", SEEDS, 20) != traversal


def test_traversal_of_two_continuous_codes(state: ExplorerState) -> None:
    traversal = Traversal.of(state, "c2", "c3")
    c = np.concatenate([traversal.row_latents(row)[1] for row in range(9)])
    values = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    assert c[:, 10].tolist() == np.repeat(values, 9).tolist()
    assert c[:, 11].tolist() == np.tile(values, 9).tolist()
    assert traversal.find(state) == (4, 4)  # 0 is on the grid
    state.go_to(traversal.tile(8, 0))
    assert traversal.find(state) == (8, 0)
    state.set_noise(seed=1)
    assert Traversal.of(state, "c2", "c3") != traversal


def test_traversal_along_one_axis_and_at_the_last_seed(state: ExplorerState) -> None:
    assert Traversal.of(state, "c1", ONE).shape == (10, 1)
    state.set_noise(seed=MAX_SEED)
    seeds = Traversal.of(state, "c1", SEEDS, state.noise.seed).columns.values
    assert (len(seeds), seeds[-1]) == (10, MAX_SEED)
    assert axis_names(MIXED) == ["kind", "coin", "size", "g", SEEDS]
    assert axis_names(LatentSpec(noise=Noise(0))) == ["c1", "c2", "c3"]


def test_classes_are_listed_by_their_labels_where_all_have_one() -> None:
    kind = MIXED.codes[0]
    assert class_order(bundle(MIXED, ("7", "10", "2")), kind) == [2, 0, 1]
    assert class_order(bundle(MIXED, ("7", None, "2")), kind) == [0, 1, 2]
    assert class_order(None, kind) == [0, 1, 2]
    state = ExplorerState()
    state.open(bundle(MIXED, ("7", "10", "2")))
    assert Traversal.of(state, "kind", ONE).rows.values == (2, 0, 1)


def test_wording() -> None:
    known = bundle(MIXED, ("seven", None), {"size": "width"})
    kind, coin, size, _ = MIXED.codes
    assert [class_text(known, kind, index) for index in range(3)] == ["seven", "#1", "#2"]
    assert [class_text(bundle(MIXED), coin, index) for index in range(2)] == ["0", "1"]
    assert class_tip(known, kind, 0) == "kind: seven, right for 98.3 % of the test pictures read so"
    assert class_tip(known, kind, 1) == "kind: #1"  # no label, so nothing that could be right
    assert class_tip(bundle(MIXED), coin, 1) == "coin: 1"
    assert class_text(None, kind, 3) == ""  # nothing is known yet
    assert code_tip(known, size).startswith("size follows width")
    assert code_tip(known, kind) == ""
    assert [code_text(known, code) for code in (kind, coin, size)] == ["Category · kind", "coin", "Width · size"]
    assert [number_text(x) for x in (0.314, -0.8, -0.001, 12)] == ["+0.31", "−0.80", "0.00", "+12.00"]
    posterior = Posterior(
        {"kind": np.array([[0.1, 0.2, 0.7]]), "coin": np.array([[0.9]])},
        {"size": np.array([1.5])},
        {"size": np.array([0.25])},
    )
    assert class_probabilities(coin, posterior) == pytest.approx([0.1, 0.9])
    texts = [reading_text(known, code, posterior) for code in (kind, coin, size)]
    assert texts == ["#2 (70 %)", "1 (90 %)", "+1.50 ± 0.25"]
    state = ExplorerState()
    state.open(known)
    traversal = Traversal.of(state, "size", "g")
    assert tick_texts(known, MIXED, traversal.rows)[:3] == ["−2.0", "−1.0", "0.0"]
    assert tick_texts(known, MIXED, traversal.columns)[:3] == ["−3.00", "−2.25", "−1.50"]
    traversal = Traversal.of(state, "kind", "size")
    assert tick_texts(known, MIXED, traversal.rows) == ["seven", "#1", "#2"]


def test_what_a_grid_shows_in_a_sentence() -> None:
    assert traversal_text(None, MIXED, "size", SEEDS) == "Down: size. Across: other noise."
    assert traversal_text(None, MIXED, SEEDS, "g") == "Down: other noise. Across: g."
    assert traversal_text(None, MIXED, "kind", ONE) == "Down: Category · kind."
    assert axis_text(None, MIXED, SEEDS) == "noise"
