"""Anyone's own pictures: a folder or a zip, labelled by its sub-folders where it has some."""

import posixpath
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from .archives import File, open_pictures
from .converted import Member
from .decoding import PictureError, decode
from .errors import UserError
from .pictures import Colour, Preparation, Split, is_grey
from .resampling import square

TEST_EVERY = 10  # of the pictures in order: each tenth is kept for testing
_SIZE = 32
_LOOKED_AT = 100  # pictures that say whether there is colour


class OwnPictures:
    """The largest square in the middle of each picture, averaged to 32x32 or ``image_size``.

    Raises:
        UserError: no folder or zip is named, or there is no picture in it.
    """

    def __init__(self, data_dir: Path | None, preparation: Preparation) -> None:
        if data_dir is None:
            raise UserError("folder: name the folder or zip that holds your pictures with --data-dir")
        archive = open_pictures(data_dir)
        self._files = archive.files
        self._folders = _folders(self._files)
        folders = sorted(set(self._folders))
        self._labels = {name: i for i, name in enumerate(folders)}
        self.labelling: str | None = "folder" if len(folders) > 1 else None
        self.attributes: dict[str, tuple[str, ...]] = {"folder": tuple(folders)} if len(folders) > 1 else {}
        colour = _colour(self._files) if preparation.colour == "auto" else preparation.colour
        self._preparation = preparation._replace(colour=colour, image_size=preparation.image_size or _SIZE)
        self.identity = repr(("folder", archive.identity, tuple(self._preparation)))

    def members(self, split: Split) -> Sequence[Member]:
        """All but every tenth picture of the sorted ones, or these."""
        tenth = [i % TEST_EVERY == TEST_EVERY - 1 for i in range(len(self._files))]
        return [
            Member(
                file.path,
                (self._labels[folder],) if self.labelling else (),
                partial(_prepared, file, self._preparation),
            )
            for file, folder, tested in zip(self._files, self._folders, tenth, strict=True)
            if tested == (split == "test")
        ]


def _folders(files: Sequence[File]) -> list[str]:
    """The folder of each file, from where their paths part."""
    parents = [PurePosixPath(file.path.lstrip("/")).parent for file in files]  # a zip may hold any names
    shared = posixpath.commonpath(parents)
    return [str(parent.relative_to(shared)) for parent in parents]


def _colour(files: Sequence[File]) -> Colour:
    """Grey where none of the pictures that are looked at has colour, else rgb."""
    for file in files[:: max(1, len(files) // _LOOKED_AT)]:
        try:
            if not is_grey(decode(file.read(), "RGB")):
                return "rgb"
        except PictureError:
            continue
    return "grey"


def _prepared(file: File, preparation: Preparation) -> NDArray[np.uint8]:
    assert preparation.image_size is not None
    pixels = square(decode(file.read(), "L" if preparation.colour == "grey" else "RGB"), preparation.image_size)
    return 255 - pixels if preparation.invert else pixels
