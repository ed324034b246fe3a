"""Near neighbours by pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from infogan.trainer.neighbours import Neighbours
from tiny import digits


def bands(number: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Three level bands of random brightness (n, 1, 12, 12), and the distances (n, n), to itself infinite."""
    brightness = np.random.default_rng(seed).integers(256, size=(number, 3))
    images = np.zeros((number, 1, 12, 12), np.uint8)
    images[:, 0, :, 2:10] = brightness.repeat(4, 1)[:, :, None]  # as wide on the left as on the right: none leans
    distances = np.linalg.norm(brightness[:, None] - brightness, axis=2)
    np.fill_diagonal(distances, np.inf)
    return images, distances


def test_neighbours_show_the_same_thing_and_are_not_the_picture_itself() -> None:
    images, labels = digits(np.random.default_rng(0), 400)
    indices = np.arange(400)
    picked = Neighbours(images[:, None], 0).pick(indices, np.random.default_rng(0))
    assert (picked != indices).all()
    assert (labels[picked] == labels).mean() > 0.95


@settings(max_examples=30, deadline=None)
@given(number=st.integers(2, 20), rank=st.integers(2, 7), seed=st.integers(0, 99))
def test_the_nearest_of_a_part_of_all(number: int, rank: int, seed: int) -> None:
    """Only those outside the part may be nearer, and of few pictures another one is found too."""
    images, distances = bands(number, seed)
    neighbours, rng, indices = Neighbours(images, seed), np.random.default_rng(seed), np.arange(number)
    for _ in range(5):
        picked = neighbours.pick(indices, rng, rank)
        nearer = (distances < distances[indices, picked][:, None] - 0.01).sum(1)
        assert (picked != indices).all()
        assert (nearer <= number - max(2, -(-number // rank))).all()


@pytest.mark.parametrize("rank", [2, 3, 15])
def test_how_near_they_are(rank: int) -> None:
    """The nearest with probability 1 / rank, else the second with that probability, and so on: on average rank."""
    images, distances = bands(300, 0)
    neighbours, rng, indices = Neighbours(images, 0), np.random.default_rng(0), np.arange(300)
    picked = np.stack([neighbours.pick(indices, rng, rank) for _ in range(100)])
    ranks = 1 + (distances < distances[indices, picked][:, :, None]).sum(2)
    assert (ranks == 1).mean() == pytest.approx(1 / rank, rel=0.1)
    assert ranks.mean() == pytest.approx(rank, rel=0.1)
    different = np.array([len(set(column)) for column in picked.T])
    assert different.mean() == pytest.approx(2 * rank, rel=0.25)


def test_the_same_seeds_draw_the_same() -> None:
    images, _ = digits(np.random.default_rng(0), 30)
    first, second = (Neighbours(images[:, None], 1).pick(np.arange(30), np.random.default_rng(1)) for _ in range(2))
    assert (first == second).all()


def test_none_asked_for() -> None:
    """In a small batch no picture may be one that a neighbour is drawn for."""
    images, _ = digits(np.random.default_rng(0), 3)
    assert len(Neighbours(images[:, None], 0).pick(np.arange(0), np.random.default_rng(0))) == 0


def test_large_colour_pictures_are_made_smaller() -> None:
    """Each has a copy, which no other is as near as, and finds it where the part that is searched holds it."""
    images = np.random.default_rng(0).integers(256, size=(70, 3, 64, 64)).astype(np.uint8)
    neighbours, rng = Neighbours(np.concatenate((images, images)), 0), np.random.default_rng(0)
    found = np.mean([neighbours.pick(np.arange(70), rng, 2) == np.arange(70) + 70 for _ in range(40)])
    assert found == pytest.approx(0.5, abs=0.05)
