"""Pictures one after another as a file: GIF, APNG, or a folder of PNG files. Numpy and Pillow only."""

import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ..export.ink import Picture
from ..trainer.atomic import write_bytes
from ..trainer.errors import UserError
from .raster import MAX_PIXELS, enlarged, levels, png
from .translation import tr

RATES = (10, 20, 25, 33, 50)  # pictures a second: a GIF counts in hundredths of a second, and viewers go no faster


class AnimationError(UserError):
    """An animation that cannot be written."""


def save_animation(path: Path, pictures: Sequence[Picture], rate: int, scale: int, loops: bool) -> None:
    """Write pictures (C, H, W) in [0, 1] as the path's suffix says: .gif, .png (APNG), or without one a new folder.

    Args:
        path: of the file or folder.
        pictures: one at least.
        rate: pictures a second.
        scale: how many times each is enlarged.
        loops: whether it begins anew at its end.

    Raises:
        AnimationError: another suffix, a folder that exists, or too many pixels.
        UserError: the file cannot be written.
    """
    check_size(len(pictures), pictures[0].shape, scale)
    suffix = path.suffix.lower()
    if suffix in (".gif", ".png"):
        write_bytes(path, _file(suffix, pictures, rate, scale, loops))
    elif suffix:
        raise AnimationError(
            tr("{path} says nothing of its format: expected .gif, .png, or a folder's name.", path=path)
        )
    else:
        _write_folder(path, pictures, scale)


def check_size(count: int, shape: tuple[int, ...], scale: int) -> None:
    """Refuse an animation of too many pixels before it is made.

    Args:
        count: of the pictures.
        shape: of each, (C, H, W).
        scale: how many times each is enlarged.

    Raises:
        AnimationError: it would have more than 400 million pixels.
    """
    height, width = shape[1:]
    if count * height * width * scale * scale > 4 * MAX_PIXELS:
        raise AnimationError(
            tr(
                "{count} pictures of {scale} times their size are too many: choose a smaller size.",
                count=count,
                scale=scale,
            )
        )


def _file(suffix: str, pictures: Sequence[Picture], rate: int, scale: int, loops: bool) -> bytes:
    from PIL import Image  # when it is needed: the window is on screen sooner

    frames = [Image.fromarray(enlarged(levels(picture), scale)) for picture in pictures]
    # A loop count of 0 is for ever. A GIF that says nothing of it, and an APNG that says 1, play once.
    repeat = {"loop": 0} if loops else {} if suffix == ".gif" else {"loop": 1}
    file = io.BytesIO()
    options = {"save_all": True, "append_images": frames[1:], "duration": round(1000 / rate)}
    frames[0].save(file, "GIF" if suffix == ".gif" else "PNG", **options, **repeat)
    return file.getvalue()


def _write_folder(path: Path, pictures: Sequence[Picture], scale: int) -> None:
    """Whole or not at all: what is made beside it is renamed in the end."""
    try:
        if path.exists():
            raise AnimationError(tr("{path} exists: choose the name of a new folder.", path=path))
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent, ignore_cleanup_errors=True) as made:
            digits = len(str(len(pictures) - 1))
            for index, picture in enumerate(pictures):
                write_bytes(Path(made) / f"{index:0{digits}}.png", png(enlarged(levels(picture), scale)))
            Path(made).chmod(0o755)  # temporary folders are private; this one is meant to be shared
            Path(made).rename(path)
    except OSError as error:
        raise AnimationError(
            tr("{path} cannot be made a new folder: {reason}; choose another name.", path=path, reason=error.strerror)
        ) from error
