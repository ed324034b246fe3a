"""Merging clusters into groups by the information that is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infogan.trainer.merging import consensus, information, merge


def blocks(sizes: list[int], leak: float = 0.01) -> np.ndarray:
    """A joint distribution of clusters that mix freely within groups of these sizes and hardly between them."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return np.where(groups[:, None] == groups[None], 1.0, leak)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 2**32 - 1))
def test_clusters_that_trade_pictures_end_in_one_group(sizes: list[int], seed: int) -> None:
    """Whatever the order of the clusters."""
    truth = np.repeat(np.arange(len(sizes)), sizes)
    order = np.random.default_rng(seed).permutation(len(truth))
    found = merge(blocks(sizes)[np.ix_(order, order)], len(sizes))
    pairs = set(zip(found.tolist(), truth[order].tolist(), strict=True))
    assert len(pairs) == len(sizes)


def test_a_lopsided_joint_counts_both_ways() -> None:
    joint = blocks([2, 2])
    joint[0, 1], joint[1, 0] = 2, 0
    found = merge(joint, 2)
    assert found[0] == found[1] != found[2] == found[3]


def test_a_cluster_that_holds_nothing_does_no_harm() -> None:
    joint = blocks([2, 2, 1])
    joint[4], joint[:, 4] = 0, 0
    found = merge(joint, 2)
    assert found[0] == found[1] != found[2] == found[3]


def test_fewer_clusters_than_groups_stay_apart() -> None:
    assert sorted(merge(blocks([1, 1, 1]), 10)) == [0, 1, 2]


def test_moving_single_clusters_mends_what_greed_got_wrong() -> None:
    """The result cannot be improved by moving any one cluster."""
    rng = np.random.default_rng(3)
    joint = rng.random((8, 8)) ** 4
    shares = (joint + joint.T) / (2 * joint.sum())
    found = merge(joint, 3)

    def kept(groups: np.ndarray) -> float:
        members = np.eye(3)[groups]
        return information(members.T @ shares @ members)

    for i in range(8):
        for group in range(3):
            moved = found.copy()
            moved[i] = group
            assert kept(moved) <= kept(found) + 1e-9


def test_heads_vote_under_common_numbers() -> None:
    """Three heads cluster the same six kinds in orders of their own; the third mixes up two of them."""
    rng = np.random.default_rng(0)
    kinds = np.repeat(np.arange(6), 50)
    heads = []
    for number in range(3):
        order = rng.permutation(12)
        clusters = 2 * kinds + rng.integers(2, size=300)
        if number == 2:
            clusters[kinds == 5] = 2 * 4 + rng.integers(2, size=50)
        heads.append((order[clusters], order[2 * kinds + rng.integers(2, size=300)]))
    shares, partners = (np.stack([np.eye(12)[head[side]] for head in heads], 1) for side in (0, 1))
    groups = consensus(shares, partners, 6)
    assert groups.shape == (3, 12)
    votes = np.stack([np.eye(6)[groups[h]][heads[h][0]] for h in range(3)]).sum(0).argmax(1)
    pairs = set(zip(votes.tolist(), kinds.tolist(), strict=True))
    assert len(pairs) == 6


def test_information_at_its_ends() -> None:
    assert information(np.eye(4) / 4) == pytest.approx(np.log(4))
    assert information(np.full((4, 4), 1 / 16)) == pytest.approx(0)
