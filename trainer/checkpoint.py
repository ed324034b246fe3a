"""Checkpoints: one file a step, written whole, verified before it is read, plain tensors and plain data only.

A file is one header line, ``infogan-checkpoint VERSION SHA256 LENGTH``, then what ``torch.save`` wrote. torch itself
loads a file with a flipped byte without a word, so the digest is checked first.
"""

import contextlib
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any, BinaryIO

import torch

from .atomic import write_atomically, write_bytes
from .config import TrainConfig
from .errors import UserError, first_line

FORMAT_VERSION = 2
KEEP = 2
BEST = "best.pt"
_MAGIC = "infogan-checkpoint"
_NAME = re.compile(r"step-(\d{8,})\.pt")

State = dict[str, Any]


class CheckpointError(UserError):
    """A checkpoint that cannot be used, and why."""


class DamagedCheckpointError(CheckpointError):
    """A checkpoint whose contents are not what was written."""


def save(run: Path, state: State, best: bool) -> Path:
    """Write ``state`` (with its "step") to the run's checkpoints, and to best.pt too when it is the best so far.

    The newest two and the best are kept.

    Raises:
        UserError: the file could not be written; the checkpoints before it are untouched.
    """
    expected = _Digest()
    torch.save(state, expected)  # type: ignore[arg-type]  # torch asks for more of a file than it uses

    def write(file: BinaryIO) -> None:
        file.write(expected.header())
        written = _Digest(file)
        try:
            torch.save(state, written)  # type: ignore[arg-type]
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # a full disk: torch goes on, and stumbles over the gap
                raise error.__context__ from None
            raise
        if written.header() != expected.header():
            raise UserError(f"{path} was not kept: torch wrote the same state in two ways; use another version of it")

    path = folder(run) / f"step-{state['step']:08d}.pt"
    write_atomically(path, write)
    if best:
        write_atomically(folder(run) / BEST, write)
    for _, old in numbered(run)[:-KEEP]:
        if old != path:  # a run that goes back writes one that is older than those that are there
            with contextlib.suppress(OSError):
                old.unlink()
    return path


def read(path: Path) -> State:
    """Verify and read one checkpoint.

    Raises:
        CheckpointError: not a checkpoint, of another version, or damaged.
    """
    try:
        header, _, payload = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise CheckpointError(f"cannot read checkpoint {path}: {error.strerror}") from error
    magic, *rest = header[:200].decode("ascii", "replace").split(" ")
    if magic != _MAGIC or len(rest) != 3:
        raise DamagedCheckpointError(f"{path} is not an infogan checkpoint; expected a file that infogan-train wrote")
    version, digest, length = rest
    if version != str(FORMAT_VERSION):
        raise CheckpointError(
            f"{path} is a checkpoint of version {version}, this program reads version {FORMAT_VERSION}; "
            "use the release that wrote it"
        )
    if length != str(len(payload)) or digest != hashlib.sha256(payload).hexdigest():
        raise DamagedCheckpointError(
            f"{path} is damaged: its contents do not match their SHA-256; use another checkpoint of the run"
        )
    try:
        state: State = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the contents provoke in torch's unpickler
        raise CheckpointError(f"{path} holds more than plain tensors and data ({first_line(error)})") from error
    return state


def newest(run: Path) -> tuple[State, list[str]]:
    """The newest checkpoint of a run that verifies, best.pt last, and a sentence for each damaged one passed over.

    A damaged file is moved aside as ``*.corrupt``.

    Raises:
        CheckpointError: there is none.
    """
    warnings: list[str] = []
    candidates = [path for _, path in reversed(numbered(run))] + [folder(run) / BEST]
    for path in (path for path in candidates if path.is_file()):
        try:
            return read(path), warnings
        except DamagedCheckpointError as error:
            with contextlib.suppress(OSError):  # on a read-only disk it stays where it is
                path.replace(path.with_name(path.name + ".corrupt"))
            warnings.append(f"{error}; the one before is used")
    raise CheckpointError(f"{run} holds no usable checkpoint; expected {folder(run)}/step-*.pt")


def open_run_or_checkpoint(path: Path) -> tuple[State, list[str]]:
    """The newest checkpoint of a run folder, or one checkpoint, and a sentence for each damaged file passed over.

    Raises:
        CheckpointError: neither, or nothing usable in it.
    """
    if path.is_dir():
        return newest(path)
    if not path.exists():
        raise CheckpointError(f"{path} does not exist; expected a run folder or a checkpoint")
    return read(path), []


def run_of(path: Path) -> Path | None:
    """The run folder that ``path`` is or that holds this checkpoint; None for a checkpoint that lies elsewhere."""
    if path.is_dir():
        return path
    parent = path.absolute().parent
    return parent.parent if parent.name == "checkpoints" else None


def config_of(state: State) -> TrainConfig:
    """The settings that a checkpoint was trained with.

    Raises:
        CheckpointError: it holds none that can be read.
    """
    try:
        settings = json.loads(state["config"])
        config = TrainConfig.from_json({"encoder_steps": 0, **settings})  # runs before there was one ask for none
        config.check()
        return config
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the checkpoint holds no readable settings ({error})") from error


def set_aside_later(run: Path, step: int) -> list[str]:
    """Rename checkpoints after ``step``, best.pt too, to ``*.superseded``: from there the run takes another path.

    Without another best the newest that is left stands for it.

    Returns:
        The names of those that were renamed.
    """
    later = [path for after, path in [*numbered(run), *_best(run)] if after > step]
    for path in later:
        path.replace(path.with_name(path.name + ".superseded"))
    left = numbered(run)
    if left and not (folder(run) / BEST).exists():
        write_bytes(folder(run) / BEST, left[-1][1].read_bytes())
    return [path.name for path in later]


def _best(run: Path) -> list[tuple[int, Path]]:
    """(step, path) of best.pt, where it can be read."""
    path = folder(run) / BEST
    try:
        return [(read(path)["step"], path)]
    except (CheckpointError, KeyError):
        return []


def folder(run: Path) -> Path:
    """Where a run keeps its checkpoints."""
    return run / "checkpoints"


def numbered(run: Path) -> list[tuple[int, Path]]:
    """(step, path) of the run's checkpoints, oldest first; best.pt is not among them."""
    found = ((_NAME.fullmatch(path.name), path) for path in folder(run).glob("step-*.pt"))
    return sorted((int(match[1]), path) for match, path in found if match)


class _Digest:
    """A file that remembers the digest and the length of what is written to it, and passes it on where it is told to.

    torch writes the same bytes each time: so none have to be kept in memory to begin a file with their digest.
    """

    def __init__(self, file: BinaryIO | None = None) -> None:
        self._sha256, self._length, self._file = hashlib.sha256(), 0, file

    def header(self) -> bytes:
        """The first line of a checkpoint with these contents."""
        return f"{_MAGIC} {FORMAT_VERSION} {self._sha256.hexdigest()} {self._length}\n".encode()

    def write(self, data: bytes | memoryview) -> int:
        """Count it."""
        if self._file is not None:
            self._file.write(data)
        count = memoryview(data).nbytes
        self._sha256.update(data)
        self._length += count
        return count

    def flush(self) -> None:
        """Nothing waits."""
