"""Strokes of a pen: their curve, and the normalised picture that Q sees of them. Numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..export.framing import Framing, framed
from ..export.ink import AUTOMATIC, Finding, Picture, average, box_side, centre, paper, to_mnist
from ..trainer.pictures import WHOLE, Crop

Points = NDArray[np.floating[Any]]
Point = tuple[float, float, float]  # x, y, part of the width

PEN = 2.6  # width of a stroke in pixels of the 20x20 box: then 300 pen digits have MNIST's mean ink, 0.135
SHEET_PEN = 5.5 / 105  # its width where drawings stay where they are: ink over length in Omniglot's, of the side
THINNEST, THICKEST = 1.4, 5.0
_GREY = np.array([11, 16, 5], np.float32) / 32
LIGHTEST = 0.4  # part of the width that a pen has which hardly touches
SUBPIXELS = 8  # strokes are drawn this many times finer than the box
CURVE_POINTS = 4  # points drawn for each one of the pointer
TOGETHER = 256  # segments of a curve that are drawn in one go: they stay in the cache


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is on the pad; it is never changed, its methods give another one.

    Attributes:
        strokes: each (n, 3) of x and y in parts of the pad's side, and the part of the pen's width that is used.
        picture: instead of strokes, (h, w) of grey or (h, w, 3) of colours in [0, 1].
        finding: how its ink is told from its background.
        width: of the pen, in pixels of the 20x20 box in which Q sees the drawing.
    """

    strokes: tuple[Points, ...] = ()
    picture: Picture | None = None
    finding: Finding = AUTOMATIC
    width: float = PEN

    def __bool__(self) -> bool:
        return bool(self.strokes) or self.picture is not None

    def begun(self, point: Point) -> "Drawing":
        """With another stroke of one point; a picture gives way."""
        return replace(self, strokes=(*self.strokes, np.array([point])), picture=None)

    def extended(self, point: Point) -> "Drawing":
        """With the last stroke drawn on to a point."""
        return replace(self, strokes=(*self.strokes[:-1], np.append(self.strokes[-1], [point], axis=0)))

    def without_last(self) -> "Drawing":
        """Without the last stroke, or without the picture."""
        return replace(self, strokes=self.strokes[:-1], picture=None)

    def erased(self, place: tuple[float, float], radius: float) -> "Drawing":
        """Without what lies closer to a place than a radius: strokes are cut there, a picture becomes background."""
        if self.picture is not None:
            picture = _wiped(self.picture, place, radius)
            return self if picture is self.picture else replace(self, picture=picture)
        pieces = [_cut(stroke, np.array(place), radius) for stroke in self.strokes]
        if all(len(parts) == 1 and parts[0] is stroke for parts, stroke in zip(pieces, self.strokes, strict=True)):
            return self
        return replace(self, strokes=tuple(part for parts in pieces for part in parts))

    @property
    def grey(self) -> Picture | None:
        """The picture without its colours, weighted as Qt weights them."""
        if self.picture is None or self.picture.ndim == 2:
            return self.picture
        return np.asarray(self.picture @ _GREY, np.float32)

    def taken(self, shape: tuple[int, int, int], from_paper: bool = False, crop: Crop = WHOLE) -> Picture | None:
        """The drawing where it lies on the pad, or the middle of the picture, as networks see it that learned so.

        Args:
            shape: channels, height and width, the last two the same.
            from_paper: a picture that is light at its border is turned into light on dark.
            crop: which part of the picture's largest square is taken.

        Returns:
            (C, H, W) in [0, 1], of a picture exactly what training makes of it; None where there is no ink.
        """
        if self.picture is None:
            ink = strokes_on_sheet(self.strokes, shape[1], self.width)
            return None if ink is None else np.array(np.broadcast_to(ink, shape))
        picture = self.grey if shape[0] == 1 else self.picture
        assert picture is not None
        return framed(picture, shape, Framing(False, from_paper, crop), self.finding)

    def normalise(self, shape: tuple[int, int] = (28, 28)) -> Picture | None:
        """The picture (height, width) in [0, 1], ink 1, that Q sees of it, or None without ink."""
        if self.picture is None:
            return strokes_to_mnist(self.strokes, shape, self.width)
        assert self.grey is not None
        return to_mnist(self.grey, shape, self.finding)


