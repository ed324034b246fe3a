"""CelebA (Liu et al. 2015, ICCV): aligned faces with attributes, for research that is not commercial.

The licence allows no copy of any part, nor of what is derived from it: models trained on it stay where they are made.
"""

import csv
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from .archives import Archive, File, open_archive
from .converted import Member
from .decoding import MAX_BYTES, SUFFIXES, decode
from .errors import UserError
from .pictures import CELEBA_FACE, Preparation, Split
from .resampling import square

LAST_TRAINED = 162_770  # the official partition trains on 000001.jpg to this one; the rest is the test split here
ATTRIBUTE_FILES = ("attributes.csv", "list_attr_celeba.txt", "list_attr_celeba.csv")
_SIZE = 32


class CelebA:
    """Faces as rgb or grey, the inner three quarters averaged to 32x32, or to ``image_size``.

    Raises:
        UserError: no pictures or no attributes in the folder.
    """

    labelling: str | None = None

    def __init__(self, data_dir: Path | None, preparation: Preparation) -> None:
        faces = _faces(data_dir)
        self._known, names = _attributes(data_dir)
        self._files = [file for file in faces.files if PurePosixPath(file.path).suffix.lower() in SUFFIXES]
        self._preparation = preparation._replace(image_size=preparation.image_size or _SIZE)
        self.attributes: dict[str, tuple[str, ...]] = {name: (f"no {name}", name) for name in names}
        self.identity = repr(("celeba", faces.identity, tuple(self._preparation), names))

    def members(self, split: Split) -> Sequence[Member]:
        """Faces up to number 162,770, or those after it; faces without attributes are left out."""
        chosen = [(PurePosixPath(file.path).name, file) for file in self._files]
        return [
            Member(name, self._known[name], partial(_face, file, self._preparation))
            for name, file in chosen
            if name in self._known and (_number(name) <= LAST_TRAINED) == (split == "train")
        ]


def _number(name: str) -> int:
    digits = "".join(filter(str.isdigit, name))
    return int(digits) if digits else 0


def _faces(data_dir: Path | None) -> Archive:
    if data_dir is not None:
        zips = sorted(path for path in data_dir.glob("*celeba*.zip"))
        folders = [data_dir / "img_align_celeba"] if (data_dir / "img_align_celeba").is_dir() else []
        for path in (*zips, *folders):
            return open_archive(path)
        if any(data_dir.glob("*.jpg")):
            return open_archive(data_dir)
    raise UserError(
        f"celeba: neither a zip with celeba in its name nor a folder img_align_celeba in {data_dir or 'any folder'}; "
        "it is not downloaded, for its terms must be accepted first: place it in a folder and name that with --data-dir"
    )


def _attributes(data_dir: Path | None) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    """Values 0 or 1 of each file, and what they are called."""
    path = next((data_dir / name for name in ATTRIBUTE_FILES if data_dir and (data_dir / name).is_file()), None)
    if path is None:
        raise UserError(f"celeba: none of {', '.join(ATTRIBUTE_FILES)} in {data_dir}; place one there")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        rows = _rows(path.read_text(), path.suffix)
        names = tuple(name.lower() for name in rows[0])
        known = {row[0]: tuple(int(int(value) > 0) for value in row[1:]) for row in rows[1:]}
        if not names or any(len(values) != len(names) for values in known.values()):
            raise ValueError("rows of different length")
    except (OSError, ValueError, IndexError) as error:
        raise UserError(f"{path} is not a table of CelebA's attributes ({error}); replace it") from error
    return known, names


def _rows(text: str, suffix: str) -> list[list[str]]:
    """The names of the attributes, then a row of file and values each; the .txt begins with the number of faces."""
    if suffix == ".csv":
        head, *rest = [row for row in csv.reader(io.StringIO(text)) if row]
        return [head[1:], *rest]
    _, names, *lines = text.splitlines()
    return [names.split(), *(line.split() for line in lines if line.strip())]


def _face(file: File, preparation: Preparation) -> NDArray[np.uint8]:
    pixels = decode(file.read(), "L" if preparation.colour == "grey" else "RGB")
    assert preparation.image_size is not None
    return square(pixels, preparation.image_size, CELEBA_FACE)
