"""How long the default training takes until Q reads digits well."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from infogan.trainer import checkpoint, data
from seeds import accuracy

MARKS = (0.95, 0.97)


def measure(threads: int, data_dir: Path | None) -> dict[str, Any]:
    """Seconds of training until c1 reads so many of MNIST's test digits, looked at after each epoch; seed 0.

    The names of the categories are fitted on the training split, as everywhere.
    """
    data.load("mnist", data_dir, "train")  # a download is not part of the training
    with tempfile.TemporaryDirectory() as folder:
        run, kept = Path(folder) / "run", Path(folder) / "kept"
        kept.mkdir()
        command = [sys.executable, "-m", "infogan.trainer", "--out", str(run), "--threads", str(threads)]
        command += ["--encoder-steps", "0", "--save-every", "1"]
        command += ["--data-dir", str(data_dir)] if data_dir else []
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.5)
                keep(run, kept)
        if process.returncode:
            raise SystemExit(f"infogan-train ended with exit code {process.returncode}; what it says is above")
        keep(run, kept)
        seen = [look(path, data_dir, threads) for path in sorted(kept.iterdir())]
    reached = {f"{mark:.0%}": next((s for s, share in seen if share >= mark), None) for mark in MARKS}
    return {"seconds_until": reached, "seen": seen}


def keep(run: Path, kept: Path) -> None:
    """Link the checkpoints that are there now: training itself keeps the newest two."""
    for _, path in checkpoint.numbered(run):
        with suppress(FileExistsError, FileNotFoundError):  # it is kept already, or was just replaced
            os.link(path, kept / path.name)


def look(path: Path, data_dir: Path | None, threads: int) -> tuple[float, float]:
    """Seconds of training of a checkpoint, and its accuracy."""
    state, _ = checkpoint.open_run_or_checkpoint(path)
    return round(state["seconds"], 1), accuracy(state, data_dir, threads)