def _wiped(picture: Picture, place: tuple[float, float], radius: float) -> Picture:
    """The picture with a disc of its own background; the picture itself where nothing changes.

    It lies in the middle of the pad and fills its longer side.
    """
    side = max(picture.shape[:2])
    rows, columns = (np.arange(n) + 0.5 - n / 2 for n in picture.shape[:2])
    x, y = (np.array(place) - 0.5) * side
    disc = np.hypot(rows[:, None] - y, columns[None] - x) < radius * side
    shades = [np.where(disc, np.float32(paper(shade)), shade) for shade in np.atleast_3d(picture).transpose(2, 0, 1)]
    wiped = np.stack(shades, -1).reshape(picture.shape)
    return picture if np.array_equal(wiped, picture) else wiped


def _cut(stroke: Points, place: Points, radius: float) -> list[Points]:
    """What is left of a stroke: itself where the eraser does not reach it, else its pieces."""
    fine = _even(stroke, 4 / radius)
    hit = np.hypot(*(fine[:, :2] - place).T) < radius
    if not hit.any():
        return [stroke]
    edges = np.flatnonzero(np.diff(hit)) + 1
    return [part for part in np.split(fine, edges) if np.hypot(*(part[0, :2] - place)) >= radius]


def strokes_to_mnist(
    strokes: Sequence[Points], shape: tuple[int, int] = (28, 28), width: float = PEN
) -> Picture | None:
    """Draw strokes with a pen whose width does not depend on how large one wrote.

    Args:
        strokes: polylines, each (n, 2) of x to the right and y downwards, in any unit, or (n, 3) with the part of the
            pen's width that is used, 1 being all; points that are not finite are left out.
        shape: height and width of the result.
        width: of the pen in pixels of the 20x20 box.

    Returns:
        (height, width) float32 in [0, 1], ink 1, or None where there is no point at all, or no ink.
    """
    curves = _curves(strokes)
    if not curves:
        return None
    box = box_side(shape)
    pen = width * box / 20
    ink = average(_draw(_fit(curves, box, pen), box, pen), box)
    return centre(ink, shape) if ink.any() else None  # a pen of no width leaves none


def strokes_on_sheet(strokes: Sequence[Points], size: int, width: float = PEN) -> Picture | None:
    """Draw strokes where they are on the pad, with a pen as wide as those of Omniglot's drawings.

    Args:
        strokes: as :func:`strokes_to_mnist` takes them, in parts of the pad's side.
        size: height and width of the result.
        width: of the pen, as there.

    Returns:
        (size, size) float32 in [0, 1], ink 1, or None where there is no point at all.
    """
    curves = _curves(strokes)
    if not curves:
        return None
    placed = [_even(curve * (size, size, 1), 4) for curve in curves]
    pen = SHEET_PEN * size * width / PEN
    return average(_draw(placed, size, pen), size).astype(np.float32)


def _curves(strokes: Sequence[Points]) -> list[Points]:
    """Smooth curves (n, 3) through the points that are finite; those without any are left out."""
    weighted = (_weighted(np.asarray(stroke, float)) for stroke in strokes)
    curves = [smooth(_moving(stroke[np.isfinite(stroke).all(axis=1)])) for stroke in weighted]
    return [curve for curve in curves if len(curve)]


def _weighted(stroke: Points) -> Points:
    """(n, 3): a stroke that says nothing of its pen has its whole width."""
    return stroke if stroke.shape[1] == 3 else np.append(stroke, np.ones((len(stroke), 1)), axis=1)


def _moving(stroke: Points) -> Points:
    """Without points that only repeat the one before: how long a pen rests must not bend the curve."""
    moved: Points = stroke[np.append(True, (np.diff(stroke[:, :2], axis=0) != 0).any(axis=1))[: len(stroke)]]
    return moved


