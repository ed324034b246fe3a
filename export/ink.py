"""A picture with ink somewhere in it -> the normalised picture that Q was trained on.

MNIST's own normalisation, as reconstructed by QMNIST (Yadav and Bottou 2019, arXiv 1905.10498): the square around the
ink becomes 20x20 of the 28x28 pixels by exact area averages, the maximum becomes 255, and the centre of mass moves to
the middle by whole pixels. Other picture sizes keep the proportion 20/28. Numpy only.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..trainer.resampling import area_weights

Picture = NDArray[np.float32]

MIN_SIDE = 10  # pixels of a found picture: smaller specks are not blown up to the whole box, as in QMNIST
FAINT = 0.1  # what is fainter than this is the background of a scan or a JPEG


class Finding(NamedTuple):
    """How the ink of a picture is told from its background.

    Attributes:
        threshold: the strongest ink that still counts as background, in [0, 1]; None: found in the picture.
        inverted: take as ink what would be background.
    """

    threshold: float | None = None
    inverted: bool = False


AUTOMATIC = Finding()


def to_mnist(picture: NDArray[Any], shape: tuple[int, int] = (28, 28), finding: Finding = AUTOMATIC) -> Picture | None:
    """Find the ink of a picture and normalise it.

    The median of the border is the background: ink may be darker or lighter. A picture that is as MNIST's are comes
    back as it is, for a second normalisation would blur it by half a pixel.

    Args:
        picture: (h, w), grey in [0, 1] of any size; what is not finite counts as black.
        shape: height and width of the result.
        finding: how the ink is told from its background.

    Returns:
        (height, width) float32 in [0, 1], ink 1, or None for a picture of one shade.
    """
    ink = _as_ink(picture, finding.inverted)
    if not ink.size:
        return None
    if finding.threshold is None and _is_normalised(ink, shape):
        return ink.astype(np.float32)
    low = _background(ink, finding.inverted) if finding.threshold is None else finding.threshold
    boxed = _boxed(_above(ink, low), box_side(shape))
    return None if boxed is None else centre(boxed, shape)


def found_threshold(picture: NDArray[Any], inverted: bool = False) -> float:
    """The threshold that :func:`to_mnist` finds, in [0, 1]; 0 for an empty picture."""
    ink = _as_ink(picture, inverted)
    return _background(ink, inverted) if ink.size else 0.0


def paper(picture: Picture) -> float:
    """The shade of a picture's background: the median of its border."""
    return float(np.median(_border(picture)))


def box_side(shape: tuple[int, int]) -> int:
    """Side of the square that the ink fills in a picture of this height and width: 20 for 28x28."""
    return max(1, round(min(shape) * 20 / 28))


def _border(ink: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])


def _is_normalised(ink: NDArray[np.float64], shape: tuple[int, int]) -> bool:
    """Whether a picture has what all of MNIST has: the size, a full box, a full maximum, the mass in the middle."""
    if ink.shape != shape or ink.max() < 0.99:
        return False
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    side = int(max(np.ptp(rows), np.ptp(columns))) + 1
    middle = _centre_of_mass(ink) - 0.5 - np.array(shape) / 2
    full = box_side(shape) - 1 <= side <= box_side(shape)  # one in 3,000 lost a faint edge to rounding
    return bool(full and (abs(middle) <= 0.5 + 1e-6).all())


def _as_ink(picture: NDArray[Any], inverted: bool) -> NDArray[np.float64]:
    """Levels in [0, 1] that are higher where there is ink."""
    ink = np.nan_to_num(np.asarray(picture, np.float64), nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
    dark_on_light = bool(ink.size) and np.median(_border(ink)) > 0.5
    return 1 - ink if dark_on_light != inverted else ink


def _background(ink: NDArray[np.float64], inverted: bool) -> float:
    """The strongest ink that is still background; 0 where most of the picture is an exact 0, as in drawings."""
    if np.mean(ink == 0) >= 0.5:
        return 0.0
    level = float(np.median(_border(ink)))
    flat = not inverted and np.mean(abs(ink - level) < FAINT / 2) >= 0.5
    return level if flat else _otsu(ink)


def _above(ink: NDArray[np.float64], low: float) -> NDArray[np.float64]:
    """Make the background exactly 0; where it is, the faintest edges are kept."""
    if low == 0 and np.mean(ink == 0) >= 0.5:
        return ink
    ink = ((ink - low) / max(float(ink.max()) - low, FAINT)).clip(0, 1)
    return np.where(ink < FAINT, 0.0, ink)


def _otsu(ink: NDArray[np.float64]) -> float:
    """The threshold that parts light from dark best (Otsu 1979): paper in a photo has no single shade."""
    counts, edges = np.histogram(ink, bins=256, range=(0, 1))
    values = (edges[:-1] + edges[1:]) / 2
    below = counts.cumsum()
    mass = (counts * values).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * below / below[-1] - mass) ** 2 / (below * (below[-1] - below))
    return float(edges[1:][np.nan_to_num(between, nan=-1.0, posinf=-1.0).argmax()])


def _boxed(ink: NDArray[np.float64], box: int) -> NDArray[np.float64] | None:
    """The square around the ink as (box, box) averages; what of it lies beyond the picture holds none."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return None
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = crop.shape
    side = max(height, width, MIN_SIDE)
    top, left = (side - height) // 2, (side - width) // 2
    return np.asarray(area_weights(height, box, -top, side) @ crop @ area_weights(width, box, -left, side).T)


def average(square: NDArray[np.float64], box: int) -> NDArray[np.float64]:
    """Resample to (box, box): each pixel's area is shared out exactly."""
    weights = area_weights(len(square), box)
    return np.asarray(weights @ square @ weights.T, np.float64)


def centre(ink: NDArray[np.float64], shape: tuple[int, int]) -> Picture:
    """Stretch to 255 levels and move the centre of mass to the middle, by whole pixels; what leaves is clipped."""
    levels = np.floor(ink * 255 / min(1.0, float(ink.max())) + 0.5).clip(0, 255)
    picture = np.zeros(shape, np.float32)
    # A drawing that is symmetric lies exactly on the edge between two pixels; the tiny term keeps it from flickering.
    top, left = (math.floor(v + 1e-6) for v in np.array(shape) / 2 + 1 - _centre_of_mass(levels))
    for row in range(max(0, top), min(shape[0], top + len(levels))):
        low, high = max(0, left), min(shape[1], left + len(levels))
        picture[row, low:high] = levels[row - top, low - left : high - left] / 255
    return picture


def _centre_of_mass(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row and column, with pixel centres at i + 0.5."""
    rows, columns = (np.arange(n) + 0.5 for n in ink.shape)
    return np.array([ink.sum(axis=1) @ rows, ink.sum(axis=0) @ columns], np.float64) / float(ink.sum())
