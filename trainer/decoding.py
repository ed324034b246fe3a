"""Picture files from anywhere -> pixels. Nothing is decoded before its size is known."""

import io
import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import UserError, first_line

# Pillow knows more formats, and some of them run other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"))
MAX_BYTES = 32 * 2**20
MAX_PIXELS = 64 * 10**6


class PictureError(UserError):
    """A picture that cannot be used; its text says why and leaves out which."""


def decode(data: bytes, mode: Literal["L", "RGB"]) -> NDArray[np.uint8]:
    """Decode the first frame of a picture, turned as its EXIF data say, transparent parts white.

    Args:
        data: the file's bytes, in one of the formats ``FORMATS``.
        mode: "L" for grey, "RGB" for colour.

    Returns:
        (h, w, 1) or (h, w, 3) uint8.

    Raises:
        PictureError: not a picture, damaged, or too large.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"larger than {MAX_BYTES // 2**20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pixels, which are counted here, and of odd metadata
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise PictureError(f"{image.width} x {image.height} pixels are too many")
                pixels = np.asarray(_opaque(ImageOps.exif_transpose(image)).convert(mode))
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"none of {', '.join(FORMATS)}, or damaged at its beginning") from error
    except Exception as error:  # decoders raise nearly every type there is
        raise PictureError(f"damaged: {first_line(error)}") from error
    return pixels.reshape(*pixels.shape[:2], -1)


def _opaque(image: Image.Image) -> Image.Image:
    """Levels of 8 bits on white paper."""
    if image.mode.startswith("I") or image.mode == "F":  # convert() would cut off all above 255
        levels = np.asarray(image, np.float64)
        return Image.fromarray(np.rint(levels * (255 / max(float(levels.max()), 1.0))).clip(0, 255).astype(np.uint8))
    if "A" in image.mode or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA"))
    return image
