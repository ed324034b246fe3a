"""Measures of what the codes have learned. Numpy and scipy only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def confusion(categories: NDArray[Any], labels: NDArray[Any], n_categories: int, n_labels: int) -> NDArray[np.int64]:
    """How often category i met label j, (n_categories, n_labels)."""
    counts = np.zeros((n_categories, n_labels), np.int64)
    np.add.at(counts, (categories, labels), 1)
    return counts


def one_to_one(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The label of each category under the best one-to-one map (Hungarian algorithm, Kuhn 1955).

    Args:
        counts: a confusion, (n_categories, n_labels).

    Returns:
        (n_categories,): a label each; -1 where there are more categories than labels and this one got none.
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-counts)
    mapping = np.full(len(counts), -1, np.int64)
    mapping[rows] = columns
    return mapping


def accuracy(categories: NDArray[Any], labels: NDArray[Any], mapping: NDArray[np.int64]) -> float:
    """Share of pictures whose category's label is theirs, in [0, 1]."""
    return float((mapping[categories] == labels).mean())
