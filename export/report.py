"""What a report says of training runs: their histories, measured figures and traversal grids, side by side."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..trainer import checkpoint, data
from ..trainer.atomic import write_bytes
from ..trainer.config import TrainConfig
from ..trainer.errors import UserError
from .classifier import eye_for
from .evaluate import Report, evaluate

Row = dict[str, float]
Say = Callable[[str], object]

_THREADS = 2
_FIGURES = 1  # to be raised when the evaluation changes, so that what was measured before is measured again


@dataclass(frozen=True)
class Run:
    """One run as the report shows it.

    Attributes:
        name: of its folder.
        config: its settings.
        history: the rows of metrics.jsonl up to the end of the game.
        trained_on: processor, threads and precision; empty where the run folder does not say.
        figures: what :func:`infogan.export.evaluate.evaluate` measured.
        grids: for each code the grid in which it alone varies down the rows, (H, W, C) uint8.
    """

    name: str
    config: TrainConfig
    history: list[Row]
    trained_on: str
    figures: Report
    grids: dict[str, NDArray[np.uint8]]

    def curve(self, term: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Iterations of the game, and a term at each of them, (n,) both; empty where the run has no such term."""
        before = self.config.steps_before_game
        rows = [(row["step"] - before, row[term]) for row in self.history if term in row and row["step"] > before]
        points = np.array(rows, np.float64).reshape(-1, 2)
        return points[:, 0], points[:, 1]

    @property
    def iterations(self) -> int:
        """Of the game."""
        return int(self.history[-1]["step"]) - self.config.steps_before_game

    @property
    def seconds_before_game(self) -> float:
        """What clustering, and D trained ahead of G, took."""
        if not self.config.steps_before_game:
            return 0.0
        first = self._game[0]
        return max(first["seconds"] - self._seconds_a_step * (first["step"] - self.config.steps_before_game), 0.0)

    @property
    def seconds_an_epoch(self) -> float:
        """Of the game, on the machine that trained the run."""
        steps: int = self.figures["model"]["train_pictures"] // self.config.batch_size
        return self._seconds_a_step * steps

    @property
    def _game(self) -> list[Row]:
        return [row for row in self.history if row["step"] > self.config.steps_before_game]

    @property
    def _seconds_a_step(self) -> float:
        """Of the game, between its first row and its last."""
        first, last = self._game[0], self._game[-1]
        if first is last:
            return last["seconds"] / last["step"]
        return (last["seconds"] - first["seconds"]) / (last["step"] - first["step"])


def open_runs(paths: Sequence[Path], folder: Path, data_dir: Path | None, say: Say) -> list[Run]:
    """Read and measure runs; what was measured is kept in ``folder`` as JSON and not measured again.

    Args:
        paths: run folders.
        folder: of the report.
        data_dir: folder with the labelled data; None: each run's own, or the cache.
        say: called with a line about what is being done.

    Raises:
        UserError: a run that cannot be read, two of one name, data that is not there, or runs of different data sets.
    """
    names = [path.resolve().name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"two runs are called {twice[0]}; rename a folder, since the report tells runs apart by name")
    states = [_read(path, say) for path in paths]
    data_sets = {checkpoint.config_of(state).dataset for state in states}
    if len(data_sets) > 1:
        raise UserError(f"the runs were trained on {' and '.join(sorted(data_sets))}; make a report of each")
    return [_open(*each, folder, data_dir, say) for each in zip(paths, names, states, strict=True)]


def _read(path: Path, say: Say) -> checkpoint.State:
    """The newest state of a run in which G has been trained."""
    state, warnings = checkpoint.open_run_or_checkpoint(path)
    for warning in warnings:
        say(warning)
    if not any("g_loss" in row for row in state["history"]):
        raise UserError(f"{path} has not trained G yet; go on with: infogan-train --resume {path}")
    return state


def _open(path: Path, name: str, state: checkpoint.State, folder: Path, data_dir: Path | None, say: Say) -> Run:
    from ..trainer.preview import traversal_grids
    from ..trainer.state import trained_model

    config = checkpoint.config_of(state)
    figures = _measured(state, config, name, folder / f"{name}.json", data_dir, say)
    grids = traversal_grids(trained_model(state, config))
    history = [row for row in state["history"] if "encoder_pixels" not in row]
    return Run(name, config, history, _trained_on(path), figures, grids)


def _trained_on(path: Path) -> str:
    """What config.json says of the machine: "AVX2, 1 thread, fp32"."""
    run = checkpoint.run_of(path)
    try:
        told = json.loads((run / "config.json").read_bytes()) if run else {}
        threads = int(told["threads"])
        return f"{told.get('processor', told['device'])}, {threads} thread{'s' * (threads > 1)}, {told['precision']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _measured(
    state: checkpoint.State, config: TrainConfig, name: str, file: Path, data_dir: Path | None, say: Say
) -> Report:
    """The evaluation of a run, from ``file`` where that is of the very same weights."""
    from .package import in_memory

    train, test = (
        data.load(config.dataset, data_dir or config.data_dir, split, preparation=config.preparation)
        for split in ("train", "test")
    )
    subject = _digest(state, f"{_FIGURES} {train.fingerprint} {test.fingerprint}")
    known = _kept(file)
    if known.get("model", {}).get("subject") == subject:
        return known
    say(f"measuring {name}")
    bundle = in_memory(state, config, name, _THREADS)
    figures = evaluate(bundle, train, test, eye_for(config.dataset, train, test, _THREADS, say))
    figures["model"] |= {"train_pictures": len(train.images), "subject": subject}
    write_bytes(file, (json.dumps(figures, indent=1) + "\n").encode())
    return figures


def _kept(file: Path) -> Report:
    """What was measured before; nothing where there is no such file, or another."""
    try:
        known = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _digest(state: checkpoint.State, measured: str) -> str:
    """SHA-256 of the weights that are measured, and of what they are measured with."""
    digest = hashlib.sha256(measured.encode())
    for name, tensor in (state["average"] or state["model"]).items():
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()
