"""Data sets: original files, found or downloaded, verified, memory-mapped as one uint8 array.

MNIST comes in four IDX files (big-endian header, then the bytes of all pictures). An unpacked IDX file *is* a binary
array, so it is what the cache keeps and what is mapped into memory; nothing is converted before a batch is drawn.
"""

import contextlib
import gzip
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .atomic import discard_unfinished, write_atomically
from .errors import UserError, first_line

Split = Literal["train", "test"]
CACHE_VARIABLE, OFFLINE_VARIABLE = "INFOGAN_CACHE", "INFOGAN_OFFLINE"
_CHUNK = 1 << 20


class IdxFile(NamedTuple):
    """One original file: its name without .gz, and the size and SHA-256 of its unpacked contents."""

    name: str
    size: int
    sha256: str


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
    images = _read_idx(_locate(name, image_file, data_dir, download), dimensions=3)
    labels = _read_idx(_locate(name, label_file, data_dir, download), dimensions=1)
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


def cache_folder() -> Path:
    """Where unpacked files are kept: $INFOGAN_CACHE, or the user's cache folder."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("infogan"))


def _locate(name: str, file: IdxFile, data_dir: Path | None, download: bool) -> Path:
    """The path of the unpacked, verified file, unpacking or downloading it into the cache where necessary."""
    if data_dir is not None and (data_dir / file.name).is_file():
        return _verified(data_dir / file.name, file)
    packed = None if data_dir is None else data_dir / f"{file.name}.gz"
    found = packed is not None and packed.is_file()
    cached = cache_folder() / name / file.name
    if _is_intact(cached, file):
        if packed is not None and found:  # what the user gave is checked even where it is not needed
            _check_packed(packed, file)
        return cached
    offline = bool(os.environ.get(OFFLINE_VARIABLE))
    if not found and (offline or not download):
        raise UserError(
            f"{name}: {file.name} or {file.name}.gz not found in {data_dir or cached.parent}; "
            f"name the folder that holds it with --data-dir{_or_go_online(offline and download)}"
        )
    with _alone():
        discard_unfinished(cached.parent)
        if _is_intact(cached, file):  # another process was quicker
            pass
        elif packed is not None and found:
            _unpack(packed, cached, file)
        else:
            _download(name, file, cached, data_dir)
    return cached


def _or_go_online(would_help: bool) -> str:
    return f", or unset {OFFLINE_VARIABLE}, and it is downloaded" if would_help else ""


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process fills the cache: two would download the same, and one undo the other's work."""
    import filelock

    folder = cache_folder()
    lock = filelock.FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise UserError(
            f"cannot write the cache {folder}: {error.strerror or error}; name a folder of your own in {CACHE_VARIABLE}"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _is_intact(path: Path, file: IdxFile) -> bool:
    """Whether a cached file is there and undamaged; a damaged one is made again."""
    try:
        return path.is_file() and _verified(path, file) == path
    except UserError:
        return False


def _verified(path: Path, file: IdxFile) -> Path:
    if path.stat().st_size != file.size:
        raise UserError(
            f"{path} has {path.stat().st_size} bytes, expected {file.size}: it is truncated or another file; "
            "replace it by the original"
        )
    with path.open("rb") as stream:
        _check_digest(path, file, _digest(stream))
    return path


def _digest(stream: BinaryIO) -> Any:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest


def _check_digest(path: Path, file: IdxFile, digest: Any) -> None:
    if digest.hexdigest() != file.sha256:
        raise UserError(
            f"{path} was altered: its contents do not have {file.name}'s SHA-256; replace it by the original"
        )


def _unpack(packed: Path, target: Path, file: IdxFile) -> None:
    write_atomically(target, lambda stream: _check_packed(packed, file, stream))


def _check_packed(packed: Path, file: IdxFile, copy: BinaryIO | None = None) -> None:
    """Verify the unpacked contents, and write them to ``copy``."""
    digest = hashlib.sha256()
    for chunk in _inflate(packed, file.size):
        digest.update(chunk)
        if copy is not None:
            copy.write(chunk)
    _check_digest(packed, file, digest)


def _inflate(packed: Path, size: int) -> Iterator[bytes]:
    """The unpacked contents in pieces; stops with an error at the first byte too many or too few."""
    left = size
    try:
        with gzip.open(packed) as stream:
            while chunk := stream.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise UserError(f"{packed} cannot be unpacked ({first_line(error)}); replace it by the original") from error
    if left != 0:
        raise UserError(
            f"{packed} does not unpack to {size} bytes: it is truncated or another file; replace it by the original"
        )


class _Limited:
    """A file that takes so many bytes and no more: a server may send without end."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left = stream, limit
        self.flush = stream.flush

    def write(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError("it sends more than the file can have")
        self._stream.write(chunk)


def _fetch(address: str, limit: int, stream: BinaryIO) -> None:
    import pooch

    pooch.get_logger().info(f"Downloading {address}")
    # Else a server that says it has packed the packed file once more has it unpacked on arrival.
    fetch = pooch.HTTPDownloader(timeout=30, headers={"Accept-Encoding": "identity"})
    try:
        fetch(address, _Limited(stream, limit), None)
    except OSError as error:  # those of requests are too, and have nothing to do with the file
        raise UserError(first_line(error)) from error


def _download(name: str, file: IdxFile, target: Path, data_dir: Path | None) -> None:
    limit = file.size + file.size // 1000 + 1000  # gzip makes nothing larger than this
    failures = []
    for mirror in DATA_SETS[name].mirrors:
        address = f"{mirror}{file.name}.gz"
        packed = target.parent / f"{file.name}.gz"
        try:
            write_atomically(packed, partial(_fetch, address, limit))
            _unpack(packed, target, file)
        except Exception as error:  # requests, urllib3 and the operating system raise dozens of types
            failures.append(f"{address} ({first_line(error)})")
        else:
            return
        finally:
            packed.unlink(missing_ok=True)
    where = f"{file.name}.gz is not in {data_dir} and" if data_dir else f"{file.name}.gz"
    raise UserError(
        f"{name}: {where} could not be downloaded from {' or '.join(failures)}; "
        "place it in a folder and name that with --data-dir"
    )


def _read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Map an unpacked IDX file of unsigned bytes; its size was checked before, its header is checked here."""
    header = 4 + 4 * dimensions
    with path.open("rb") as stream:
        head = stream.read(header)
    if len(head) < header or head[:4] != bytes((0, 0, 8, dimensions)):
        raise UserError(f"{path} is not an IDX file of bytes in {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", head[4:])
    if header + int(np.prod(shape, dtype=object)) != path.stat().st_size:
        raise UserError(f"{path} is truncated: its header promises {shape} bytes, the file has {path.stat().st_size}")
    if 0 in shape:  # the other numbers may be anything then, and numpy multiplies them
        raise UserError(f"{path} is empty: its header promises {shape}; replace it by the original")
    return np.memmap(path, np.uint8, "r", header, shape)
