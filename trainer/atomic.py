"""Files that are written whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from .errors import UserError

_UNFINISHED = ".part"


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, flush it to the disk and rename it to ``path``.

    A reader, and a process killed at any instant, finds the old file or the new one. The temporary file's name
    starts with a dot, carries the target's name and ends in .part; it is removed when anything goes wrong.

    Raises:
        UserError: the operating system refused (disk full, no permission, ...).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=_UNFINISHED)
    except OSError as error:
        raise _explained(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes private files; these are meant to be shared
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _explained(path, error) from error
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` as :func:`write_atomically` does."""
    write_atomically(path, lambda file: file.write(data))


def discard_unfinished(folder: Path, name: str = "*") -> None:
    """Remove the temporary files that a killed process left in a folder, where nobody else writes there now.

    Args:
        folder: in which they are.
        name: of the file that they should have become, as a pattern; by default of any.
    """
    for path in folder.glob(f".{name}-*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            path.unlink()


def _explained(path: Path, error: OSError) -> UserError:
    return UserError(f"cannot write {path}: {error.strerror or error}; nothing was left half-written there")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows neither needs nor allows it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