def smooth(stroke: Points) -> Points:
    """A Catmull-Rom curve through the points (n, columns): pointers report corners where hands draw curves."""
    if len(stroke) < 3:
        return stroke
    p = np.concatenate([2 * stroke[:1] - stroke[1:2], stroke, 2 * stroke[-1:] - stroke[-2:-1]])
    before, start, end, after = p[:-3], p[1:-2], p[2:-1], p[3:]
    slope, bend, twist = end - before, 2 * before - 5 * start + 4 * end - after, 3 * (start - end) + after - before
    pieces = [start + t / 2 * (slope + t * (bend + t * twist)) for t in np.arange(CURVE_POINTS) / CURVE_POINTS]
    return np.concatenate([np.stack(pieces, axis=1).reshape(-1, stroke.shape[1]), stroke[-1:]])


def _fit(curves: list[Points], box: int, pen: float) -> list[Points]:
    """Scale and move curves so that they and their pen touch the box; a single dot stays a dot."""
    points = np.concatenate(curves)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    scale = (box - pen) / extent if extent > 0 else 0.0
    # Rounding makes the result independent of where on the pad, and how large, the same digit was drawn.
    places = [np.round((curve[:, :2] - (low + high) / 2) * scale + box / 2, 3) for curve in curves]
    return [_even(np.append(place, curve[:, 2:], axis=1), 4) for place, curve in zip(places, curves, strict=True)]


def _even(curve: Points, density: float) -> Points:
    """So many points a unit along the same curve, so that slow hands cost no more than quick ones."""
    travelled = np.concatenate([[0], np.hypot(*np.diff(curve[:, :2], axis=0).T).cumsum()])
    places = np.linspace(0, travelled[-1], int(np.ceil(travelled[-1] * density)) + 1)
    return np.stack([np.interp(places, travelled, axis) for axis in curve.T], axis=1)


def _draw(curves: list[Points], box: int, pen: float) -> NDArray[np.float64]:
    """Anti-aliased round strokes on (box * SUBPIXELS) squared pixels, in [0, 1]."""
    side = box * SUBPIXELS
    canvas = np.zeros((side + 2, side + 2))  # a curve may swing over the edge: the border takes what lies beyond
    for curve in curves:
        points = np.asarray(curve, np.float64) * (SUBPIXELS, SUBPIXELS, pen * SUBPIXELS / 2)
        last = max(1, len(points) - 1)
        for first in range(0, last, TOGETHER):
            part = slice(first, min(first + TOGETHER, last))
            _draw_segments(canvas, points[:last][part, :2], points[-last:][part])
    return canvas[1:-1, 1:-1]


def _draw_segments(canvas: NDArray[np.float64], starts: Points, ends: Points) -> None:
    """Draw from each of ``starts`` (n, 2) to each of ``ends`` (n, 3: x, y, radius), in patches of one size.

    Whole arrays, not one segment after the other: with each call of numpy the window's thread may take its turn.
    """
    reach = ends[:, 2:] + 1
    corners = np.floor(np.minimum(starts, ends[:, :2]) - reach).astype(int)
    side = int((np.ceil(np.maximum(starts, ends[:, :2]) + reach) - corners).max())
    x, y = (corners[:, axis, None] + np.arange(side) + 0.5 - starts[:, axis, None] for axis in (0, 1))
    dx, dy = (ends[:, :2] - starts).T[:, :, None]
    length = np.maximum(dx * dx + dy * dy, 1e-12)
    along = ((x * dx)[:, None, :] + (y * dy)[:, :, None]) / length[:, None]
    np.clip(along, 0, 1, out=along)
    distance = (x[:, None, :] - along * dx[:, None]) ** 2
    distance += (y[:, :, None] - along * dy[:, None]) ** 2
    np.sqrt(distance, out=distance)  # three times as quick as np.hypot, and nothing here is near an overflow
    shades = (ends[:, 2, None, None] + 0.5 - distance).clip(0, 1)
    columns, rows = ((corners[:, axis, None] + np.arange(1, side + 1)).clip(0, len(canvas) - 1) for axis in (0, 1))
    np.maximum.at(canvas.ravel(), (rows[:, :, None] * len(canvas) + columns[:, None, :]).ravel(), shades.ravel())
