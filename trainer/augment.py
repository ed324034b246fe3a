"""Small changes of real pictures that leave their class as it is, with what they do to slant and width.

Unless it is told to (``deformation``), D only ever sees the originals, so that G does not learn to draw changed ones.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .config import Changes

# Within a digit of MNIST slant has a standard deviation of 0.24 radians and the logarithm of the width one of 0.22; the
# gains make that 0.58, as a code uniform on [-1, 1] has.
SLANT_GAIN = 2.4
WIDTH_GAIN = 2.6
THICKNESS_GAIN = 0.4  # strokes that grow by a pixel to each side widen a digit of 13 pixels by 15 %, times WIDTH_GAIN
_FIELD = 4  # side of the coarse grid of random vectors that an elastic warp interpolates


class Change(NamedTuple):
    """Changed pictures, and slant and width in units of the codes that follow them.

    Attributes:
        images: the copies, (n, C, H, W).
        before: slant and width of the pictures, (n, 2).
        after: slant and width of the copies, (n, 2).
    """

    images: Tensor
    before: Tensor
    after: Tensor


def change(images: Tensor, rng: np.random.Generator, amounts: Changes) -> Change:
    """Turn, shear, stretch, move, warp, thicken or thin each picture, and blank a patch of it, each by its own amount.

    Not under autocast, which would round positions to eight bits.

    Args:
        images: (n, C, H, W) float in [0, 1], background 0.
        rng: source of the amounts; the only randomness.
        amounts: the largest change of each kind.
    """
    n = len(images)
    affine, grid = _warp(images, rng, amounts)
    changed = F.grid_sample(images, grid, align_corners=False)
    thicker = rng.uniform(-1, 1, n) * amounts.thicken
    if amounts.thicken:
        changed = _thickened(changed, thicker)
    if amounts.cutout:
        changed = changed * _window(changed, rng, amounts.cutout)
    covariance = _covariance(images)
    before, after = (_codes(ink) for ink in (covariance, affine @ covariance @ affine.transpose(0, 2, 1)))
    after[:, 1] += THICKNESS_GAIN * thicker
    return Change(changed, *(torch.from_numpy(x.astype(np.float32)).to(images.device) for x in (before, after)))


def deformed(images: Tensor, rng: np.random.Generator, amounts: Changes, strength: float) -> Tensor:
    """Real pictures as other hands might have drawn them: turned, sheared, stretched, moved and warped, each otherwise.

    Unlike :func:`change` it is what G shall learn to draw, so it must stay sharp: resampled with cubic splines, and
    neither thickened nor blanked.

    Args:
        images: (n, C, H, W) float in [0, 1].
        rng: source of the amounts.
        amounts: the largest change of each kind at a strength of 1.
        strength: share of them, in [0, 1].
    """
    _, grid = _warp(images, rng, Changes(*(strength * amount for amount in amounts)))
    return F.grid_sample(images, grid, mode="bicubic", align_corners=False).clamp(0, 1)


def _warp(images: Tensor, rng: np.random.Generator, amounts: Changes) -> tuple[np.ndarray, Tensor]:
    """A change of positions for each picture: its linear part (n, 2, 2), and all of it as :func:`_grid` has it."""
    n = len(images)
    turn = rng.uniform(-1, 1, n) * math.radians(amounts.rotation)
    lean = rng.uniform(-1, 1, n) * amounts.shear
    width, height = np.exp(rng.uniform(-1, 1, (2, n)) * math.log1p(amounts.stretch))
    affine = _affine(turn, lean, width, height)
    grid = _grid(images, affine, rng.uniform(-2, 2, (n, 2)) * amounts.shift)
    if amounts.elastic:
        field = torch.from_numpy(rng.standard_normal((n, 2, _FIELD, _FIELD), np.float32) * np.float32(amounts.elastic))
        down, across = (_interpolation(side, images.device) for side in images.shape[2:])
        grid = grid + torch.einsum("hi,ncij,wj->nhwc", down, field.to(images.device), across)
    return affine, grid


@functools.cache
def _interpolation(side: int, device: torch.device) -> Tensor:
    """What a row of the coarse grid becomes by bicubic interpolation to ``side`` values: a matrix (side, _FIELD)."""
    rows = torch.eye(_FIELD, device=device)[None, None]
    return F.interpolate(rows, (side, _FIELD), mode="bicubic", align_corners=True)[0, 0]


def augmented(images: Tensor, rng: np.random.Generator, strength: float) -> Tensor:
    """Pictures as a D that must not learn few of them by heart may see them; gradients pass through.

    Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738, section 3.2) of their kinds translation and cutout:
    each picture moves by up to ``strength`` of its side along both axes and loses a rectangle. Real and generated ones
    are treated alike, so that G learns to draw neither.
    """
    n, _, height, width = images.shape
    most = round(strength * height), round(strength * width)
    padded = F.pad(images, (most[1], most[1], most[0], most[0]))
    top, left = (torch.from_numpy(rng.integers(0, 2 * m + 1, n)).to(images.device) for m in most)
    rows = top[:, None] + torch.arange(height, device=images.device)
    columns = left[:, None] + torch.arange(width, device=images.device)
    picture = torch.arange(n, device=images.device)[:, None, None]
    moved = padded.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return moved * _window(images, rng, 2 * strength)


def upright(images: Tensor) -> Tensor:
    """Pictures (n, C, H, W) sheared, each so much that its ink no longer leans."""
    covariance = _covariance(images)
    lean, none = covariance[:, 0, 1] / covariance[:, 1, 1], np.zeros((len(images), 2))
    affine = _affine(none[:, 0], lean, none[:, 0] + 1, none[:, 0] + 1)
    return F.grid_sample(images, _grid(images, affine, none), align_corners=False)


def _affine(turn: np.ndarray, lean: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    """What happens to positions (x right, y down): stretched, then sheared, then turned, R S W; (n, 2, 2).

    A positive lean and a positive (clockwise) turn both move the top to the right.
    """
    cos, sin, zero = np.cos(turn), np.sin(turn), np.zeros_like(turn)
    turned = np.stack((np.stack((cos, -sin), -1), np.stack((sin, cos), -1)), -2)
    sheared = np.stack((np.stack((width, -lean * height), -1), np.stack((zero, height), -1)), -2)
    return np.asarray(turned @ sheared)


def _grid(images: Tensor, affine: np.ndarray, shift: np.ndarray) -> Tensor:
    """Where each output pixel reads its input, (n, H, W, 2) in [-1, 1]: the inverse of p' = A p + t."""
    inverse = np.linalg.inv(affine)
    offset = -inverse @ shift[:, :, None]
    theta = torch.from_numpy(np.concatenate((inverse, offset), 2).astype(np.float32)).to(images.device)
    return F.affine_grid(theta, list(images.shape), align_corners=False)


