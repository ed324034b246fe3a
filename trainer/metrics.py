"""Measures of what the codes have learned. Numpy, scipy and scikit-learn only."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .latents import Bernoulli, Categorical, Code

Floats = NDArray[Any]


class Clustering(NamedTuple):
    """How well two partitions of the same pictures agree, each figure 1 at best.

    Attributes:
        majority: accuracy when each category stands for its most frequent label, many to one.
        nmi: normalised mutual information (arithmetic mean of the entropies).
        ari: adjusted Rand index; 0 for chance.
    """

    majority: float
    nmi: float
    ari: float


def confusion(categories: NDArray[Any], labels: NDArray[Any], n_categories: int, n_labels: int) -> NDArray[np.int64]:
    """How often category i met label j, (n_categories, n_labels)."""
    counts = np.zeros((n_categories, n_labels), np.int64)
    np.add.at(counts, (categories, labels), 1)
    return counts


def one_to_one(counts: NDArray[Any]) -> NDArray[np.int64]:
    """The label of each category under the best one-to-one map (Hungarian algorithm, Kuhn 1955).

    Args:
        counts: a confusion, (n_categories, n_labels), or other weights of the pairs.

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


def clustering(categories: NDArray[Any], labels: NDArray[Any], counts_to_fit: NDArray[np.int64]) -> Clustering:
    """Agreement of categories (n,) with labels (n,); the majority map is fitted on a confusion of other pictures."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return Clustering(
        majority=accuracy(categories, labels, counts_to_fit.argmax(1)),
        nmi=float(normalized_mutual_info_score(labels, categories)),
        ari=float(adjusted_rand_score(labels, categories)),
    )


def information(code: Code, value: Floats, probs: Floats | None, mean: Floats | None, std: Floats | None) -> float:
    """L_I = E[log Q(c | x)] + H(c) of one code, in nats (Chen et al. 2016, eq. 5): at most H(c) for discrete codes.

    Args:
        code: which code.
        value: what G was given: (n, size) one-hot, or (n, 1).
        probs: Q's answer for a discrete code, (n, width).
        mean: Q's mean of a continuous code, (n,).
        std: its standard deviation, (n,).
    """
    if isinstance(code, Categorical | Bernoulli):
        assert probs is not None
        taken = (value * probs).sum(1) if isinstance(code, Categorical) else (value * probs + (1 - value) * (1 - probs))
        return float(np.log(np.maximum(taken, 1e-12)).mean() + code.entropy)
    assert mean is not None
    assert std is not None
    scaled = (value[:, 0] - mean) / std
    return float((-0.5 * (np.log(2 * np.pi) + scaled**2) - np.log(std)).mean() + code.entropy)


def r_squared(value: Floats, estimate: Floats) -> float:
    """Share of the variance of ``value`` (n,) that ``estimate`` (n,) explains; negative when worse than the mean."""
    return float(1 - np.square(value - estimate).mean() / np.var(value))


def one_hot(classes: NDArray[Any], size: int) -> NDArray[np.float64]:
    """(n,) indices -> (n, size)."""
    rows: NDArray[np.float64] = np.eye(size)[classes]
    return rows


def partial_correlation(x: Floats, y: Floats, controls: Floats) -> float:
    """Pearson's correlation of what a linear fit on the controls leaves of ``x`` and ``y``.

    Args:
        x: (n,).
        y: (n,).
        controls: (n, k); a constant is added. Rows with a number that is not finite are left out everywhere.

    Returns:
        In [-1, 1]; 0 where nothing is left to correlate.
    """
    design = np.column_stack((np.ones(len(x)), controls, x, y)).astype(np.float64)
    design = design[np.isfinite(design).all(1)]
    if len(design) < 3:
        return 0.0
    fitted, targets = design[:, :-2], design[:, -2:]
    left = targets - fitted @ np.linalg.lstsq(fitted, targets, rcond=None)[0]
    # What the controls explain leaves rounding errors, not zeros.
    if (np.linalg.norm(left, axis=0) <= 1e-9 * np.linalg.norm(targets, axis=0)).any():
        return 0.0
    return float(np.asarray(np.corrcoef(left.T))[0, 1])


def explained_by_class(x: Floats, classes: NDArray[Any]) -> float:
    """Share of the variance of ``x`` (n,) that lies between classes, in [0, 1] (eta squared, Pearson 1911)."""
    total = float(np.var(x))
    if total == 0:
        return 0.0
    within = sum(float(np.var(x[classes == k])) * float((classes == k).mean()) for k in np.unique(classes))
    return 1 - within / total
