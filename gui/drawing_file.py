"""A drawing as JSON: its strokes or its picture, and what the network read in it. No Qt."""

from typing import Any, TypeGuard

import numpy as np

from ..export.bundle import Posterior
from ..export.ink import AUTOMATIC, Finding, Picture
from ..trainer.errors import UserError
from ..trainer.latents import LatentSpec
from ..trainer.resampling import area_weights
from .strokes import THICKEST, THINNEST, Drawing
from .translation import tr

FORMAT = "infogan-drawing"
VERSION = 1
MAX_POINTS = 100_000
MAX_SIDE = 1024
MAX_COLOURED = 640  # a side of a picture in colours that is kept as it is
LARGEST = 1e6  # number that any of these files holds; what is not finite is beyond it


class DrawingError(UserError):
    """JSON that says it is a drawing, and is none, in one sentence."""


def drawing_json(drawing: Drawing, latents: LatentSpec, posterior: Posterior | None) -> dict[str, Any]:
    """A drawing, and the reading of it where there is one: probabilities, means and deviations by codes' names."""
    data: dict[str, Any] = {"format": FORMAT, "format_version": VERSION, "width": drawing.width}
    data["strokes"] = [np.round(stroke, 4).tolist() for stroke in drawing.strokes]
    if drawing.picture is not None:
        data["picture"] = np.round(_smaller(drawing.picture).astype(float), 3).tolist()
        data["finding"] = drawing.finding._asdict()
    if posterior:
        data["reading"] = {
            code.name: {"probabilities": posterior.probs[code.name][0].tolist()}
            if code.name in posterior.probs
            else {"mean": float(posterior.mean[code.name][0]), "std": float(posterior.std[code.name][0])}
            for code in latents.codes
        }
    return data


def drawing_from(data: Any) -> Drawing | None:
    """The drawing that parsed JSON describes, or None where it does not say that it is one; the reading is left out.

    Raises:
        DrawingError: it says so, and is none.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None
    if data.get("format_version") != VERSION:
        raise DrawingError(tr("the drawing is of another version of this app."))
    width = data.get("width")
    if not _is_number(width) or not THINNEST <= width <= THICKEST:
        raise DrawingError(
            tr("the drawing's width is no number from {low:g} to {high:g}.", low=THINNEST, high=THICKEST)
        )
    if data.get("picture") is not None:
        return Drawing(picture=_picture(data["picture"]), finding=_finding(data.get("finding")), width=float(width))
    return Drawing(_strokes(data.get("strokes")), width=float(width))


def _strokes(data: Any) -> tuple[np.ndarray[Any, np.dtype[np.float64]], ...]:
    wrong = DrawingError(
        tr("the drawing's strokes are not lists of points: expected [x, y, part of the width], each from 0 to 1.")
    )
    if not isinstance(data, list) or not all(isinstance(stroke, list) and stroke for stroke in data):
        raise wrong
    points = [point for stroke in data for point in stroke]
    if len(points) > MAX_POINTS:
        raise DrawingError(tr("the drawing has more than {most:,} points.", most=MAX_POINTS))
    if not all(isinstance(point, list) and len(point) == 3 and all(map(_is_part, point)) for point in points):
        raise wrong
    return tuple(np.array(stroke, float) for stroke in data)


def _smaller(picture: Picture) -> Picture:
    """Colours take three times the room of grey: a large picture of them is halved, else it could not be read back."""
    if picture.ndim == 2 or max(picture.shape) <= MAX_COLOURED:
        return picture
    rows, columns = (area_weights(n, max(1, n // 2)).astype(np.float32) for n in picture.shape[:2])
    return np.asarray(np.einsum("ah,hwc,bw->abc", rows, picture, columns, optimize=True), np.float32).clip(0, 1)


def _picture(data: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    rows = data if isinstance(data, list) and all(isinstance(row, list) for row in data) else []
    even = bool(rows) and 0 < len(rows) <= MAX_SIDE and len({len(row) for row in rows}) == 1
    coloured = even and isinstance(rows[0], list) and bool(rows[0]) and isinstance(rows[0][0], list)
    fits = _is_colour if coloured else _is_part
    if not even or not 0 < len(rows[0]) <= MAX_SIDE or not all(fits(level) for row in rows for level in row):
        raise DrawingError(
            tr("the drawing's picture is not made of equal rows of levels from 0 to 1, {most} at most.", most=MAX_SIDE)
        )
    return np.array(rows, np.float32)


def _finding(data: Any) -> Finding:
    if data is None:
        return AUTOMATIC
    threshold, inverted = (data.get(name) for name in Finding._fields) if isinstance(data, dict) else ("", None)
    if not (threshold is None or _is_part(threshold)) or not isinstance(inverted, bool):
        raise DrawingError(
            tr("the drawing's finding is none: expected a threshold from 0 to 1 or null, and inverted, true or false.")
        )
    return Finding(None if threshold is None else float(threshold), inverted)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _is_colour(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_is_part, value))


def _is_part(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1
