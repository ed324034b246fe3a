"""Data sets: original files, verified, memory-mapped as one uint8 array; batches of it.

MNIST comes in four IDX files (big-endian header, then the bytes of all pictures). An unpacked IDX file *is* a binary
array, so it is what the cache keeps and what is mapped into memory; nothing is converted before a batch is drawn.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .originals import IdxFile, located, read_idx

Split = Literal["train", "test"]


class IdxDataSet(NamedTuple):
    """A data set in IDX files: (pictures, labels) of each split, and the addresses that serve them as NAME.gz."""

    files: dict[Split, tuple[IdxFile, IdxFile]]
    mirrors: tuple[str, ...]
    licence: str


@dataclass(frozen=True)
class Pictures:
    """One split of a data set.

    Attributes:
        images: (n, channels, height, width) uint8, ink = 255, mapped from the disk.
        labels: (n,) uint8, used for evaluation and for naming categories, never by the losses; None where unknown.
        fingerprint: SHA-256 of the pictures' file.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8] | None
    fingerprint: str


# Sizes and hashes are those of the original files, unpacked: the .gz around them differs from mirror to mirror.
DATA_SETS: dict[str, IdxDataSet] = {
    "mnist": IdxDataSet(
        files={
            "train": (
                IdxFile(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                ),
                IdxFile(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                ),
            ),
            "test": (
                IdxFile(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                ),
                IdxFile(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                ),
            ),
        },
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    ),
}


def load(name: str, data_dir: Path | None, split: Split, download: bool = True) -> Pictures:
    """Find, verify and map one split of a data set.

    Args:
        name: a key of ``DATA_SETS``.
        data_dir: searched first, for each original file, packed (.gz) or not. None: only the cache is searched.
        split: "train" or "test".
        download: fetch what is missing into the cache, unless $INFOGAN_OFFLINE is set; otherwise a missing file is
            an error.

    Raises:
        UserError: unknown data set, a file that is missing, truncated or altered, pictures and labels of different
            number, or a download that failed at every address.
    """
    data_set = described(name)
    if data_dir is not None and not data_dir.is_dir():
        raise UserError(f"{data_dir} is not a folder; give --data-dir the folder with {name}'s files")
    image_file, label_file = data_set.files[split]
    images, labels = (
        read_idx(located(name, file, data_set.mirrors, data_dir, download), dimensions)
        for file, dimensions in ((image_file, 3), (label_file, 1))
    )
    if len(images) != len(labels):
        raise UserError(
            f"{name}: {image_file.name} holds {len(images)} pictures but {label_file.name} {len(labels)} labels; "
            "they must come from the same release"
        )
    return Pictures(images[:, None], np.asarray(labels), image_file.sha256)


def described(name: str) -> IdxDataSet:
    """The files and the licence of a data set.

    Raises:
        UserError: there is none of this name.
    """
    if name not in DATA_SETS:
        raise UserError(f"unknown data set {name!r}, expected one of: {', '.join(DATA_SETS)}")
    return DATA_SETS[name]


class Batches:
    """Batches of a uint8 array without end, each epoch in a new order that follows from seed and epoch alone.

    An epoch has ``len(images) // batch_size`` batches; what is left over sits out, so that every batch is full.
    ``epoch`` and ``index`` (of the next batch) are the whole state: set them to go on from a checkpoint.

    Raises:
        UserError: fewer pictures than one batch.
    """

    def __init__(self, images: NDArray[np.uint8], batch_size: int, seed: int) -> None:
        if len(images) < batch_size:
            raise UserError(f"{len(images)} pictures do not fill one batch; use --batch-size {len(images)} or less")
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self.index = 0
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(self.images) // self.batch_size

    def next(self) -> NDArray[np.uint8]:
        """The next batch, (batch_size, C, H, W) uint8, copied."""
        return self.images[self.next_indices()]

    def next_indices(self) -> NDArray[np.int64]:
        """Which pictures the next batch holds, (batch_size,), in the order of the data set."""
        indices = self.indices(self.epoch * len(self) + self.index)
        self.index += 1
        if self.index == len(self):
            self.epoch, self.index = self.epoch + 1, 0
        return indices

    def indices(self, number: int) -> NDArray[np.int64]:
        """Which pictures the batch of this number holds, counted from the first epoch on, wherever ``next`` stands."""
        epoch, index = divmod(number, len(self))
        first = index * self.batch_size
        return np.sort(self._permutation(epoch)[first : first + self.batch_size])

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.images))
        return self._order[1]
