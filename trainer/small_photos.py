"""SVHN and CIFAR-10 in their official files: 32x32 in colour, ten classes."""

import abc
import tarfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .converted import Member
from .errors import UserError, first_line
from .originals import digest_of
from .pictures import Preparation, Split

_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32
_LARGEST = 2**30
CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR_ARCHIVE, CIFAR_FOLDER = "cifar-10-binary.tar.gz", "cifar-10-batches-bin"
CIFAR_FILES: dict[Split, tuple[str, ...]] = {
    "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("test_batch.bin",),
}


class SmallPhotos(abc.ABC):
    """What both have in common: arrays of 32x32 with labels, read whole, once."""

    name: str
    labelling: str | None = "class"
    attributes: dict[str, tuple[str, ...]]

    def __init__(self, data_dir: Path | None, preparation: Preparation) -> None:
        if preparation.image_size not in (None, 32):
            raise UserError(f"--image-size {preparation.image_size}: {self.name} has pictures of 32x32; leave it out")
        if preparation.colour == "grey":
            raise UserError(f"--colour grey: {self.name} is read in colour; leave it out")
        if data_dir is None:
            raise UserError(f"{self.name}: name the folder with its files with --data-dir")
        self._data_dir = data_dir
        self.identity = repr((self.name, [(path.name, digest_of(path)) for path in self._files(data_dir)]))

    def members(self, split: Split) -> Sequence[Member]:
        """All pictures of a split."""
        images, labels = self._arrays(split)
        return [
            Member(f"{self.name} {split} {i}", (int(label),), partial(_one, images, i))
            for i, label in enumerate(labels)
        ]

    @abc.abstractmethod
    def _files(self, data_dir: Path) -> list[Path]:
        """Those that hold both splits."""

    @abc.abstractmethod
    def _arrays(self, split: Split) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Pictures (n, 3, 32, 32) and labels (n,) of a split."""


class Svhn(SmallPhotos):
    """Street View House Numbers (Netzer et al. 2011), the cropped digits: train_32x32.mat and test_32x32.mat.

    Raises:
        UserError: a file is missing or is something else.
    """

    name = "svhn"
    attributes = {"class": tuple(map(str, range(10)))}  # noqa: RUF012 # never changed

    def _files(self, data_dir: Path) -> list[Path]:
        return [_present(self.name, data_dir / f"{split}_32x32.mat") for split in ("train", "test")]

    def _arrays(self, split: Split) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        from scipy.io import loadmat

        path = self._data_dir / f"{split}_32x32.mat"
        try:
            contents: dict[str, Any] = loadmat(path, variable_names=("X", "y"))
            images, labels = contents["X"], contents["y"].astype(np.int64).reshape(-1) % 10  # a 0 is written as 10
        except Exception as error:  # scipy's reader raises nearly anything
            raise UserError(f"{path} is not a MATLAB file of SVHN ({first_line(error)}); replace it") from error
        if images.dtype != np.uint8 or images.shape != (32, 32, 3, len(labels)):
            raise UserError(f"{path} holds {images.dtype} {images.shape}, expected uint8 (32, 32, 3, n); replace it")
        return images.transpose(3, 2, 0, 1), labels


class Cifar10(SmallPhotos):
    """CIFAR-10 (Krizhevsky 2009), the binary version: cifar-10-binary.tar.gz, or its folder unpacked.

    Raises:
        UserError: it is missing or something else.
    """

    name = "cifar-10"
    attributes = {"class": CIFAR_CLASSES}  # noqa: RUF012 # never changed

    def _files(self, data_dir: Path) -> list[Path]:
        if (data_dir / CIFAR_ARCHIVE).is_file():
            return [data_dir / CIFAR_ARCHIVE]
        folder = data_dir / CIFAR_FOLDER if (data_dir / CIFAR_FOLDER).is_dir() else data_dir
        return [_present(self.name, folder / file) for files in CIFAR_FILES.values() for file in files]

    def _arrays(self, split: Split) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        records = np.concatenate([self._records(file) for file in CIFAR_FILES[split]])
        labels = records[:, 0].astype(np.int64)
        if labels.max() >= len(CIFAR_CLASSES):
            raise UserError(f"{self._data_dir}: cifar-10 has labels 0 to 9, found {labels.max()}; replace its files")
        return records[:, 1:].reshape(-1, *_SHAPE), labels

    def _records(self, file: str) -> NDArray[np.uint8]:
        first, *_ = paths = self._files(self._data_dir)
        data = _unpacked(first, file) if first.name == CIFAR_ARCHIVE else _named(paths, file).read_bytes()
        if not data or len(data) % _RECORD:
            raise UserError(
                f"{file} in {self._data_dir} has {len(data)} bytes, expected records of {_RECORD}; replace it"
            )
        return np.frombuffer(data, np.uint8).reshape(-1, _RECORD)


def _named(paths: Sequence[Path], name: str) -> Path:
    return next(path for path in paths if path.name == name)


def _present(data_set: str, path: Path) -> Path:
    if not path.is_file():
        raise UserError(f"{data_set}: {path.name} not found in {path.parent}; place it there")
    if path.stat().st_size > _LARGEST:
        raise UserError(f"{path} is larger than {data_set}'s; replace it by the original")
    return path


def _unpacked(archive: Path, file: str) -> bytes:
    try:
        with tarfile.open(archive) as tar:
            stream = tar.extractfile(f"{CIFAR_FOLDER}/{file}")
            data = b"" if stream is None else stream.read(_LARGEST)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise UserError(f"{archive} holds no {CIFAR_FOLDER}/{file} ({first_line(error)}); replace it") from error
    return data


def _one(images: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(images[index])
