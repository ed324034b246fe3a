"""The original files of a data set: found, downloaded, unpacked into a cache and verified."""

import contextlib
import gzip
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .atomic import discard_unfinished, write_atomically
from .errors import UserError, first_line

CACHE_VARIABLE, OFFLINE_VARIABLE = "INFOGAN_CACHE", "INFOGAN_OFFLINE"
_CHUNK = 1 << 20


class Original(NamedTuple):
    """One original file: its name, size and SHA-256; of one that is served as NAME.gz, those of its contents."""

    name: str
    size: int
    sha256: str


def cache_folder() -> Path:
    """Where unpacked files are kept: $INFOGAN_CACHE, or the user's cache folder."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("infogan"))


def located(name: str, file: Original, mirrors: Sequence[str], data_dir: Path | None, download: bool) -> Path:
    """Find, verify and where necessary unpack or download one file that is served as NAME.gz.

    Args:
        name: of the data set, and of its folder in the cache.
        file: which of its files.
        mirrors: addresses that serve it as NAME.gz, asked in turn.
        data_dir: searched first, for the file packed (.gz) or not; None: only the cache is searched.
        download: fetch it if it is missing, unless $INFOGAN_OFFLINE is set.

    Returns:
        The path of the unpacked file, in ``data_dir`` or in the cache.

    Raises:
        UserError: it is missing, truncated or altered, could not be downloaded, or the cache cannot be written.
    """
    if data_dir is not None and (data_dir / file.name).is_file():
        return _verified(data_dir / file.name, file)
    packed = None if data_dir is None else data_dir / f"{file.name}.gz"
    found = packed is not None and packed.is_file()
    cached = cache_folder() / name / file.name
    if _is_intact(cached, file):
        if packed is not None and found:  # what the user gave is checked even where it is not needed
            _check_packed(packed, file)
        return cached
    if not found:
        _check_downloadable(name, f"{file.name} or {file.name}.gz", data_dir or cached.parent, download)
    with filling_cache():
        discard_unfinished(cached.parent)
        if _is_intact(cached, file):  # another process was quicker
            pass
        elif packed is not None and found:
            _unpack(packed, cached, file)
        else:
            _download(name, f"{file.name}.gz", mirrors, data_dir, partial(_take_packed, cached, file))
    return cached


def fetched(name: str, file: Original, mirror: str, data_dir: Path | None, download: bool) -> Path:
    """The cached copy of a file that is kept as it is served, downloaded and verified where there is none.

    Args:
        name: of the data set, and of its folder in the cache.
        file: which of its files.
        mirror: the address that serves it as NAME.
        data_dir: where it was not found, to say so.
        download: fetch it if it is missing, unless $INFOGAN_OFFLINE is set.

    Raises:
        UserError: it is missing and could not be downloaded, or the cache cannot be written.
    """
    cached = cache_folder() / name / file.name
    if _is_intact(cached, file):
        return cached
    _check_downloadable(name, file.name, data_dir or cached.parent, download)
    with filling_cache():
        discard_unfinished(cached.parent)
        if not _is_intact(cached, file):  # another process may have been quicker
            _download(name, file.name, (mirror,), data_dir, partial(_take_whole, cached, file))
    return cached


def _check_downloadable(name: str, wanted: str, searched: Path, download: bool) -> None:
    offline = bool(os.environ.get(OFFLINE_VARIABLE))
    if offline or not download:
        or_go_online = f", or unset {OFFLINE_VARIABLE}, and it is downloaded" if offline and download else ""
        raise UserError(
            f"{name}: {wanted} not found in {searched}; name the folder that holds it with --data-dir{or_go_online}"
        )


@contextlib.contextmanager
def filling_cache() -> Iterator[None]:
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


def _is_intact(path: Path, file: Original) -> bool:
    """Whether a cached file is there and undamaged; a damaged one is made again."""
    try:
        return path.is_file() and _verified(path, file) == path
    except UserError:
        return False


def _verified(path: Path, file: Original) -> Path:
    if path.stat().st_size != file.size:
        raise UserError(
            f"{path} has {path.stat().st_size} bytes, expected {file.size}: it is truncated or another file; "
            "replace it by the original"
        )
    _check_digest(path, file, digest_of(path))
    return path


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _check_digest(path: Path, file: Original, digest: str) -> None:
    if digest != file.sha256:
        raise UserError(
            f"{path} was altered: its contents do not have {file.name}'s SHA-256; replace it by the original"
        )


def _unpack(packed: Path, target: Path, file: Original) -> None:
    write_atomically(target, lambda stream: _check_packed(packed, file, stream))


def _check_packed(packed: Path, file: Original, copy: BinaryIO | None = None) -> None:
    """Verify the unpacked contents, and write them to ``copy``."""
    digest = hashlib.sha256()
    for chunk in _inflate(packed, file.size):
        digest.update(chunk)
        if copy is not None:
            copy.write(chunk)
    _check_digest(packed, file, digest.hexdigest())


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
    """A file that takes so many bytes and no more, for a server may send without end; it knows their SHA-256."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left = stream, limit
        self._digest = hashlib.sha256()
        self.flush = stream.flush

    def write(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError("it sends more than the file can have")
        self._digest.update(chunk)
        self._stream.write(chunk)

    def sha256(self) -> str:
        return self._digest.hexdigest()


def _fetch(address: str, limit: int, stream: BinaryIO) -> str:
    """Download into ``stream``; the SHA-256 of what came."""
    import pooch

    pooch.get_logger().info(f"Downloading {address}")
    # Else a server that says it has packed the packed file once more has it unpacked on arrival.
    fetch = pooch.HTTPDownloader(timeout=30, headers={"Accept-Encoding": "identity"})
    limited = _Limited(stream, limit)
    try:
        fetch(address, limited, None)
    except OSError as error:  # those of requests are too, and have nothing to do with the file
        raise UserError(first_line(error)) from error
    return limited.sha256()


def _take_packed(target: Path, file: Original, address: str) -> None:
    """Download NAME.gz and unpack it."""
    limit = file.size + file.size // 1000 + 1000  # gzip makes nothing larger than this
    packed = target.parent / f"{file.name}.gz"
    try:
        write_atomically(packed, lambda stream: _fetch(address, limit, stream))
        _unpack(packed, target, file)
    finally:
        packed.unlink(missing_ok=True)


def _take_whole(target: Path, file: Original, address: str) -> None:
    """Download a file that is kept as it is."""

    def write(stream: BinaryIO) -> None:
        if _fetch(address, file.size, stream) != file.sha256:
            raise UserError(f"it does not have {file.name}'s SHA-256")

    write_atomically(target, write)


def _download(
    name: str, served: str, mirrors: Sequence[str], data_dir: Path | None, take: Callable[[str], None]
) -> None:
    """Ask one address after another for ``served`` until ``take`` got it from one."""
    failures = []
    for mirror in mirrors:
        address = f"{mirror}{served}"
        try:
            take(address)
        except Exception as error:  # requests, urllib3 and the operating system raise dozens of types
            failures.append(f"{address} ({first_line(error)})")
        else:
            return
    where = f"{served} is not in {data_dir} and" if data_dir else served
    raise UserError(
        f"{name}: {where} could not be downloaded from {' or '.join(failures)}; "
        "place it in a folder and name that with --data-dir"
    )


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Map an unpacked IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist, "the IDX file format").

    Args:
        path: of the file.
        dimensions: 3 for pictures (n, height, width), 1 for labels (n,).

    Returns:
        The array, uint8, read-only.

    Raises:
        UserError: another kind of file, nothing in it, or a header that does not fit the size.
    """
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
