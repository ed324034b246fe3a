"""Near neighbours by pixels."""

import numpy as np
import pytest
import torch

from infogan.trainer.neighbours import Neighbours, smallest
from tiny import digits


def test_neighbours_show_the_same_thing_and_are_not_the_picture_itself() -> None:
    images, labels = digits(np.random.default_rng(0), 400)
    indices = np.arange(400)
    picked = Neighbours(images[:, None]).pick(indices, np.random.default_rng(0))
    assert (picked != indices).all()
    assert (labels[picked] == labels).mean() > 0.95


def test_all_of_the_nearest_are_drawn_and_nothing_else() -> None:
    """Bars of rising brightness: the two nearest of each are the next ones."""
    images = np.zeros((20, 1, 28, 28), np.uint8)
    images[:, 0, 4:24, 10:14] = (np.arange(20) * 12)[:, None, None]
    neighbours, rng = Neighbours(images), np.random.default_rng(0)
    drawn = {int(neighbours.pick(np.array([10]), rng, among=2)[0]) for _ in range(50)}
    assert drawn == {9, 11}


def test_the_generator_decides_and_few_pictures_suffice() -> None:
    images, _ = digits(np.random.default_rng(0), 3)
    neighbours = Neighbours(images[:, None])
    first, second = (neighbours.pick(np.arange(3), np.random.default_rng(1)) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(("columns", "k"), [(100, 5), (300, 5), (2000, 5), (2000, 15)])
def test_the_smallest_are_found(columns: int, k: int) -> None:
    """Several of one group among them, and none of the infinite ones that fill the last."""
    values = torch.from_numpy(np.random.default_rng(k).normal(size=(40, columns)))
    values[:, 100:103] -= 10
    values[:, -40:] = torch.inf
    assert torch.equal(smallest(values, k), values.topk(k, largest=False).indices)


def test_large_colour_pictures_are_made_smaller() -> None:
    images = np.random.default_rng(0).integers(256, size=(70, 3, 64, 64)).astype(np.uint8)
    copies = np.concatenate((images, images))
    picked = Neighbours(copies).pick(np.arange(70), np.random.default_rng(0), among=1)
    assert (picked == np.arange(70) + 70).all()
