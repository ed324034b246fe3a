"""Changed copies: what is promised about slant and width is what happens to the picture."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from infogan.trainer import augment
from infogan.trainer.augment import (
    SLANT_GAIN,
    THICKNESS_GAIN,
    WIDTH_GAIN,
    Change,
    augmented,
    change,
    deformed,
    upright,
)
from infogan.trainer.config import Changes, TrainConfig
from infogan.trainer.sample_quality import sharpness


def bars(n: int) -> torch.Tensor:
    """A soft upright bar in the middle of 28x28 pictures."""
    y, x = torch.meshgrid(torch.arange(28.0) - 13.5, torch.arange(28.0) - 13.5, indexing="ij")
    return torch.exp(-((x / 2.5) ** 2) - (y / 6) ** 2)[None, None].repeat(n, 1, 1, 1)


def moments(images: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Lean (positive: the top is to the right) and horizontal spread."""
    ink = images[:, 0].double().numpy()
    y, x = np.mgrid[:28, :28]
    mass = ink.sum((1, 2))
    dx = x - ((ink * x).sum((1, 2)) / mass)[:, None, None]
    dy = y - ((ink * y).sum((1, 2)) / mass)[:, None, None]
    yy = (ink * dy * dy).sum((1, 2))
    lean = -(ink * dx * dy).sum((1, 2)) / yy
    return lean, np.sqrt((ink * (dx + lean[:, None, None] * dy) ** 2).sum((1, 2)) / mass)


def changed(**amounts: float) -> Change:
    return change(bars(64), np.random.default_rng(0), Changes(**amounts))


def promised(result: Change) -> torch.Tensor:
    """How far slant and width are said to have moved."""
    return result.after - result.before


def test_no_change_is_no_change() -> None:
    result = changed()
    assert torch.allclose(result.images, bars(64), atol=1e-5)
    assert not promised(result).any()


@pytest.mark.parametrize("amounts", [{"shear": 0.3}, {"rotation": 15.0}])
def test_a_shear_or_a_turn_leans_the_picture_as_promised(amounts: dict[str, float]) -> None:
    result = changed(**amounts)
    lean, _ = moments(result.images)
    leant = promised(result)[:, 0].numpy() / SLANT_GAIN
    assert np.corrcoef(lean, leant)[0, 1] > 0.995
    assert np.polyfit(leant, lean, 1)[0] == pytest.approx(1, abs=0.25)


def test_a_stretch_widens_the_picture_as_promised() -> None:
    result = changed(stretch=0.2)
    _, spread = moments(result.images)
    _, before = moments(bars(64))
    stretched = promised(result)[:, 1].numpy() / WIDTH_GAIN
    widened = np.log(spread / before)  # interpolation blurs a little, which widens every picture alike
    assert np.polyfit(stretched, widened, 1)[0] == pytest.approx(1, abs=0.1)
    assert np.corrcoef(stretched, widened)[0, 1] > 0.995


def slanted(n: int) -> torch.Tensor:
    """Slanted bars, wide for their height, so that every change moves both slant and width."""
    y, x = torch.meshgrid(torch.arange(28.0) - 13.5, torch.arange(28.0) - 13.5, indexing="ij")
    return torch.exp(-(((x + 0.4 * y) / 4) ** 2) - (y / 5) ** 2)[None, None].repeat(n, 1, 1, 1)


@pytest.mark.parametrize("amounts", [Changes(rotation=15), Changes(stretch=0.2), Changes(10, 0.2, 0.2)])
def test_the_promise_is_what_the_moments_of_the_changed_picture_say(amounts: Changes) -> None:
    """A turn changes the slant of a wide picture by less than its angle, and a stretch changes the slant too."""
    result = change(slanted(64), np.random.default_rng(0), amounts)
    lean, spread = moments(result.images)
    lean_before, spread_before = moments(slanted(1))
    slant, width = promised(result).numpy().T
    assert SLANT_GAIN * (np.arctan(lean) - np.arctan(lean_before)) == pytest.approx(slant, abs=0.05)
    assert WIDTH_GAIN * np.log(spread / spread_before) == pytest.approx(width, abs=0.12)


def test_what_is_measured_before_is_the_slant_and_width_of_the_picture() -> None:
    pictures = torch.cat((slanted(1), bars(1)))
    result = change(pictures, np.random.default_rng(0), Changes())
    lean, spread = moments(pictures)
    assert result.before[:, 0].numpy() == pytest.approx(SLANT_GAIN * np.arctan(lean), abs=1e-2)
    side = 13.5  # positions are measured from -1 to 1
    assert result.before[:, 1].numpy() == pytest.approx(WIDTH_GAIN * np.log(spread / side), abs=2e-2)


def test_thicker_strokes_are_promised_to_be_wider() -> None:
    result = changed(thicken=0.7)
    ink = result.images.sum((1, 2, 3)).numpy()
    thicker = promised(result)[:, 1].numpy() / THICKNESS_GAIN
    assert not promised(result)[:, 0].any()
    assert np.corrcoef(ink, thicker)[0, 1] > 0.95
    assert -0.7 <= thicker.min() < 0 < thicker.max() <= 0.7


