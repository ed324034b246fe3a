"""Merge the clusters of an over-clustering into as many groups as a code has categories, without labels."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from .metrics import one_to_one

Floats = NDArray[np.float64]


def merge(joint: Floats, groups: int) -> NDArray[np.int64]:
    """The group of each cluster, chosen so that the information between a picture's group and its partner's stays high.

    Where pictures of one cluster have partners in another that holds the same kind of thing, merging costs little.
    Greedy agglomeration (the agglomerative information bottleneck, Slonim and Tishby 1999, on the joint distribution of
    both sides at once), then single clusters move as long as that helps.

    Args:
        joint: how often a picture in cluster i had its partner in cluster j, (k, k), not negative, any scale.
        groups: how many to make.

    Returns:
        (k,) group indices; with fewer clusters than groups each is its own.
    """
    shares = _symmetric(joint)
    members = np.eye(len(shares))
    while members.shape[1] > groups:
        members = _closest_two_merged(shares, members)
    groups_of_clusters: NDArray[np.int64] = _refined(shares, members).argmax(1)
    return groups_of_clusters


def consensus(shares: Floats, partners: Floats, groups: int) -> NDArray[np.int64]:
    """Merge the clusters of several heads into the same groups, so that the heads can vote.

    Each head's clusters are merged on their own; its groups are then numbered as those of the head that keeps the most
    information, by the one-to-one map under which the two agree on most pictures.

    Args:
        shares: P(cluster | picture) of each head, (n, heads, k).
        partners: the same of the pictures' partners.
        groups: how many to make.

    Returns:
        The group of each cluster of each head, (heads, k).
    """
    heads = shares.shape[1]
    joints = [shares[:, h].T @ partners[:, h] for h in range(heads)]
    members = [np.eye(groups)[merge(joint, groups)] for joint in joints]
    kept = [_kept(_symmetric(j), m) for j, m in zip(joints, members, strict=True)]
    voters = [shares[:, h] @ members[h] for h in range(heads)]
    reference = voters[int(np.argmax(kept))]
    return np.stack([one_to_one(v.T @ reference)[m.argmax(1)] for v, m in zip(voters, members, strict=True)])


def information(shares: Floats) -> float:
    """I(k; k') of a joint distribution (k, k), in nats."""
    marginal = shares.sum(1)
    independent = np.outer(marginal, shares.sum(0))
    present = shares > 0
    return float((shares[present] * np.log(shares[present] / independent[present])).sum())


def _symmetric(joint: Floats) -> Floats:
    """As a distribution that counts every pair both ways round."""
    shares: Floats = (joint + joint.T) / (2 * joint.sum())
    return shares


def _kept(shares: Floats, members: Floats) -> float:
    """Information between the groups that ``members`` (k, groups) describes."""
    return information(members.T @ shares @ members)


def _closest_two_merged(shares: Floats, members: Floats) -> Floats:
    """The pair of groups whose union loses least becomes one."""
    change = _change_by_union(members.T @ shares @ members)
    i, j = divmod(int(change.argmax()), len(change))
    joined = members.copy()
    joined[:, j] += members[:, i]
    return np.delete(joined, i, axis=1)


def _change_by_union(joint: Floats) -> Floats:
    """By how much the information of a symmetric joint (g, g) grows when groups i and j become one: (g, g), at most 0.

    Of I = sum of p log p over cells, minus twice the same over the marginal, only the cells of i and of j change.
    """
    cells, own, marginal = _plogp(joint), joint.diagonal(), joint.sum(1)
    with_others = _plogp(joint[:, None] + joint[None]) - cells[:, None] - cells[None]  # (i, j, every group)
    change: Floats = 2 * (with_others.sum(2) - np.einsum("iji->ij", with_others) - np.einsum("ijj->ij", with_others))
    change += _plogp(own[:, None] + own[None] + 2 * joint) - _plogp(own)[:, None] - _plogp(own)[None] - 2 * cells
    change -= 2 * (_plogp(marginal[:, None] + marginal[None]) - _plogp(marginal)[:, None] - _plogp(marginal)[None])
    np.fill_diagonal(change, -np.inf)
    return change


def _plogp(shares: Floats) -> Floats:
    values: Floats = xlogy(shares, shares)
    return values


def _refined(shares: Floats, members: Floats) -> Floats:
    """Move one cluster at a time to the group that keeps most, until no move helps."""
    best, moved = _kept(shares, members), True
    while moved:
        moved = False
        for row in range(len(members)):
            for group in np.eye(members.shape[1]):
                candidate = members.copy()
                candidate[row] = group
                kept = _kept(shares, candidate)
                if kept > best + 1e-9:
                    members, best, moved = candidate, kept, True
    return members
