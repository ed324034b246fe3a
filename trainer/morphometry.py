"""Slant, thickness, width, height, length and area of drawn strokes, measured on the picture itself.

The measures are those of Morpho-MNIST (Castro et al. 2019, JMLR 20(178), section 3.1): the picture is enlarged four
times, slant comes from its second moments, width and height from the parallelogram of that slant around all but 2 % of
the ink, thickness and length from a skeleton. The skeleton is a thinning instead of a medial axis: the same line, at
a twentieth of the cost.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FACTORS = ("slant", "thickness", "width", "height", "length", "area")
_SCALE = 4
_MARGIN = 0.01  # share of the ink left outside at each side
_WORKERS = 2


class Shape(NamedTuple):
    """Measures of one picture.

    Attributes:
        slant: lean of the strokes in radians, positive to the right.
        thickness: mean diameter of the strokes in pixels.
        width: of the bounding parallelogram, in pixels.
        height: of the bounding parallelogram, in pixels.
        length: of the skeleton, in pixels.
        area: of the ink, in pixels.
    """

    slant: float
    thickness: float
    width: float
    height: float
    length: float
    area: float


_BLANK = Shape(*[float("nan")] * len(Shape._fields))


def measure(images: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Measure pictures.

    Args:
        images: (n, H, W) float in [0, 1], ink = 1.

    Returns:
        For each of ``FACTORS`` (n,) float64; NaN for a picture without strokes, blank or of one grey.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        shapes = list(pool.map(measure_one, images))
    columns = np.array(shapes, np.float64).reshape(len(shapes), len(FACTORS))
    return dict(zip(FACTORS, columns.T, strict=True))


def measure_one(image: NDArray[Any]) -> Shape:
    """Measure one picture, (H, W) float in [0, 1]; all NaN where it is blank or of one grey."""
    from skimage.transform import pyramid_expand

    if image.max() <= image.min():
        return _BLANK
    large = pyramid_expand(image, upscale=_SCALE, order=3).clip(0, 1)
    shear = _horizontal_shear(large)
    width, height = _parallelogram(large, shear)
    thickness, length, area = _strokes(large >= (large.min() + large.max()) / 2)
    return Shape(float(np.arctan(-shear)), thickness, width, height, length, area)


def _horizontal_shear(image: NDArray[Any]) -> float:
    """How far ink moves to the right with each row down: the covariance of x and y over the variance of y."""
    x, y, ink = _coordinates(image)
    dx, dy = x - np.average(x, weights=ink), y - np.average(y, weights=ink)
    variance = np.average(dy * dy, weights=ink)
    return float(np.average(dx * dy, weights=ink) / variance) if variance > 0 else 0.0


def _coordinates(image: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """x, y and ink of the pixels that hold any."""
    y, x = np.nonzero(image)
    return x.astype(float), y.astype(float), image[y, x].astype(float)


def _parallelogram(image: NDArray[Any], shear: float) -> tuple[float, float]:
    """Width and height, in pixels of the original, of the box that holds the ink once the slant is taken out."""
    x, y, ink = _coordinates(image)
    upright = x - shear * (y - np.average(y, weights=ink))
    return _extent(upright, ink) / _SCALE, _extent(y, ink) / _SCALE


def _extent(positions: NDArray[Any], ink: NDArray[Any]) -> float:
    """The length that holds all ink but a margin at each end; each pixel is one wide."""
    first = np.floor(positions.min())
    mass = np.bincount((positions - first).astype(int), weights=ink)
    share = np.concatenate(([0.0], np.cumsum(mass) / mass.sum()))
    low, high = np.interp((_MARGIN, 1 - _MARGIN), share, np.arange(len(share)))
    return float(high - low)


def _strokes(ink: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Thickness, length and area of a black-and-white drawing, in pixels of the original."""
    from scipy.ndimage import distance_transform_edt
    from skimage.morphology import skeletonize

    skeleton = skeletonize(ink)
    thickness = 2 * distance_transform_edt(ink)[skeleton].mean()
    return float(thickness / _SCALE), _length(skeleton) / _SCALE, float(ink.sum() / _SCALE**2)


def _length(skeleton: NDArray[np.bool_]) -> float:
    """Steps between neighbours of a skeleton: 1 along an axis, the square root of 2 along a diagonal."""
    straight = (skeleton[1:] & skeleton[:-1]).sum() + (skeleton[:, 1:] & skeleton[:, :-1]).sum()
    diagonal = (skeleton[1:, 1:] & skeleton[:-1, :-1]).sum() + (skeleton[1:, :-1] & skeleton[:-1, 1:]).sum()
    return float(straight + np.sqrt(2) * diagonal)
