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
from .originals import Original, digest_of, fetched
from .pictures import Preparation, Split

_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32
_LARGEST = 2**30
CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SVHN_MIRROR = "http://ufldl.stanford.edu/housenumbers/"
SVHN_FILES: dict[Split, Original] = {
    "train": Original(
        "train_32x32.mat", 182_040_794, "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"
    ),
    "test": Original("test_32x32.mat", 64_275_384, "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
}
CIFAR_MIRROR, CIFAR_FOLDER = "https://www.cs.toronto.edu/~kriz/", "cifar-10-batches-bin"
CIFAR_ARCHIVE = Original(
    "cifar-10-binary.tar.gz", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
)
CIFAR_FILES: dict[Split, tuple[str, ...]] = {
    "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("test_batch.bin",),
}


class SmallPhotos(abc.ABC):
    """What both have in common: arrays of 32x32 with labels, read whole, once.

    The official files are taken from ``data_dir``; what is missing there is downloaded.
    """

    name: str
    labelling: str | None = "class"
    attributes: dict[str, tuple[str, ...]]

    def __init__(self, data_dir: Path | None, preparation: Preparation, download: bool = False) -> None:
        if preparation.image_size not in (None, 32):
            raise UserError(f"--image-size {preparation.image_size}: {self.name} has pictures of 32x32; leave it out")
        if preparation.colour == "grey":
            raise UserError(f"--colour grey: {self.name} is read in colour; leave it out")
        self._data_dir, self._download = data_dir, download
        self._paths = {path.name: path for path in self._files()}
        self.identity = repr((self.name, [(name, digest_of(path)) for name, path in self._paths.items()]))

    def members(self, split: Split) -> Sequence[Member]:
        """All pictures of a split."""
        images, labels = self._arrays(split)
        return [
            Member(f"{self.name} {split} {i}", (int(label),), partial(_one, images, i))
            for i, label in enumerate(labels)
        ]

    @abc.abstractmethod
    def _files(self) -> list[Path]:
        """Those that hold both splits."""

    def _found(self, file: Original, mirror: str) -> Path:
        if self._data_dir is not None and (self._data_dir / file.name).is_file():
            return self._small(self._data_dir / file.name)
        return fetched(self.name, file, mirror, self._data_dir, self._download)

    def _small(self, path: Path) -> Path:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{path} is larger than {self.name}'s; replace it by the original")
        return path

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

    def _files(self) -> list[Path]:
        return [self._found(file, SVHN_MIRROR) for file in SVHN_FILES.values()]

    def _arrays(self, split: Split) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        from scipy.io import loadmat

        path = self._paths[SVHN_FILES[split].name]
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

    def _files(self) -> list[Path]:
        names = [name for names in CIFAR_FILES.values() for name in names]
        for folder in () if self._data_dir is None else (self._data_dir / CIFAR_FOLDER, self._data_dir):
            if all((folder / name).is_file() for name in names):
                return [self._small(folder / name) for name in names]
        return [self._found(CIFAR_ARCHIVE, CIFAR_MIRROR)]

    def _arrays(self, split: Split) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        records = np.concatenate([self._records(file) for file in CIFAR_FILES[split]])
        labels = records[:, 0].astype(np.int64)
        if labels.max() >= len(CIFAR_CLASSES):
            raise UserError(f"{self._where()}: cifar-10 has labels 0 to 9, found {labels.max()}; replace its files")
        return records[:, 1:].reshape(-1, *_SHAPE), labels

    def _records(self, file: str) -> NDArray[np.uint8]:
        archive = self._paths.get(CIFAR_ARCHIVE.name)
        data = self._paths[file].read_bytes() if archive is None else _unpacked(archive, file)
        if not data or len(data) % _RECORD:
            raise UserError(
                f"{file} in {self._where()} has {len(data)} bytes, expected records of {_RECORD}; replace it"
            )
        return np.frombuffer(data, np.uint8).reshape(-1, _RECORD)

    def _where(self) -> Path:
        """The folder that the files are in."""
        return next(iter(self._paths.values())).parent


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
