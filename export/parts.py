"""What a long job has made so far, in files beside its target: a process killed at any instant loses one piece at most.

They follow from the source and the bundle alone, so a job that goes on ends with the bytes of one that never stopped.
"""

import contextlib
import glob
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..trainer.atomic import discard_unfinished, write_bytes
from ..trainer.errors import UserError, first_line


class Part(NamedTuple):
    """The codes of some pictures.

    Attributes:
        places: of each picture, its place in the source, (n,).
        names: its file, (n,) of text; (0,) where pictures have none.
        values: what was inferred, (n, columns) float32.
        unread: pictures that could not be read, each with the reason, (k,) of text.
    """

    places: NDArray[np.int64]
    names: NDArray[np.str_]
    values: NDArray[np.float32]
    unread: NDArray[np.str_]


class Parts:
    """The parts of one job, in a folder that is named after it: two jobs with one target do not mix.

    Args:
        target: what the parts shall become; the folder lies beside it.
        identity: all that the parts follow from.

    Attributes:
        done: how many there are, from the first on without a gap.
    """

    def __init__(self, target: Path, identity: str) -> None:
        name = hashlib.sha256(identity.encode(errors="surrogateescape")).hexdigest()[:12]
        self._folder = target.with_name(f"{target.name}.{name}.parts")
        discard_unfinished(self._folder)
        discard_unfinished(target.parent, glob.escape(target.name))
        self.done = 0
        while self._path(self.done).is_file():
            self.done += 1

    def add(self, part: Part) -> None:
        """Keep the next part.

        Raises:
            UserError: it cannot be written.
        """
        stream = io.BytesIO()
        np.savez(stream, **part._asdict())
        write_bytes(self._path(self.done), stream.getvalue())
        self.done += 1

    def __iter__(self) -> Iterator[Part]:
        for number in range(self.done):
            path = self._path(number)
            try:
                with path.open("rb") as stream, np.load(stream) as arrays:
                    yield Part(**{name: arrays[name] for name in Part._fields})
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                raise UserError(
                    f"{path} is damaged ({first_line(error)}); remove {self._folder} and begin anew"
                ) from error

    def remove(self) -> None:
        """Remove them; what cannot be removed does no harm."""
        for number in range(self.done):
            with contextlib.suppress(OSError):
                self._path(number).unlink()
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.npz"
