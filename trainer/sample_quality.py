"""How good and how varied generated pictures are, next to real ones. Numpy only.

All take feature vectors (n, d) or flattened pictures; the numbers of real and of generated ones should be equal, since
every one of these measures depends on them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
NEIGHBOURS = 5
DUPLICATE_QUANTILE = 0.01
_ROWS = 1000


class Manifolds(NamedTuple):
    """Overlap of the neighbourhoods of real and generated features, each in [0, 1] but density, which may exceed 1.

    Attributes:
        precision: share of generated ones within the k-th neighbour's distance of a real one
            (Kynkaanniemi et al. 2019, arXiv 1904.06991, eq. 1 and 2).
        recall: the same with the roles exchanged.
        density: real neighbourhoods around a generated one, over k (Naeem et al. 2020, arXiv 2002.09797, eq. 5).
        coverage: share of real ones with a generated one in their neighbourhood (ibid., eq. 7).
    """

    precision: float
    recall: float
    density: float
    coverage: float


def frechet_distance(real: Array, fake: Array) -> float:
    """Squared Frechet distance of two Gaussians fitted to features (n, d) (Heusel et al. 2017, 1706.08500, eq. 6).

    |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)); at least 0, and 0 for equal means and covariances.
    """
    means = [x.mean(0, dtype=np.float64) for x in (real, fake)]
    first, second = (np.atleast_2d(np.cov(x, rowvar=False, dtype=np.float64)) for x in (real, fake))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    # (C1 C2)^(1/2) has the trace of (R C2 R)^(1/2) with R = C1^(1/2), which is symmetric.
    trace = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    distance = np.square(means[0] - means[1]).sum() + np.trace(first) + np.trace(second) - 2 * trace
    return max(float(distance), 0.0)


def manifolds(real: Array, fake: Array, k: int = NEIGHBOURS) -> Manifolds:
    """Precision, recall, density and coverage of features (n, d) and (m, d), each more than ``k`` rows."""
    real_radius, fake_radius = neighbour_distance(real, k), neighbour_distance(fake, k)
    inside_real = np.zeros(len(fake), np.int64)  # real neighbourhoods that hold this generated one
    recalled, covered = [], []
    for rows, distances in _distances(real, fake):
        inside = distances <= real_radius[rows, None]
        inside_real += inside.sum(0)
        covered.append(inside.any(1))
        recalled.append((distances <= fake_radius[None]).any(1))
    return Manifolds(
        precision=float((inside_real > 0).mean()),
        recall=float(np.concatenate(recalled).mean()),
        density=float(inside_real.mean() / k),
        coverage=float(np.concatenate(covered).mean()),
    )


def neighbour_distance(points: Array, k: int = 1) -> NDArray[np.float64]:
    """Squared Euclidean distance from each point (n, d) to its k-th nearest other, (n,)."""
    # The point itself is the nearest of all, so the k-th other has index k.
    return np.concatenate([np.partition(distances, k, axis=1)[:, k] for _, distances in _distances(points, points)])


def duplicates(real: Array, fake: Array) -> float:
    """Share of generated pictures (n, d) nearer to another one than all but 1 % of real pictures (m, d) are.

    Real pictures themselves score about 0.01; a generator that repeats itself scores more.
    """
    threshold = np.quantile(neighbour_distance(real), DUPLICATE_QUANTILE)
    return float((neighbour_distance(fake) < threshold).mean())


def sharpness(images: Array) -> float:
    """Mean over pictures (n, C, H, W) of the variance of their Laplacian: blur lowers it, speckle raises it.

    The focus measure of Pech-Pacheco et al. 2000 (ICPR, "Diatom autofocusing in brightfield microscopy"), with the
    Laplacian of four neighbours, inner pixels only.
    """
    inner = images[..., 1:-1, 1:-1]
    around = images[..., :-2, 1:-1] + images[..., 2:, 1:-1] + images[..., 1:-1, :-2] + images[..., 1:-1, 2:]
    laplacian = np.asarray(around - 4 * inner, np.float64)
    return float(laplacian.var(axis=(1, 2, 3)).mean())


def spread(points: Array) -> float:
    """Root mean squared distance between two different points of (n, d), n >= 2."""
    n = len(points)
    centred = points - points.mean(0)
    return float(np.sqrt(2 * n / (n - 1) * np.square(centred, dtype=np.float64).sum(1).mean()))


def _distances(rows: Array, columns: Array) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Squared distances from some rows at a time to all columns; a matrix of all would not fit a small machine."""
    norms = np.square(columns, dtype=np.float64).sum(1)
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        products = (part @ columns.T).astype(np.float64)
        squared = np.square(part, dtype=np.float64).sum(1)[:, None] + norms - 2 * products
        yield slice(start, start + len(part)), squared.clip(0)
