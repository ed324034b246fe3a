"""Omniglot (Lake et al. 2015, Science 350): 1,623 characters of 50 alphabets, each drawn by 20 people.

The official zips hold ALPHABET/characterNN/CCCC_DD.png, 105x105 with black ink, where DD is who drew it.
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .archives import Archive, File, open_archive
from .converted import Member
from .decoding import decode
from .errors import UserError
from .originals import Original, fetched
from .pictures import Preparation, Split
from .resampling import square

MIRROR = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/"
PARTS = {
    "images_background": Original(
        "images_background.zip", 9_464_212, "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640"
    ),
    "images_evaluation": Original(
        "images_evaluation.zip", 6_462_886, "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee"
    ),
}
LAST_TRAINED_DRAWER = 16  # of 20; the others' drawings are the test split, so that all characters are in both
_SIZE = 28
_PATH = re.compile(r"([^/]+)/(character\d+)/\d+_(\d+)\.png$")


class Omniglot:
    """The drawings of some alphabets, each made white on black and averaged to 28x28 or ``image_size``.

    The official zips, or their folders, are taken from ``data_dir``; what is missing there is downloaded.

    Raises:
        UserError: a zip is missing, or there is no alphabet of a name asked for.
    """

    labelling: str | None = None

    def __init__(self, data_dir: Path | None, preparation: Preparation, download: bool = False) -> None:
        archives = [_found(data_dir, part, download) for part in PARTS]
        drawings = sorted((found for archive in archives for found in _drawings(archive)), key=lambda d: d[:3])
        known = sorted({alphabet for alphabet, _, _, _ in drawings})
        chosen = [_alphabet(name, known) for name in preparation.alphabets] or known
        self._drawings = [drawing for drawing in drawings if drawing[0] in chosen]
        self._size = preparation.image_size or _SIZE
        characters = sorted({(alphabet, character) for alphabet, character, _, _ in self._drawings})
        self._characters = {pair: i for i, pair in enumerate(characters)}
        self._alphabets = {name: i for i, name in enumerate(sorted(chosen))}
        self.attributes: dict[str, tuple[str, ...]] = {
            "alphabet": tuple(self._alphabets),
            "character": tuple(
                f"{alphabet} {character.removeprefix('character')}" for alphabet, character in characters
            ),
        }
        self.identity = repr(("omniglot", [archive.identity for archive in archives], sorted(chosen), self._size))

    def members(self, split: Split) -> Sequence[Member]:
        """Drawings of people 1 to 16, or of 17 to 20."""
        return [
            Member(
                file.path,
                (self._alphabets[alphabet], self._characters[alphabet, character]),
                partial(_ink, file, self._size),
            )
            for alphabet, character, drawer, file in self._drawings
            if (drawer <= LAST_TRAINED_DRAWER) == (split == "train")
        ]


def _found(data_dir: Path | None, part: str, download: bool) -> Archive:
    for name in (f"{part}.zip", part):
        if data_dir is not None and (data_dir / name).exists():
            return open_archive(data_dir / name)
    return open_archive(fetched("omniglot", PARTS[part], MIRROR, data_dir, download))


def _drawings(archive: Archive) -> list[tuple[str, str, int, File]]:
    """Alphabet, character, drawer and file of each drawing."""
    matches = ((_PATH.search(file.path), file) for file in archive.files)
    return [(match[1], match[2], int(match[3]), file) for match, file in matches if match]


def _alphabet(name: str, known: list[str]) -> str:
    """The alphabet that a name, or the beginning of one, means; case and punctuation do not count."""
    means = [one for one in known if _plain(one).startswith(_plain(name))]
    exact = [one for one in means if _plain(one) == _plain(name)]
    if len(exact or means) != 1:
        raise UserError(f"--alphabets {name}: expected one of {', '.join(means or known)}")
    return (exact or means)[0]


def _plain(name: str) -> str:
    return re.sub(r"\W|_", "", name).lower()


def _ink(file: File, size: int) -> NDArray[np.uint8]:
    return 255 - square(decode(file.read(), "L"), size)
