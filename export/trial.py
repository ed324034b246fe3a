"""The first load of a bundle from elsewhere, in a process of its own that may use little.

What the checks before loading let through may still ask onnxruntime for too much, or find a fault in it: then that
process ends, and not the one with the user's work in it.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from ..trainer.errors import UserError
from .bundle import MOST_ROWS, Bundle, BundleError, check
from .container import MANIFEST, MEMBERS, Members, read_members
from .stored_zip import read_stored, write_stored

SECONDS = 30  # that it may take in all, on a machine with much else to do
CPU_SECONDS = 20
MEMORY = 2 << 30  # bytes of address space; the bundled CNN needs 0.45 GB
FLAG = "--try-bundle"  # of a frozen app, whose Python has no -m; app.py knows it too


def open_tried(path: Path, known: Collection[str] = (), threads: int = 1) -> Bundle:
    """Open a bundle as :meth:`Bundle.open` does, after a trial unless it is known.

    Args:
        path: the file or folder; it is read once.
        known: :attr:`Bundle.fingerprint` of bundles that were opened before.
        threads: how many threads share one operator.

    Raises:
        BundleError: as :meth:`Bundle.open`; or it takes more memory or time than a bundle needs.
    """
    members = read_members(path)
    if hashlib.sha256(members[MANIFEST]).hexdigest() not in known:
        check(members, path)
        try_out(members, path)
    return Bundle.verified(members, path, threads)


def try_out(members: Members, path: Path) -> None:
    """Load the members and run both networks in a process of its own.

    Raises:
        BundleError: they were refused there, or that process did not come to its end.
    """
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, *([FLAG] if frozen else ["-m", __name__]), str(path)]
    try:
        done = subprocess.run(
            command,
            input=write_stored(members),
            capture_output=True,
            timeout=SECONDS,
            # Each of numpy's threads would take address space.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(f"{path} is not a usable bundle: it took longer than {SECONDS} s to load") from error
    except OSError as error:
        raise BundleError(
            f"{path} cannot be tried out: {error.strerror or error}; free some memory and retry"
        ) from error
    if done.returncode == 1:
        raise BundleError(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
    if done.returncode:
        raise BundleError(f"{path} is not a usable bundle: loading it ended a process (status {done.returncode})")


def main(argv: Sequence[str] | None = None) -> int:
    """The process: a ZIP of the members on stdin, the path to name in what it says on stderr.

    Returns:
        0, or 1 after a sentence.
    """
    (name,) = sys.argv[1:] if argv is None else argv
    path = Path(name)
    try:
        members = dict(read_stored(sys.stdin.buffer.read(), len(MEMBERS)))
        limit_resources()
        bundle = Bundle.verified(members, path)
        z, c = bundle.latents.sample(np.random.default_rng(0), MOST_ROWS)
        images = bundle.generate(z, c)
        bundle.infer(images)
        if bundle.has_encoder:
            bundle.encode(images)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:  # onnxruntime raises dozens of types where memory ends
        print(f"{path} is not a usable bundle: its networks cannot be run ({type(error).__name__})", file=sys.stderr)
        return 1
    return 0


def limit_resources() -> None:
    """Bound memory and time, and let nothing be written, where the system can: Windows cannot."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(kind, (most, hard))


if __name__ == "__main__":
    sys.exit(main())
