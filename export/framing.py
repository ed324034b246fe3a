"""How a picture from outside is made one that Q was trained on."""

from typing import Any, NamedTuple

from ..trainer.pictures import CELEBA_FACE, WHOLE, Crop

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
