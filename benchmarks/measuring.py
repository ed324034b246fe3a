"""What the long runs of this folder have in common: train through the command, go on where it stopped, evaluate."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infogan.export.classifier import Classifier
from infogan.export.evaluate import evaluate
from infogan.export.package import in_memory
from infogan.trainer import checkpoint, data

THREADS = 2


def trained(run: Path, epochs: int, flags: list[str], data_dir: Path) -> checkpoint.State:
    """The state of a run after so many epochs, begun with ``flags`` or gone on with, as a user would."""
    if not run.exists() or checkpoint.newest(run)[0]["batches"]["epoch"] < epochs:
        start = ["--resume", str(run)] if run.exists() else [*flags, "--out", str(run), "--log-every", "100"]
        command = [sys.executable, "-m", "infogan.trainer", "--data-dir", str(data_dir), "--epochs", str(epochs)]
        subprocess.run([*command, *start], check=True)
    return checkpoint.newest(run)[0]


def evaluated(state: checkpoint.State, run: Path, data_dir: Path) -> dict[str, Any]:
    """Everything that infogan-evaluate measures, and how the run was trained."""
    bundle = in_memory(state, checkpoint.config_of(state), run.name, THREADS)
    train, test = (data.load("mnist", data_dir, split) for split in ("train", "test"))
    return {
        "seconds": round(state["seconds"], 1),
        "precision": json.loads((run / "config.json").read_text())["precision"],
        "score": state["best"],
        "report": evaluate(bundle, train, test, Classifier.shipped("mnist", THREADS)),
    }
