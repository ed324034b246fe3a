"""What the worker does with a bundle: pictures and readings from arrays. No Qt, no state."""

from dataclasses import dataclass

import numpy as np

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import Array
from .ink import Picture
from .strokes import Drawing
from .traversal import Traversal


@dataclass(frozen=True)
class Preview:
    """A generated picture (C, H, W) in [0, 1] and what Q reads in it."""

    picture: Picture
    posterior: Posterior


@dataclass(frozen=True)
class Tiles:
    """The pictures (columns, C, H, W) of one row of a traversal."""

    traversal: Traversal
    row: int
    pictures: Picture


@dataclass(frozen=True)
class Reading:
    """The normalised picture (H, W) in [0, 1] that Q sees, and what it reads; nothing where there is no ink."""

    picture: Picture | None = None
    posterior: Posterior | None = None


def preview(bundle: Bundle, z: Array, c: Array) -> Preview:
    """Generate the picture of one latent, and read it back."""
    pictures = bundle.generate(z, c)
    return Preview(pictures[0], bundle.infer(pictures))


def tiles(bundle: Bundle, traversal: Traversal, row: int) -> Tiles:
    """Generate one row of a traversal."""
    return Tiles(traversal, row, bundle.generate(*traversal.row_latents(row)))


def read(bundle: Bundle, drawing: Drawing) -> Reading:
    """Normalise a drawing and let Q read it; grey ink in every channel of a colour bundle."""
    channels, *shape = bundle.image_shape
    seen = drawing.normalise((shape[0], shape[1]))
    if seen is None:
        return Reading()
    return Reading(seen, bundle.infer(np.tile(seen, (1, channels, 1, 1))))
