"""A bundle's outer form: a ZIP of STORED entries, or a folder, with a fixed set of members, one of them optional."""

import os
import shutil
import tempfile
from pathlib import Path

from ..trainer.atomic import write_bytes
from ..trainer.errors import UserError
from .stored_zip import read_stored, write_stored

SUFFIX = ".infogan"
MANIFEST = "manifest.json"
GENERATOR = "generator.onnx"
RECOGNITION = "recognition.onnx"
ENCODER = "encoder.onnx"  # optional
GOLDEN = "golden.npz"
CARD = "README.md"
MEMBERS = (MANIFEST, GENERATOR, RECOGNITION, ENCODER, GOLDEN, CARD)  # in the order in which they are written
MAX_BYTES = 256 << 20
_MOST_MEMBERS = 16  # more than there are, so that what is wrong can be said

Members = dict[str, bytes]


class BundleError(UserError):
    """A bundle that cannot be used or written: one sentence that names the file and what is wrong with it."""


def read_members(path: Path) -> Members:
    """Read all members of a bundle, file or folder.

    Raises:
        BundleError: not there, not a ZIP, compressed entries, missing, extra or doubled members, or too large.
    """
    if path.is_dir():
        return _read_folder(path)
    try:
        return _read_zip(path, _read_file(path, MAX_BYTES, path))
    except FileNotFoundError as error:
        raise BundleError(f"{path} does not exist; expected a {SUFFIX} bundle") from error
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}") from error


def _read_file(file: Path, limit: int, bundle: Path) -> bytes:
    """The bytes of a regular file; a device or a pipe could go on for ever."""
    if not file.is_file():
        if file.exists():
            raise BundleError(f"{bundle} is not a bundle: {file.name} is not a regular file")
        raise FileNotFoundError
    with file.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size <= limit:
            data = stream.read(limit + 1)  # it may grow meanwhile
            if len(data) <= limit:
                return data
    raise BundleError(f"{bundle} is larger than {MAX_BYTES >> 20} MB, too large for a bundle")


def _read_zip(path: Path, data: bytes) -> Members:
    try:
        members = read_stored(data, _MOST_MEMBERS)
    except ValueError as error:
        raise BundleError(
            f"{path} is not a bundle or is damaged ({error}); expected what infogan-export writes"
        ) from error
    _check_names(path, [name for name, _ in members])
    return dict(members)


def _read_folder(path: Path) -> Members:
    try:
        _check_names(path, sorted(member.name for member in path.iterdir()))
        members: Members = {}
        for name in (name for name in MEMBERS if name != ENCODER or (path / ENCODER).exists()):
            if (path / name).is_symlink():
                raise BundleError(f"{path} is not a bundle: {name} is a link")
            members[name] = _read_file(path / name, MAX_BYTES - sum(map(len, members.values())), path)
        return members
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}") from error


def _check_names(path: Path, names: list[str]) -> None:
    missing = [name for name in MEMBERS if name not in names and name != ENCODER]
    if missing:
        raise BundleError(f"{path} is not a bundle: {missing[0]} is missing; infogan-export makes one from a run")
    if len(set(names)) != len(names) or not set(names) <= set(MEMBERS):
        extra = sorted(set(names) - set(MEMBERS)) or ["a doubled member"]
        raise BundleError(f"{path} is not a bundle: it also holds {extra[0]}")


def is_bundle(path: Path) -> bool:
    """Whether ``path`` looks like a bundle, a file of that ending or a folder with a manifest, rather than a run."""
    return path.suffix == SUFFIX or (path / MANIFEST).is_file()


def check_free(path: Path) -> None:
    """Refuse to write over something, or a file that nobody would take for a bundle.

    Raises:
        BundleError: ``path`` exists, or has another ending than .infogan.
    """
    if path.suffix not in ("", SUFFIX):
        raise BundleError(f"{path} must end in {SUFFIX}, or have no ending to become a folder")
    if path.exists():
        raise BundleError(f"{path} exists; choose another -o, or remove it first")


def write_members(path: Path, members: Members) -> None:
    """Write a bundle, a ZIP where the name ends in .infogan and a folder otherwise; whole or not at all.

    Raises:
        UserError: ``path`` exists, or it could not be written.
    """
    check_free(path)
    if path.suffix == SUFFIX:
        write_bytes(path, write_stored({name: members[name] for name in MEMBERS if name in members}))
    else:
        _write_folder(path, members)


def _write_folder(path: Path, members: Members) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    except OSError as error:
        raise BundleError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        for name, content in members.items():
            write_bytes(temporary / name, content)
        temporary.chmod(0o755)
        temporary.rename(path)
    except OSError as error:
        raise BundleError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
