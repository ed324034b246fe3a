"""Drawings and found pictures become what MNIST's own normalisation makes of them."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infogan.export.ink import Finding, box_side, found_threshold, to_mnist
from infogan.gui.strokes import Drawing, smooth, strokes_to_mnist
from tiny import SHARED_DATA

LEVEL = 1 / 255 + 1e-6
STROKES = [
    [np.array(stroke, float) for stroke in item["strokes"]]
    for item in json.loads((Path(__file__).parent / "data" / "strokes.json").read_text())
]
CIRCLE = [np.stack([np.cos(t), np.sin(t)], 1) for t in [np.linspace(0, 2 * np.pi, 60)]]


def mnist(count: int) -> list[np.ndarray]:
    path = SHARED_DATA / "mnist" / "t10k-images-idx3-ubyte.gz"
    if not path.exists():
        return []
    pixels = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28)
    return list((pixels[:: len(pixels) // count] / 255).astype(np.float32))


@pytest.fixture(scope="module")
def digits() -> list[np.ndarray]:
    """Pictures that are normalised as MNIST's are: real ones where they are to be had, and drawn ones."""
    return [*mnist(100), *(strokes_to_mnist(strokes) for strokes in STROKES)]


def box(picture: np.ndarray) -> tuple[int, int]:
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def centre_of_mass(picture: np.ndarray) -> np.ndarray:
    index = np.arange(len(picture))
    return np.array([picture.sum(1) @ index, picture.sum(0) @ index]) / picture.sum()


def placed(picture: np.ndarray, top: int, left: int, margin: int = 40) -> np.ndarray:
    canvas = np.zeros(np.array(picture.shape) + margin)
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas


@pytest.mark.parametrize(("scale", "top", "left"), [(1, 3, 9), (2, 0, 0), (5, 17, 40), (13, 40, 1)])
def test_round_trip_at_any_scale_and_place(digits: list[np.ndarray], scale: int, top: int, left: int) -> None:
    even = [digit for digit in digits if max(box(digit)) == 20 and min(box(digit)) % 2 == 0]
    assert len(even) >= 3
    for digit in even:
        big = placed(np.kron(digit, np.ones((scale, scale))), top, left)
        np.testing.assert_allclose(to_mnist(big), digit, atol=LEVEL)


def test_a_normalised_picture_stays_exactly_as_it_is(digits: list[np.ndarray]) -> None:
    for digit in digits:
        assert np.array_equal(to_mnist(digit), digit)
        np.testing.assert_allclose(to_mnist(1 - digit), digit, atol=1e-6)


@pytest.mark.parametrize("strokes", STROKES)
def test_drawn_digits_have_mnists_invariants(strokes: list[np.ndarray]) -> None:
    picture = strokes_to_mnist(strokes)
    assert picture.shape == (28, 28)
    assert picture.dtype == np.float32
    assert max(box(picture)) == 20
    assert picture.max() == 1
    assert picture.min() == 0
    assert (abs(centre_of_mass(picture) - 14) <= 0.5 + 1e-6).all()
    np.testing.assert_allclose(picture * 255, np.round(picture * 255), atol=1e-4)


@settings(max_examples=40)
@given(
    index=st.integers(0, len(STROKES)),
    scale=st.floats(1e-3, 1e4),
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
)
def test_place_and_size_of_the_drawing_do_not_matter(index: int, scale: float, x: float, y: float) -> None:
    strokes = (*STROKES, CIRCLE)[index]
    moved = [(stroke + np.array([x, y]) / 1e3) * scale for stroke in strokes]
    np.testing.assert_allclose(strokes_to_mnist(moved), strokes_to_mnist(strokes), atol=4 * LEVEL)


def test_the_pen_does_not_grow_with_the_number_of_points() -> None:
    (line,) = [np.linspace([0, 0], [30, 100], n) for n in [400]]
    sparse, dense = strokes_to_mnist([line[::40]]), strokes_to_mnist([np.repeat(line, 5, axis=0)])
    assert abs(sparse.mean() - dense.mean()) < 0.005


def test_pen_gives_the_ink_of_mnist_on_pen_digits() -> None:
    path = SHARED_DATA / "strokes" / "pendigits_300.json"
    if not path.exists():
        pytest.skip("the pen digits are not here")
    items = json.loads(path.read_text())[::5]
    drawings = [[np.array(stroke, float)[:, :2] for stroke in item["strokes"]] for item in items]
    assert np.mean([strokes_to_mnist(strokes).mean() for strokes in drawings]) == pytest.approx(0.135, abs=0.01)


def test_nothing_drawn_gives_no_picture() -> None:
    assert strokes_to_mnist([]) is None
    assert strokes_to_mnist([np.zeros((0, 2))]) is None
    assert strokes_to_mnist([np.full((3, 2), np.nan)]) is None
    assert not Drawing()
    assert Drawing().normalise() is None
    for shade in (0, 0.4, 1):
        assert to_mnist(np.full((50, 60), shade)) is None
    assert to_mnist(np.zeros((0, 5))) is None


def test_a_dot_stays_a_dot() -> None:
    picture = strokes_to_mnist([np.array([[7.0, 9.0]])])
    assert 2 <= max(box(picture)) <= 4
    assert picture.max() == 1


