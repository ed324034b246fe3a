"""Files of a folder, or of a zip as if it were one."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .decoding import MAX_BYTES, SUFFIXES, PictureError
from .errors import UserError, first_line
from .originals import digest_of

_MOST_FILES = 2_000_000


class File(NamedTuple):
    """One file: its path within, with forward slashes, and what gives its bytes or raises PictureError."""

    path: str
    read: Callable[[], bytes]


class Archive(NamedTuple):
    """All files, sorted by path, and what tells these contents from others."""

    files: tuple[File, ...]
    identity: str


def open_archive(path: Path, wanted: Callable[[str], bool] = lambda path: True) -> Archive:
    """List a folder or a zip.

    Args:
        path: of it.
        wanted: tells by its path within which file is listed; others do not count among the contents of a folder.

    Raises:
        UserError: neither, damaged, or more files than anyone has pictures.
    """
    if path.is_dir():
        return _folder(path, wanted)
    if not path.is_file():
        raise UserError(f"{path} does not exist; expected a folder or a zip of pictures")
    return _zip(path, wanted)


def open_pictures(path: Path) -> Archive:
    """List the pictures of a folder or a zip, by the ends of their names.

    Raises:
        UserError: as :func:`open_archive`, or there is none.
    """
    archive = open_archive(path, _is_picture)
    if not archive.files:
        raise UserError(f"{path} holds no picture; expected files ending in {', '.join(sorted(SUFFIXES))}")
    return archive


def _is_picture(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES and not path.startswith("__MACOSX/")


def _folder(root: Path, wanted: Callable[[str], bool]) -> Archive:
    found = []
    for folder, _, names in os.walk(root):
        found += [Path(folder, name) for name in names if not name.startswith(".") and wanted(name)]
    _check_number(root, len(found))
    identity = hashlib.sha256()
    files = []
    for path in sorted(found, key=lambda path: path.relative_to(root).as_posix()):
        inner = path.relative_to(root).as_posix()
        try:
            known = path.stat()
        except OSError:
            known = path.lstat()  # a link to nowhere: reading it will say so
        identity.update(f"{inner}\0{known.st_size}\0{known.st_mtime_ns}\0".encode(errors="surrogateescape"))
        files.append(File(inner, partial(_bytes_of, path)))
    return Archive(tuple(files), identity.hexdigest())


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PictureError(error.strerror or "cannot be read") from error


def _zip(path: Path, wanted: Callable[[str], bool]) -> Archive:
    try:
        archive = zipfile.ZipFile(path)
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and wanted(entry.filename)]
        entries.sort(key=lambda entry: entry.filename)
    except Exception as error:  # a damaged zip makes the standard library raise nearly anything
        raise UserError(f"{path} is not a zip that can be read ({first_line(error)}); expected pictures") from error
    _check_number(path, len(entries))
    return Archive(tuple(File(entry.filename, partial(_entry, archive, entry)) for entry in entries), digest_of(path))


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The contents of one entry, no more of them than a picture may have, whatever the zip promises."""
    try:
        with archive.open(entry) as stream:
            return stream.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise PictureError(f"damaged in the zip: {first_line(error)}") from error


def _check_number(path: Path, number: int) -> None:
    if number > _MOST_FILES:
        raise UserError(f"{path} holds {number:,} files, more than {_MOST_FILES:,}; split it")
