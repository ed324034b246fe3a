"""What the worker does with a bundle: pictures and readings from arrays. No Qt, no state."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..export.bundle import Bundle, Posterior
from ..export.ink import Picture
from ..trainer.latents import Array
from .latent import Latent
from .strokes import Drawing
from .traversal import Axis, Traversal
from .walk import Walk


@dataclass(frozen=True)
class Preview:
    """The picture (C, H, W) in [0, 1] that G makes of a latent, and what Q reads in it."""

    latent: Latent
    picture: Picture
    posterior: Posterior


@dataclass(frozen=True)
class Tiles:
    """The pictures (columns, C, H, W) of one row of a traversal."""

    traversal: Traversal
    row: int
    pictures: Picture


@dataclass(frozen=True)
class Portrait:
    """The picture (C, H, W) in [0, 1] of a latent."""

    latent: Latent
    picture: Picture


@dataclass(frozen=True)
class Comparison:
    """Two bundles under the same codes.

    Attributes:
        previews: of both.
        strips: the pictures (n, C, H, W) of both, in which one code varies.
        names: of both bundles.
        axis: the code that varies, and its values.
        ticks: a text for each of them.
    """

    previews: list[Preview]
    strips: list[Picture]
    names: list[str]
    axis: Axis
    ticks: list[str]


@dataclass(frozen=True)
class Reading:
    """What becomes of a drawing; nothing where there is no ink.

    Attributes:
        picture: (C, H, W) in [0, 1], as Q sees it.
        ink: share of the picture that is ink, in [0, 1]; None for a photograph.
        posterior: what Q reads in it.
        generated: (C, H, W) in [0, 1], what G makes of the code that was read and of the drawing's own noise, or the
            noise that is set where there is no encoder.
        difference: (C, H, W) in [0, 1], between the two.
        noise: (1, noise.size), the drawing's own; None without an encoder.
    """

    picture: Picture | None = None
    ink: float | None = None
    posterior: Posterior | None = None
    generated: Picture | None = None
    difference: Picture | None = None
    noise: Array | None = None


def preview(bundle: Bundle, latent: Latent) -> Preview:
    """Generate the picture of one latent, and read it back."""
    pictures = portraits(bundle, [latent])
    return Preview(latent, pictures[0], bundle.infer(pictures))


def tiles(bundle: Bundle, traversal: Traversal, row: int) -> Tiles:
    """Generate one row of a traversal."""
    return Tiles(traversal, row, bundle.generate(*traversal.row_latents(row)))


def portray(bundle: Bundle, latent: Latent) -> Portrait:
    """Generate the picture of a latent that is remembered."""
    return Portrait(latent, portraits(bundle, [latent])[0])


def portraits(bundle: Bundle, latents: Sequence[Latent]) -> Picture:
    """Generate the pictures (n, C, H, W) of several latents."""
    z = np.concatenate([latent.noise.draw(bundle.latents) for latent in latents])
    return bundle.generate(z, np.concatenate([latent.c for latent in latents]))


def frames(bundle: Bundle, walk: Walk, times: Sequence[float]) -> Picture:
    """The pictures (n, C, H, W) of a walk at some times, in seconds."""
    latents = [walk.at(seconds) for seconds in times]
    return bundle.generate(np.concatenate([z for z, _ in latents]), np.concatenate([c for _, c in latents]))


def read(bundle: Bundle, drawing: Drawing, z: Array) -> Reading:
    """Prepare a drawing or a photograph as in training, let Q read it and G generate from that."""
    seen, ink = _seen(bundle, drawing)
    if seen is None:
        return Reading()
    images = seen[None]
    posterior = bundle.infer(images)
    own = bundle.noise_of(images) if bundle.has_encoder else None
    generated = bundle.generate(z if own is None else own, bundle.latents.inferred(posterior.probs, posterior.mean))
    return Reading(seen, ink, posterior, generated[0], abs(generated - images)[0], own)


def _seen(bundle: Bundle, drawing: Drawing) -> tuple[Picture | None, float | None]:
    """What Q sees (C, H, W), and how much of it is ink: grey ink is in every channel of a colour bundle."""
    channels, height, width = bundle.image_shape
    framing = bundle.framing
    if not framing.centred:
        return drawing.taken(bundle.image_shape, framing.from_paper, framing.crop), None
    ink = drawing.normalise((height, width))
    return (None, None) if ink is None else (np.tile(ink, (channels, 1, 1)), float(ink.mean()))
