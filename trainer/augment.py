"""Small changes of real pictures that leave their class as it is, with what they do to slant and width.

D only ever sees the originals, so G does not learn to draw changed pictures.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SLANT_GAIN = 2.0  # a lean of half a radian moves the first guided code by one
WIDTH_GAIN = 4.0  # a stretch by a quarter moves the second by about one
_FIELD = 4  # side of the coarse grid of random vectors that an elastic warp interpolates


class Change(NamedTuple):
    """Changed pictures (n, C, H, W) and how far the guided codes should follow, (n, 2): slant, width."""

    images: Tensor
    expected: Tensor


def change(
    images: Tensor,
    rng: np.random.Generator,
    rotation: float,
    shear: float,
    stretch: float,
    shift: float,
    elastic: float,
) -> Change:
    """Turn, shear, stretch, move and warp each picture by its own random amount.

    Args:
        images: (n, C, H, W) float, background 0.
        rng: source of the amounts; the only randomness.
        rotation: largest turn in degrees.
        shear: largest horizontal shear, as the tangent of the lean.
        stretch: largest horizontal stretch, as a fraction.
        shift: largest move along each axis, as a fraction of the side.
        elastic: standard deviation of a smooth displacement, as a fraction of half the side.
    """
    n = len(images)
    turn = rng.uniform(-1, 1, n) * math.radians(rotation)
    lean = rng.uniform(-1, 1, n) * shear
    width = np.exp(rng.uniform(-1, 1, n) * math.log1p(stretch))
    grid = _affine_grid(images, turn, lean, width, rng.uniform(-2, 2, (n, 2)) * shift)
    if elastic:
        field = torch.from_numpy(rng.standard_normal((n, 2, _FIELD, _FIELD), np.float32) * np.float32(elastic))
        field = F.interpolate(field.to(images.device), images.shape[2:], mode="bicubic", align_corners=True)
        grid = grid + field.permute(0, 2, 3, 1)
    expected = np.stack((SLANT_GAIN * (lean + turn), WIDTH_GAIN * np.log(width)), 1)
    return Change(
        F.grid_sample(images, grid, align_corners=False),
        torch.from_numpy(expected.astype(np.float32)).to(images.device),
    )


def _affine_grid(images: Tensor, turn: np.ndarray, lean: np.ndarray, width: np.ndarray, shift: np.ndarray) -> Tensor:
    """Where each output pixel reads its input, (n, H, W, 2) in [-1, 1], x right and y down.

    The content is stretched, then sheared, then turned: p' = R S W p + t; reading needs the inverse. A positive lean
    and a positive (clockwise) turn both move the top to the right.
    """
    cos, sin, zero = np.cos(turn), np.sin(turn), np.zeros_like(turn)
    turned = np.stack((np.stack((cos, -sin), -1), np.stack((sin, cos), -1)), -2)
    sheared = np.stack((np.stack((width, -lean), -1), np.stack((zero, zero + 1), -1)), -2)
    inverse = np.linalg.inv(turned @ sheared)
    offset = -inverse @ shift[:, :, None]
    theta = torch.from_numpy(np.concatenate((inverse, offset), 2).astype(np.float32)).to(images.device)
    return F.affine_grid(theta, list(images.shape), align_corners=False)
