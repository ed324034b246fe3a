"""Strokes of a pen: their curve, and the normalised picture that Q sees of them. Numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ink import Picture, average, box_side, centre, to_mnist

Points = NDArray[np.floating[Any]]

PEN = 2.6  # width of a stroke in pixels of the 20x20 box: then 300 pen digits have MNIST's mean ink, 0.135
SUBPIXELS = 8  # strokes are drawn this many times finer than the box
CURVE_POINTS = 4  # points drawn for each one of the pointer


@dataclass(frozen=True)
class Drawing:
    """What is on the pad: strokes, each (n, 2), or a picture (h, w) of grey in [0, 1]."""

    strokes: tuple[Points, ...] = ()
    picture: Picture | None = None

    def __bool__(self) -> bool:
        return bool(self.strokes) or self.picture is not None

    def normalise(self, shape: tuple[int, int] = (28, 28)) -> Picture | None:
        """The picture (height, width) in [0, 1], ink 1, that Q sees of it, or None without ink."""
        return strokes_to_mnist(self.strokes, shape) if self.picture is None else to_mnist(self.picture, shape)


def strokes_to_mnist(strokes: Sequence[Points], shape: tuple[int, int] = (28, 28)) -> Picture | None:
    """Draw strokes with a pen whose width does not depend on how large one wrote.

    Args:
        strokes: polylines, each (n, 2) of x to the right and y downwards, in any unit; points that are not finite
            are left out.
        shape: height and width of the result.

    Returns:
        (height, width) float32 in [0, 1], ink 1, or None where there is no point at all.
    """
    curves = [smooth(_moving(stroke[np.isfinite(stroke).all(axis=1)])) for stroke in strokes]
    curves = [curve for curve in curves if len(curve)]
    if not curves:
        return None
    box = box_side(shape)
    return centre(average(_draw(_fit(curves, box), box), box), shape)


def _moving(stroke: Points) -> Points:
    """Without points that only repeat the one before: how long a pen rests must not bend the curve."""
    moved: Points = stroke[np.append(True, (np.diff(stroke, axis=0) != 0).any(axis=1))[: len(stroke)]]
    return moved


def smooth(stroke: Points) -> Points:
    """A Catmull-Rom curve through the points (n, 2): pointers report corners where hands draw curves."""
    if len(stroke) < 3:
        return stroke
    p = np.concatenate([2 * stroke[:1] - stroke[1:2], stroke, 2 * stroke[-1:] - stroke[-2:-1]])
    before, start, end, after = p[:-3], p[1:-2], p[2:-1], p[3:]
    slope, bend, twist = end - before, 2 * before - 5 * start + 4 * end - after, 3 * (start - end) + after - before
    pieces = [start + t / 2 * (slope + t * (bend + t * twist)) for t in np.arange(CURVE_POINTS) / CURVE_POINTS]
    return np.concatenate([np.stack(pieces, axis=1).reshape(-1, 2), stroke[-1:]])


def _fit(curves: list[Points], box: int) -> list[Points]:
    """Scale and move curves so that they and their pen touch the box; a single dot stays a dot."""
    points = np.concatenate(curves)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    scale = (box - PEN * box / 20) / extent if extent > 0 else 0.0
    # Rounding makes the result independent of where on the pad, and how large, the same digit was drawn.
    return [_even(np.round((curve - (low + high) / 2) * scale + box / 2, 3)) for curve in curves]


def _even(curve: Points) -> Points:
    """Points about a quarter of a pixel apart along the same curve, so that slow hands cost no more than quick ones."""
    travelled = np.concatenate([[0], np.hypot(*np.diff(curve, axis=0).T).cumsum()])
    places = np.linspace(0, travelled[-1], int(np.ceil(travelled[-1] * 4)) + 1)
    return np.stack([np.interp(places, travelled, axis) for axis in curve.T], axis=1)


def _draw(curves: list[Points], box: int) -> NDArray[np.float64]:
    """Anti-aliased round strokes on (box * SUBPIXELS) squared pixels, in [0, 1]."""
    canvas = np.zeros((box * SUBPIXELS, box * SUBPIXELS))
    for curve in curves:
        points = np.asarray(curve, np.float64) * SUBPIXELS
        for start, end in zip(points[: max(1, len(points) - 1)], points[-max(1, len(points) - 1) :], strict=True):
            _draw_segment(canvas, start, end, PEN * box / 20 * SUBPIXELS / 2)
    return canvas


def _draw_segment(canvas: NDArray[np.float64], start: Points, end: Points, radius: float) -> None:
    low = np.maximum(np.floor(np.minimum(start, end) - radius - 1), 0).astype(int)
    high = np.ceil(np.maximum(start, end) + radius + 1).astype(int)
    patch = canvas[low[1] : high[1], low[0] : high[0]]
    x = np.arange(patch.shape[1])[None, :] + low[0] + 0.5 - start[0]
    y = np.arange(patch.shape[0])[:, None] + low[1] + 0.5 - start[1]
    dx, dy = end - start
    along = ((x * dx + y * dy) / max(float(dx * dx + dy * dy), 1e-12)).clip(0, 1)
    distance = np.hypot(x - along * dx, y - along * dy)
    np.maximum(patch, (radius + 0.5 - distance).clip(0, 1), out=patch)
