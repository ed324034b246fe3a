"""Pictures as bytes of files: enlarged, put together, with the latent that made them inside. Numpy and Pillow only."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..export.ink import Picture
from ..trainer.errors import UserError
from .translation import tr

Levels = NDArray[np.uint8]

KEY = "infogan-latent"  # of the text in a PNG that says which latent it shows
MAX_PIXELS = 100_000_000
MAX_BYTES = 32 * 2**20


class PixelError(UserError):
    """A picture that would be too large to be written."""


def levels(picture: Picture) -> Levels:
    """A picture (C, H, W) in [0, 1] as 256 levels: (H, W) of one channel, (H, W, 3) of three; not finite is black."""
    whole = np.floor(np.nan_to_num(picture).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return np.ascontiguousarray(whole[:3].transpose(1, 2, 0) if len(whole) >= 3 else whole[0])


def strip(pictures: Picture) -> Picture:
    """Pictures (n, C, H, W) side by side, (C, H, n * W)."""
    return np.concatenate(list(pictures), axis=2)


def sheet(rows: Sequence[Picture], gap: int = 1, ground: float = 1.0) -> Picture:
    """Rows of pictures, each (columns, C, H, W), as one (C, height, width), with so many pixels between them."""
    tiles = np.stack([np.asarray(row) for row in rows])  # rows, columns, C, H, W
    padded = np.pad(tiles, ((0, 0), (0, 0), (0, 0), (0, gap), (0, gap)), constant_values=ground)
    down, across, channels, height, width = padded.shape
    whole = padded.transpose(2, 0, 3, 1, 4).reshape(channels, down * height, across * width)
    return whole[:, : down * height - gap, : across * width - gap]


def enlarged(pixels: Levels, scale: int) -> Levels:
    """Each pixel as a square of ``scale`` by ``scale``.

    Raises:
        PixelError: that would be more than 100 million pixels.
    """
    height, width = pixels.shape[0] * scale, pixels.shape[1] * scale
    if height * width > MAX_PIXELS:
        raise PixelError(
            tr(
                "a picture of {width} x {height} pixels is too large: enlarge it fewer than {scale} times.",
                width=width,
                height=height,
                scale=scale,
            )
        )
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def png(pixels: Levels, latent: str | None = None) -> bytes:
    """A PNG file, with the JSON of a latent in its text where there is one."""
    from PIL import Image, PngImagePlugin  # when it is needed: the window is on screen sooner

    text = PngImagePlugin.PngInfo()
    if latent:
        text.add_text(KEY, latent)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=text, optimize=True)
    return file.getvalue()


def latent_in(path: Path) -> str | None:
    """The JSON of the latent that a PNG file says it shows; None where it says nothing, or is no PNG at all."""
    from PIL import Image

    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        with Image.open(path, formats=("PNG",)) as image:
            found = image.info.get(KEY)  # what stands before the pixels, and these are never decoded
            return found if isinstance(found, str) else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
