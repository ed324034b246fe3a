"""Measures of strokes, on drawings whose measures are known."""

import numpy as np
import pytest

from infogan.trainer import morphometry
from infogan.trainer.morphometry import measure, measure_one


def bar(lean: float = 0.0, width: float = 3.0, height: float = 16.0, side: int = 28) -> np.ndarray:
    """A bar with soft edges; ``lean`` is the tangent of its slant, positive to the right."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    across = width / 2 + 0.5 - np.abs(x + lean * y)
    along = height / 2 + 0.5 - np.abs(y)
    return np.minimum(across.clip(0, 1), along.clip(0, 1)).astype(np.float32)


@pytest.mark.parametrize("lean", [-0.5, -0.2, 0.0, 0.3])
def test_slant_is_the_angle_of_the_lean(lean: float) -> None:
    assert measure_one(bar(lean)).slant == pytest.approx(np.arctan(lean), abs=0.03)


@pytest.mark.parametrize("width", [2.0, 4.0, 6.0])
def test_thickness_width_height_length_and_area_of_a_bar(width: float) -> None:
    shape = measure_one(bar(width=width))
    assert shape.thickness == pytest.approx(width, abs=0.8)
    assert shape.width == pytest.approx(width + 1, abs=1.2)  # the soft edges count
    assert shape.height == pytest.approx(16, abs=1.2)
    assert shape.length == pytest.approx(16, abs=width + 1)
    assert shape.area == pytest.approx(16 * width, rel=0.15)


def test_the_box_leans_with_the_drawing() -> None:
    """A slanted thin bar is as wide as an upright one: its width is not that of a box with upright sides."""
    assert measure_one(bar(0.5)).width == pytest.approx(measure_one(bar()).width, abs=1.0)


def test_a_ring_is_as_long_as_its_circle() -> None:
    y, x = np.mgrid[:28, :28] - 13.5
    ring = (2 - np.abs(np.hypot(x, y) - 8)).clip(0, 1).astype(np.float32)
    shape = measure_one(ring)
    assert shape.length == pytest.approx(2 * np.pi * 8, rel=0.1)
    assert shape.thickness == pytest.approx(3, abs=0.6)


def test_brightness_does_not_matter() -> None:
    assert measure_one(bar() * 0.5) == pytest.approx(measure_one(bar()), rel=0.05, abs=0.02)


def test_a_batch_with_a_blank_picture_and_a_single_pixel() -> None:
    dot = np.zeros((28, 28), np.float32)
    dot[14, 14] = 1
    factors = measure(np.stack([bar(), np.zeros((28, 28), np.float32), dot]))
    assert set(factors) == set(morphometry.FACTORS)
    assert all(values.shape == (3,) for values in factors.values())
    assert all(np.isnan(values[1]) and np.isfinite(values[[0, 2]]).all() for values in factors.values())
    assert all(values.shape == (0,) for values in measure(np.zeros((0, 28, 28), np.float32)).values())