def _codes(covariance: np.ndarray) -> np.ndarray:
    """Slant and width of pictures whose ink has this covariance, in units of the guided codes, (n, 2).

    Slant is in radians, positive to the right, as Morpho-MNIST (Castro et al. 2019) takes it from the moments; width is
    the logarithm of the spread that is left once the slant is taken out.
    """
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    return np.stack((SLANT_GAIN * np.arctan(-xy / yy), WIDTH_GAIN * np.log(xx - xy * xy / yy) / 2), 1)


def _covariance(images: Tensor) -> np.ndarray:
    """Covariance of the ink's positions, x and y in [-1, 1], of pictures (n, C, H, W): (n, 2, 2)."""
    ink = images.mean(1).double()
    height, width = ink.shape[1:]
    mass = ink.sum((1, 2)).clamp_min(1e-6)
    x = torch.linspace(-1, 1, width, dtype=ink.dtype, device=ink.device)
    y = torch.linspace(-1, 1, height, dtype=ink.dtype, device=ink.device)
    columns, rows = ink.sum(1) / mass[:, None], ink.sum(2) / mass[:, None]
    dx, dy = x - (columns @ x)[:, None], y - (rows @ y)[:, None]
    xx, yy = (columns * dx * dx).sum(1), (rows * dy * dy).sum(1)
    xy = torch.einsum("nhw,nh,nw->n", ink, dy, dx) / mass
    # A picture without extent, blank or a dot, counts as a small round one.
    covariance = torch.stack((xx + 1e-4, xy, xy, yy + 1e-4), 1).reshape(-1, 2, 2)
    return np.asarray(covariance.cpu().numpy())


def _thickened(images: Tensor, amount: np.ndarray) -> Tensor:
    """Blend each picture (n, C, H, W) with its dilation (amount up to 1) or its erosion (down to -1) by a pixel."""
    strength = torch.from_numpy(amount.astype(np.float32)).to(images.device)[:, None, None, None]
    sign = strength.sign()  # an erosion is a dilation of the negative
    return images + strength.abs() * (sign * _dilated(sign * images) - images)


def _dilated(images: Tensor) -> Tensor:
    """The largest value within a pixel of each; along one axis, then the other, in a sixth of max_pool2d's time."""
    padded = F.pad(images, (1, 1, 1, 1), value=-torch.inf)
    rows = torch.maximum(torch.maximum(padded[:, :, :-2], padded[:, :, 1:-1]), padded[:, :, 2:])
    return torch.maximum(torch.maximum(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])


def _window(images: Tensor, rng: np.random.Generator, largest: float) -> Tensor:
    """1, and 0 in one rectangle of each picture; (n, 1, H, W).

    One of its sides is up to ``largest`` of the picture's, the other up to twice that: long enough to blank a stroke.
    """
    n, _, height, width = images.shape
    inside, long = [], rng.integers(2, size=(n, 1))
    for length, stretched in ((height, long), (width, 1 - long)):
        centre = rng.uniform(0, length, (n, 1))
        half = rng.uniform(0, largest * length / 2, (n, 1)) * (1 + stretched)
        inside.append(np.abs(np.arange(length) + 0.5 - centre) < half)
    blank = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.from_numpy(1 - blank.astype(np.float32)).to(images.device)
