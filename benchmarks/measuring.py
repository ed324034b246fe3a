"""What the long runs of this folder have in common: train through the command, go on where it stopped, evaluate."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from infogan.export.bundle import Bundle
from infogan.export.classifier import eye_for
from infogan.export.evaluate import evaluate
from infogan.export.package import in_memory
from infogan.trainer import checkpoint, data
from infogan.trainer.errors import UserError
from infogan.trainer.pictures import Pictures, Split
from infogan.trainer.run_folder import locked

THREADS = 2
SPLITS: tuple[Split, Split] = ("train", "test")
_ALWAYS = ["--log-every", "100", "--encoder-steps", "0"]  # an encoder changes nothing of what is compared here


def trained(run: Path, epochs: int, flags: list[str], data_dir: Path, again: Sequence[str] = ()) -> checkpoint.State:
    """The state of a run after so many epochs, begun with ``flags`` or gone on with (flags ``again``), as a user would.

    Raises:
        UserError: the training failed.
    """
    if run.exists() and not list(checkpoint.folder(run).glob("*.pt")):
        with locked(run):  # else it is being trained by another process
            shutil.rmtree(run)  # it was stopped before there was anything to go on from
    if not run.exists() or checkpoint.newest(run)[0]["batches"]["epoch"] < epochs:
        start = ["--resume", str(run), *again] if run.exists() else [*flags, *_ALWAYS, "--out", str(run)]
        code = train(["--data-dir", str(data_dir), "--epochs", str(epochs), *start])
        if code:
            raise UserError(f"infogan-train ended with exit code {code}; what it says is above")
    return checkpoint.newest(run)[0]


def train(flags: list[str]) -> int:
    """Run infogan-train in a process of its own; its exit code."""
    with subprocess.Popen([sys.executable, "-m", "infogan.trainer", *flags]) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # the signal reached it too, and it saves
            raise


def evaluated(
    state: checkpoint.State,
    run: Path,
    data_dir: Path,
    threads: int = THREADS,
    more: Callable[[Bundle, Pictures, Pictures], dict[str, Any]] = lambda bundle, train, test: {},
) -> dict[str, Any]:
    """Everything that infogan-evaluate measures, how the run was trained, and what ``more`` makes of both splits."""
    config = checkpoint.config_of(state)
    bundle = in_memory(state, config, run.name, threads)
    train, test = (data.load(config.dataset, data_dir, split, preparation=config.preparation) for split in SPLITS)
    settings = json.loads((run / "config.json").read_text())
    return {
        "seconds": round(state["seconds"], 3),
        "device": settings["device"],
        "precision": settings["precision"],
        "score": state["best"],
        **more(bundle, train, test),
        "report": evaluate(bundle, train, test, eye_for(config.dataset, train, test, threads, print)),
    }
