"""Traversal grids: the picture of what the codes have become."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from .atomic import write_atomically
from .latents import LatentSpec
from .networks import InfoGAN

COLUMNS = 10
_GAP = 8
_SEED = 7_2016  # the same latents in every run, so that grids can be compared


def traversal_grids(model: InfoGAN) -> dict[str, NDArray[np.uint8]]:
    """For each code, a grid in which it alone varies down the rows, (height, width, C) uint8.

    The columns are fixed latents, the same in every run; along them the discrete codes take their classes in turn, so
    that each class of the code that does not vary is seen, as in the seed's figures.
    """
    spec = model.spec
    z, c = _columns(spec)
    return {code.name: tile(_generate(model, *spec.traversal(code.name, z, c)), COLUMNS) for code in spec.codes}


def _columns(spec: LatentSpec) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(_SEED)
    z, c = spec.sample(rng, COLUMNS)
    for code in spec.discrete:
        c[:, spec.slices[code.name]] = code.points(COLUMNS, 0, 0)
    return z, c


@torch.inference_mode()
def _generate(model: InfoGAN, z: NDArray[np.float32], c: NDArray[np.float32]) -> NDArray[np.float32]:
    device = next(model.parameters()).device
    model.eval()
    images = model.generate(torch.from_numpy(z).to(device), torch.from_numpy(c).to(device)).cpu().numpy()
    model.train()
    return images


def tile(images: NDArray[np.float32], columns: int) -> NDArray[np.uint8]:
    """Lay pictures (n, C, H, W) in [0, 1] out row by row: (rows * H, columns * W, C) uint8."""
    n, channels, height, width = images.shape
    grid = images.reshape(n // columns, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    return np.rint(grid * 255).astype(np.uint8).reshape(n // columns * height, columns * width, channels)


def save_png(path: Path, grids: list[NDArray[np.uint8]]) -> None:
    """Write grids side by side, on mid-grey, as one PNG.

    Raises:
        UserError: the file could not be written.
    """
    height = max(grid.shape[0] for grid in grids)
    width = sum(grid.shape[1] for grid in grids) + _GAP * (len(grids) - 1)
    canvas = np.full((height, width, grids[0].shape[2]), 128, np.uint8)
    left = 0
    for grid in grids:
        canvas[: grid.shape[0], left : left + grid.shape[1]] = grid
        left += grid.shape[1] + _GAP
    image: Any = Image.fromarray(canvas[:, :, 0] if canvas.shape[2] == 1 else canvas)
    write_atomically(path, lambda file: image.save(file, "PNG"))