def test_cutout_blanks_one_rectangle() -> None:
    full = torch.ones(64, 1, 28, 28)
    blank = 1 - change(full, np.random.default_rng(0), Changes(cutout=0.3)).images[:, 0]
    blank = blank.round()  # interpolation leaves rounding errors
    for picture in blank.numpy():
        rows, columns = picture.any(1), picture.any(0)
        assert (picture == np.outer(rows, columns)).all()
        assert min(rows.sum(), columns.sum()) <= 9
        assert max(rows.sum(), columns.sum()) <= 17
    assert 0.01 < blank.mean() < 0.25


def test_a_blank_picture_promises_something_finite() -> None:
    result = change(torch.zeros(8, 1, 28, 28), np.random.default_rng(0), TrainConfig().changes)
    assert torch.isfinite(promised(result)).all()
    assert not result.images.any()


def test_shift_and_warp_promise_nothing_and_keep_the_ink() -> None:
    result = changed(shift=0.1, elastic=0.04)
    assert not promised(result).any()
    assert not torch.allclose(result.images, bars(64), atol=0.1)
    kept = result.images.sum((1, 2, 3)) / bars(64).sum((1, 2, 3))
    assert 0.7 < kept.min() < kept.max() < 1.3


def test_a_warp_is_interpolated_bicubically() -> None:
    """Between vectors of a coarse grid, on pictures that are not square."""
    images, rng = torch.zeros(3, 1, 28, 20), np.random.default_rng(0)
    _, warped = augment._warp(images, np.random.default_rng(0), Changes(elastic=0.04))
    _, straight = augment._warp(images, rng, Changes())
    field = torch.from_numpy(rng.standard_normal((3, 2, 4, 4), np.float32) * np.float32(0.04))
    expected = F.interpolate(field, (28, 20), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    assert torch.allclose(warped - straight, expected, atol=1e-6)


def test_strokes_grow_and_shrink_by_a_pixel_to_each_side() -> None:
    images, amount = torch.rand(4, 2, 9, 6), np.array([1.0, 0.5, 0.0, -1.0])
    thick, thin = (s * F.max_pool2d(s * images, 3, stride=1, padding=1) for s in (1, -1))
    expected = torch.stack((thick[0], (images[1] + thick[1]) / 2, images[2], thin[3]))
    assert torch.allclose(augment._thickened(images, amount), expected)


def test_the_generator_decides_everything() -> None:
    everything = {"rotation": 15.0, "shear": 0.3, "stretch": 0.2, "shift": 0.1, "elastic": 0.04}
    assert torch.equal(changed(**everything).images, changed(**everything).images)


def test_upright_takes_the_slant_out_and_nothing_else() -> None:
    lean, spread = moments(upright(slanted(2)))
    assert lean == pytest.approx([0, 0], abs=0.02)
    assert spread == pytest.approx(moments(slanted(2))[1], rel=0.03)
    assert torch.allclose(upright(bars(1)), bars(1), atol=1e-3)


def test_what_d_sees_is_moved_and_cut_and_lets_gradients_through() -> None:
    """Differentiable augmentation: whole pixels, by an eighth of the side at most, and nothing is brightened."""
    images = torch.zeros(64, 3, 16, 16)
    images[:, :, 8, 8] = 1
    images.requires_grad_()
    seen = augmented(images, np.random.default_rng(0), 0.125)
    seen.sum().backward()
    assert images.grad is not None
    places = seen.detach()[:, 0].nonzero()
    assert set((places[:, 1:] - 8).abs().max(0).values.tolist()) == {2}
    assert set(seen.detach().unique().tolist()) == {0.0, 1.0}
    assert 0 < len(places) < 64  # some are cut out
    assert images.grad[:, :, 8, 8].sum() == 3 * len(places)


def test_deformed_drawings_stay_sharp_and_thin() -> None:
    """With a strength of 0 they stay as they are; with one of 1 each differs from the original, not in its ink."""
    images = torch.zeros(8, 1, 28, 28)
    images[..., 6:22, 13:15] = 1
    everything = Changes(rotation=15, shear=0.3, stretch=0.2, shift=0.05, elastic=0.04, thicken=1.0, cutout=1.0)
    assert torch.allclose(deformed(images, np.random.default_rng(0), everything, 0.0), images, atol=1e-5)
    result = deformed(images, np.random.default_rng(0), everything, 1.0)
    assert ((result - images).abs().amax((1, 2, 3)) > 0.2).all()
    assert 0 <= result.min() <= result.max() <= 1
    assert (result.sum((1, 2, 3)) / images.sum((1, 2, 3)) - 1).abs().max() < 0.35  # what a stretch of 20 % does
    blurred = change(images, np.random.default_rng(0), everything._replace(thicken=0.0, cutout=0.0)).images
    assert sharpness(result.numpy()) > sharpness(blurred.numpy())
