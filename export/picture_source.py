"""Pictures of any number, read in pieces and prepared for a bundle: a folder, a zip, an IDX file or an array."""

import abc
import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..trainer.archives import open_pictures
from ..trainer.decoding import PictureError, decode
from ..trainer.errors import UserError, first_line
from .framing import Framing, framed

Array = NDArray[np.float32]
Shape = tuple[int, int, int]
_IDX_PICTURES = bytes((0, 0, 8, 3))
_PACKED = bytes((0x1F, 0x8B))
_MOST_SIDE = 1024  # pixels of a picture whose ink is looked for
_ROUNDING = 1e-3  # of levels of [0, 1] that were computed


class Piece(NamedTuple):
    """Some pictures of a source.

    Attributes:
        places: of each that could be read, its place in the source, (n,).
        names: of each, its file; empty where the source has no files.
        images: (n, C, H, W) float32 in [0, 1], as the bundle's networks know them.
        unread: the others, each with what is wrong.
    """

    places: NDArray[np.int64]
    names: list[str]
    images: Array
    unread: list[str]


class PictureSource(Protocol):
    """Where pictures come from.

    Attributes:
        identity: tells these contents from others.
        total: how many pictures, of which some may turn out to be unreadable.
        has_names: whether its pictures are files.
    """

    identity: str
    total: int
    has_names: bool

    def pieces(self, start: int, size: int) -> Iterator[Piece]:
        """From the picture ``start`` on, ``size`` at a time.

        Raises:
            UserError: what an array or an IDX file holds is not what its header promises.
        """
        ...


def open_source(path: Path, shape: Shape, framing: Framing) -> PictureSource:
    """Recognise a source by its contents.

    Args:
        path: a folder or zip of pictures in files, an IDX file of bytes, packed by gzip or not, or a .npy array, uint8
            or of levels in [0, 1], (n, H, W), (n, C, H, W) or (n, H, W, C). Pictures in files may have any size and
            are prepared as ``framing`` says, others are taken as they are.
        shape: channels, height and width that the bundle takes.
        framing: how the bundle's pictures were prepared.

    Raises:
        UserError: none of these, nothing in it, or pictures of another shape.
    """
    if path.is_dir():
        return _Files(path, shape, framing)
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror or error}); name a folder, a zip, an IDX file or a .npy array"
        ) from error
    if start.startswith(b"\x93NUMPY"):
        return _NumpyFile(path, shape)
    if start.startswith((_IDX_PICTURES, _PACKED)):
        return _IdxFile(path, shape)
    return _Files(path, shape, framing)