@pytest.mark.parametrize("end", [(0, 50), (50, 0), (50, 50)])
def test_lines_fill_the_box(end: tuple[int, int]) -> None:
    assert max(box(strokes_to_mnist([np.array([(0, 0), end], float)]))) == 20


def test_points_that_are_not_finite_are_left_out() -> None:
    clean = np.array([[0, 0], [5, 8], [9, 30]], float)
    dirty = np.insert(clean, 1, [np.nan, 3], axis=0)
    assert np.array_equal(strokes_to_mnist([dirty]), strokes_to_mnist([clean]))
    picture = placed(np.kron(strokes_to_mnist(STROKES[2]), np.ones((3, 3))), 5, 5)
    hurt = picture.copy()
    hurt[0, 0] = np.nan
    assert np.array_equal(to_mnist(hurt), to_mnist(picture))


def test_ink_at_the_border_and_tiny_pictures() -> None:
    cross = np.zeros((40, 40))
    cross[18:22] = cross[:, 18:22] = 1
    assert max(box(to_mnist(cross))) == 20
    assert max(box(to_mnist(np.pad(np.ones((1, 1)), 3)))) <= 4  # a speck of one pixel is no digit
    corner = np.zeros((60, 60))
    corner[:, :6] = corner[-6:] = 1  # its mass pushes the box against the frame: clipped, as in MNIST
    assert to_mnist(corner).shape == (28, 28)


def test_a_photo_of_dark_ink_on_grey_paper() -> None:
    rng = np.random.default_rng(0)
    ink = placed(np.kron(strokes_to_mnist(STROKES[3]), np.ones((7, 7))), 20, 10)
    light = np.linspace(0.6, 0.8, ink.shape[1])
    photo = light - 0.5 * ink + rng.normal(0, 0.01, ink.shape)
    assert np.corrcoef(to_mnist(photo).ravel(), to_mnist(ink).ravel())[0, 1] > 0.9


def test_compression_noise_is_background() -> None:
    ink = placed(np.kron(strokes_to_mnist(STROKES[0]), np.ones((4, 4))), 9, 9)
    noisy = np.maximum(ink, np.random.default_rng(0).uniform(0, 0.04, ink.shape))
    np.testing.assert_allclose(to_mnist(noisy), to_mnist(ink), atol=0.15)


@pytest.mark.parametrize("shape", [(28, 28), (32, 32), (64, 64), (32, 48)])
def test_other_picture_sizes_keep_the_proportion(shape: tuple[int, int]) -> None:
    for picture in (strokes_to_mnist(STROKES[0], shape), to_mnist(np.pad(np.ones((90, 30)), 20), shape)):
        assert picture.shape == shape
        assert max(box(picture)) == box_side(shape) == round(min(shape) * 20 / 28)


def test_smoothing_passes_through_the_points() -> None:
    stroke = STROKES[1][0]
    curve = smooth(stroke)
    assert np.array_equal(curve[::4], stroke)
    assert len(smooth(stroke[:2])) == 2


def test_a_resting_pen_changes_nothing() -> None:
    stroke = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.5]])
    resting = np.repeat(stroke, [3, 1, 2, 1], axis=0)
    np.testing.assert_array_equal(strokes_to_mnist([resting]), strokes_to_mnist([stroke]))


def test_the_ink_of_a_picture_can_be_found_by_hand(digits: list[np.ndarray]) -> None:
    """A stain that is fainter than the digit goes by a threshold; the found one gives what is found without it."""
    big = placed(np.kron(digits[0], np.ones((3, 3))), 10, 10)
    stained = big.copy()
    stained[:6, :6] = 0.4
    assert not np.array_equal(to_mnist(stained), to_mnist(big))
    np.testing.assert_allclose(to_mnist(stained, finding=Finding(0.5)), to_mnist(big, finding=Finding(0.5)), atol=LEVEL)
    for shade in (stained, 0.9 - 0.7 * stained, 0.2 + 0.5 * stained):
        assert np.array_equal(to_mnist(shade, finding=Finding(found_threshold(shade))), to_mnist(shade))
    assert found_threshold(np.zeros((0, 3))) == 0


def test_ink_and_paper_can_be_exchanged() -> None:
    """A light zero that was cropped to its ink: the border says that light is paper, the user knows better."""
    zero = np.full((40, 30), 0.9)
    zero[8:32, 8:22] = 0.1
    found, exchanged = to_mnist(zero), to_mnist(zero, finding=Finding(inverted=True))
    assert (found[14, 14], exchanged[14, 14]) == (1, 0)
    assert box(exchanged)[0] == 20


def test_what_is_wiped_off_a_picture_is_paper() -> None:
    page = np.full((40, 80), 0.9, np.float32)
    page[10:30, 18:21] = 0.1
    alone = page.copy()
    page[5:9, 60:64] = 0.0
    drawing = Drawing(picture=page)
    assert np.array_equal(drawing.erased((62 / 80, 27 / 80), 0.05).picture, alone)
    assert drawing.erased((0.02, 0.5), 0.05) is drawing  # there is nothing but paper
    assert drawing.erased((0.5, 0.02), 0.05) is drawing  # there is no picture


def test_a_pen_that_does_not_touch_leaves_no_ink() -> None:
    assert strokes_to_mnist([np.array([[0.5, 0.5, 0.0]])]) is None
