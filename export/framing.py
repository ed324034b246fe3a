"""How a picture from outside is made one that Q was trained on."""

from typing import Any, NamedTuple

import numpy as np

from ..trainer.pictures import CELEBA_FACE, WHOLE, Crop
from ..trainer.resampling import square
from .ink import AUTOMATIC, Finding, Picture, paper, to_mnist

# Grey data sets whose pictures lie as they were drawn or taken: nothing was centred, as the digits of MNIST were.
_AS_THEY_LIE = ("fashion-mnist", "omniglot", "celeba", "folder")
_FROM_PAPER = ("fashion-mnist", "omniglot")  # their makers, or the reader of their files, turned dark on light around


class Framing(NamedTuple):
    """What is done to it.

    Attributes:
        centred: its ink is found, fitted into a box and centred by its mass, as MNIST's digits were; the rest does not
            apply then. Otherwise it is taken as it lies.
        from_paper: dark on light becomes light on dark.
        crop: which square of it is taken.
    """

    centred: bool = True
    from_paper: bool = False
    crop: Crop = WHOLE


def framing_of(provenance: dict[str, Any], image_shape: tuple[int, int, int]) -> Framing:
    """What suits the data that networks were trained on, as far as the bundle says.

    Args:
        provenance: of the bundle's manifest; anything may be in it.
        image_shape: channels, height and width.
    """
    data, settings = (provenance.get(key) for key in ("data", "config"))
    name = data.get("name") if isinstance(data, dict) else None
    channels, height, width = image_shape
    if height != width or (channels == 1 and name not in _AS_THEY_LIE):
        return Framing()
    inverted = isinstance(settings, dict) and settings.get("invert") is True
    return Framing(False, inverted or name in _FROM_PAPER, CELEBA_FACE if name == "celeba" else WHOLE)


def framed(
    picture: Picture, shape: tuple[int, int, int], framing: Framing, finding: Finding = AUTOMATIC
) -> Picture | None:
    """A picture as the networks of a bundle see it, one that is not centred exactly as training prepared it.

    Args:
        picture: (h, w) in [0, 1], or (h, w, 3) where the networks know colour.
        shape: channels, height and width of the result.
        framing: what is done.
        finding: how its ink is told from its background.

    Returns:
        (C, H, W) float32 in [0, 1]; None where ink is looked for and there is none.
    """
    if framing.centred:
        ink = to_mnist(picture if picture.ndim == 2 else picture.mean(2), shape[1:], finding)
        return None if ink is None else np.tile(ink, (shape[0], 1, 1))
    pixels = np.rint(np.atleast_3d(picture) * 255).astype(np.uint8)
    seen = np.broadcast_to(square(pixels, shape[1], framing.crop), shape)
    inverted = (framing.from_paper and paper(np.atleast_3d(picture).mean(2)) > 0.5) != finding.inverted
    return np.asarray(255 - seen if inverted else seen, np.float32) / np.float32(255)
