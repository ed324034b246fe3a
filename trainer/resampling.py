"""Pictures made smaller by exact area average: every pixel is shared out by how much of it lies in each new one."""

import numpy as np
from numpy.typing import NDArray

from .pictures import WHOLE, Crop


def area_weights(n: int, m: int, start: float = 0.0, length: float | None = None) -> NDArray[np.float64]:
    """How much of each of n pixels lies in each of m equal parts of an interval, (m, n); rows sum to 1.

    Args:
        n: pixels, each of length 1, the first from 0 on.
        m: parts.
        start: where the interval begins, within the pixels.
        length: of the interval; None: up to the last pixel.
    """
    part = (n - start if length is None else length) / m
    edges, pixels = start + np.arange(m + 1) * part, np.arange(n)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(overlap.clip(0, None) / part, np.float64)


def square(pixels: NDArray[np.uint8], size: int, crop: Crop = WHOLE) -> NDArray[np.uint8]:
    """The largest square in the middle of a picture, or a part of it, averaged to ``size`` a side.

    Args:
        pixels: (h, w, C) uint8.
        size: of the result.
        crop: which part of the square; all of it where that has fewer pixels than the result.

    Returns:
        (C, size, size) uint8.
    """
    height, width, _ = pixels.shape
    side = min(height, width)
    share, lowered = crop if side * crop.share >= size else WHOLE
    rows = area_weights(height, size, (height - side * share) / 2 + lowered * side, side * share).astype(np.float32)
    columns = area_weights(width, size, (width - side * share) / 2, side * share).astype(np.float32)
    planes = pixels.transpose(2, 0, 1).astype(np.float32)
    return np.rint(rows @ planes @ columns.T).clip(0, 255).astype(np.uint8)