class _Files:
    """Pictures in files of their own; one that cannot be read never keeps the others from being read."""

    has_names = True

    def __init__(self, path: Path, shape: Shape, framing: Framing) -> None:
        archive = open_pictures(path)
        self._files = archive.files
        self.identity, self.total = archive.identity, len(self._files)
        self._shape, self._framing = shape, framing

    def pieces(self, start: int, size: int) -> Iterator[Piece]:
        for first in range(start, self.total, size):
            yield self._piece(range(first, min(first + size, self.total)))

    def _piece(self, places: range) -> Piece:
        read, names, images, unread = [], [], [], []
        for place in places:
            file = self._files[place]
            name = file.path.encode(errors="surrogateescape").decode(errors="replace")
            try:
                images.append(self._prepared(file.read()))
            except PictureError as error:
                printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
                unread.append(f"{printable} ({error})")
            else:
                read.append(place)
                names.append(name)
        stacked = np.stack(images) if images else np.zeros((0, *self._shape), np.float32)
        return Piece(np.array(read, np.int64), names, stacked, unread)

    def _prepared(self, data: bytes) -> Array:
        try:
            pixels = decode(data, "L" if self._shape[0] == 1 else "RGB")
            if self._framing.centred:
                pixels = _shrunk(pixels)
            levels = pixels.astype(np.float32) / np.float32(255)
            prepared = framed(levels[..., 0] if self._shape[0] == 1 else levels, self._shape, self._framing)
        except MemoryError as error:
            raise PictureError("too large for the memory there is") from error
        if prepared is None:
            raise PictureError("of one shade, there is no ink")
        return prepared


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A photograph (h, w, C) of which blocks of pixels are averaged: ink is found in one of a moderate size."""
    factor = max(pixels.shape[:2]) // _MOST_SIDE
    if factor < 2:
        return pixels
    smaller = np.asarray(Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).reduce(factor))
    return smaller.reshape(*smaller.shape[:2], -1)


class _Rows(abc.ABC):
    """Pictures one after the other in a file, read as a stream: mapped, they would count as memory that is used."""

    has_names = False
    total: int

    def __init__(self, path: Path) -> None:
        self._path = path
        known = path.stat()
        self.identity = f"{path.name} {known.st_size} {known.st_mtime_ns}"

    def pieces(self, start: int, size: int) -> Iterator[Piece]:
        with self._opened(start) as stream:
            for first in range(start, self.total, size):
                n = min(size, self.total - first)
                yield Piece(np.arange(first, first + n), [], self._levels(self._rows(stream, n), first), [])

    @abc.abstractmethod
    def _opened(self, start: int) -> AbstractContextManager[BinaryIO]:
        """The stream, at the picture ``start``."""

    @abc.abstractmethod
    def _rows(self, stream: BinaryIO, n: int) -> NDArray[Any]:
        """The next n pictures, (n, C, H, W) of any type."""

    def _levels(self, rows: NDArray[Any], first: int) -> Array:
        if rows.dtype == np.uint8:
            return rows.astype(np.float32) / np.float32(255)
        levels = rows.astype(np.float32)
        good = ((levels >= -_ROUNDING) & (levels <= 1 + _ROUNDING)).all((1, 2, 3))
        if not good.all():
            raise UserError(
                f"{self._path}: picture {first + int(good.argmin())} has levels outside of [0, 1]; give uint8, or "
                "divide by the largest level"
            )
        return levels.clip(0, 1)


class _IdxFile(_Rows):
    """An IDX file of bytes in three dimensions (http://yann.lecun.com/exdb/mnist), as it is or packed by gzip."""

    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(path)
        with path.open("rb") as plain:
            self._packed = plain.read(2) == _PACKED
        with self._reading() as stream:
            head = stream.read(16)
        if len(head) < 16 or head[:4] != _IDX_PICTURES:
            raise UserError(
                f"{path} is not an IDX file of bytes in 3 dimensions; expected such as MNIST's pictures are in"
            )
        self.total, height, width = struct.unpack(">3I", head[4:])
        self._shape, self._size = shape, height * width
        _check_shape(path, (height, width), shape)
        _check_some(path, self.total)
        if not self._packed and path.stat().st_size != 16 + self.total * self._size:
            raise _truncated(path, self.total)

    @contextmanager
    def _opened(self, start: int) -> Iterator[BinaryIO]:
        with self._reading() as stream:
            stream.seek(16 + start * self._size)
            yield stream
            if stream.read(1):  # gzip's own check comes at the end too
                raise _truncated(self._path, self.total)

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        try:
            with gzip.open(self._path) if self._packed else self._path.open("rb") as stream:
                yield cast(BinaryIO, stream)
        except (EOFError, OSError, zlib.error) as error:
            raise UserError(f"{self._path} cannot be read ({first_line(error)}); replace it by the original") from error

    def _rows(self, stream: BinaryIO, n: int) -> NDArray[np.uint8]:
        data = stream.read(n * self._size)
        if len(data) < n * self._size:
            raise _truncated(self._path, self.total)
        return np.frombuffer(data, np.uint8).reshape(n, *self._shape)


class _NumpyFile(_Rows):
    """An array of pictures in numpy's own format."""

    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(path)
        try:
            array = np.lib.format.open_memmap(path, "r")
        except Exception as error:  # numpy's parser of headers raises dozens of types
            raise UserError(
                f"{path} is no array that can be read ({first_line(error)}); save it by numpy.save"
            ) from error
        if array.dtype != np.uint8 and array.dtype.kind != "f":
            raise UserError(f"{path} holds {array.dtype}; expected uint8, or floating-point levels in [0, 1]")
        if array.ndim < 3 or not array.flags.c_contiguous:
            raise UserError(f"{path} is no array of pictures in rows; expected (n, {shape[1]}, {shape[2]}), in C order")
        self._channels_last = array.shape[1:] == (*shape[1:], shape[0]) and array.shape[1:] != shape
        if not self._channels_last:
            _check_shape(path, array.shape[1:], shape)
        _check_some(path, len(array))
        self.total, self._dtype, self._row, self._offset = len(array), array.dtype, array.shape[1:], array.offset
        self._shape = shape

    @contextmanager
    def _opened(self, start: int) -> Iterator[BinaryIO]:
        with self._path.open("rb") as stream:
            stream.seek(self._offset + start * self._dtype.itemsize * int(np.prod(self._row)))
            yield stream

    def _rows(self, stream: BinaryIO, n: int) -> NDArray[Any]:
        size = n * self._dtype.itemsize * int(np.prod(self._row))
        data = stream.read(size)
        if len(data) < size:
            raise _truncated(self._path, self.total)
        rows = np.frombuffer(data, self._dtype).reshape(n, *self._row)
        return rows.transpose(0, 3, 1, 2) if self._channels_last else rows.reshape(n, *self._shape)


def _check_shape(path: Path, found: tuple[int, ...], shape: Shape) -> None:
    if found not in (shape, shape[1:]) or (found != shape and shape[0] != 1):
        text = " x ".join(map(str, found))
        raise UserError(
            f"{path} has pictures of {text}, the bundle takes {' x '.join(map(str, shape))}; a folder of picture files "
            "may have any size"
        )


def _check_some(path: Path, total: int) -> None:
    if not total:
        raise UserError(f"{path} is empty; expected at least one picture")


def _truncated(path: Path, total: int) -> UserError:
    return UserError(f"{path} is truncated or damaged: its header promises {total:,} pictures; replace it")
