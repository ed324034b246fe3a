"""One run for each of several seeds, each in a folder and a process of its own, and a table of how they ended."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from . import checkpoint
from .atomic import write_bytes
from .config import TrainConfig, check_resumable
from .cores import cores
from .errors import UserError
from .sweep_table import figures_of, table

RESULT = "sweep.json"
_POLL = 0.2  # seconds
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_MOST_SEEDS = 10_000


def seeds_of(text: str) -> list[int]:
    """The seeds of a list such as "0-9" or "0,3,5-7", each once.

    Raises:
        UserError: it is no such list.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", part.strip(), re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + _MOST_SEEDS:
            raise UserError(f"--seeds {text}: expected a list such as 0-9 or 0,3,5-7")
        seeds += range(first, last + 1)
    return list(dict.fromkeys(seeds))


def sweep(flags: Sequence[str], config: TrainConfig, seeds: Sequence[int], jobs: int, folder: Path) -> int:
    """Train every seed that has not ended, ``jobs`` at a time; print and keep the figures of those that have.

    Args:
        flags: of infogan-train, without those of the sweep itself.
        config: the settings that they make, with any seed.
        seeds: which to train.
        jobs: how many at a time; they share the cores.
        folder: where the runs go, as seed0 and so on, each beside a log of what it printed.

    Returns:
        0 where all seeds ended, 1 where one failed, 128 + the signal's number where one stopped them (they are saved).

    Raises:
        UserError: a file cannot be written, ``jobs`` is below 1, or a run there was trained with other settings.
    """
    if jobs < 1:
        raise UserError(f"--jobs must be at least 1, got {jobs}")
    runs = {seed: folder / f"seed{seed}" for seed in seeds}
    for seed, run in runs.items():
        _check_settings(run, dataclasses.replace(config, seed=seed))
    folder.mkdir(parents=True, exist_ok=True)
    left = {seed: run for seed, run in runs.items() if not has_ended(run, config)}
    if config.threads is None and left:
        flags = [*flags, "--threads", str(max(1, cores() // min(jobs, len(left))))]
    code = _Jobs(flags, left).train(jobs)
    if code < 128:
        figures = {seed: figures_of(run) for seed, run in runs.items() if has_ended(run, config)}
        write_bytes(folder / RESULT, (json.dumps(figures, indent=1) + "\n").encode())
        print(table(figures))
    return code


class _Jobs:
    """Processes that train runs.

    Ctrl-C, SIGTERM and SIGHUP are meant for them: they finish a step and save, and no other one begins.
    """

    def __init__(self, flags: Sequence[str], runs: dict[int, Path]) -> None:
        self._flags, self._runs = flags, runs
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._received = 0

    def train(self, jobs: int) -> int:
        """Train all, ``jobs`` at a time; the code that the sweep should end with."""
        waiting, code = list(self._runs), 0
        before = {number: signal.signal(number, self._pass_on) for number in _SIGNALS}
        try:
            while self._running or (waiting and not self._received):
                while waiting and len(self._running) < jobs and not self._received:
                    self._begin(waiting.pop(0))
                time.sleep(_POLL)
                for seed in [seed for seed, process in self._running.items() if process.poll() is not None]:
                    code = max(code, self._ended(seed))
        finally:
            self._stop()  # where something went wrong here, they shall not go on alone
            for number, handler in before.items():
                signal.signal(number, handler)
        return 128 + self._received if self._received else code

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        self._received = number
        self._stop()

    def _stop(self) -> None:
        """Tell the processes to finish a step and save; told twice, they end at once."""
        for process in self._running.values():
            if os.name != "nt":  # there the console tells them
                process.send_signal(signal.SIGTERM)

    def _begin(self, seed: int) -> None:
        """Train a run, or go on with it, in a session of its own: the terminal's signals come from here alone."""
        run = self._runs[seed]
        goes_on = bool(checkpoint.numbered(run))
        print(f"seed {seed} {'goes on' if goes_on else 'begins'}; what it prints is in {run}.log", flush=True)
        which = ["--resume", str(run)] if goes_on else ["--seed", str(seed), "--out", str(run)]
        command = [sys.executable, "-m", "infogan.trainer", *self._flags, *which]
        with Path(f"{run}.log").open("ab") as log:
            self._running[seed] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if self._received:  # while it began
            self._stop()

    def _ended(self, seed: int) -> int:
        """Say how a run ended; 0 if well."""
        code = self._running.pop(seed).returncode
        lines = Path(f"{self._runs[seed]}.log").read_text(errors="replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), f"ended with {code}")
        print(f"seed {seed}: {last}", file=sys.stderr if code else sys.stdout, flush=True)
        return int(code != 0)


def _check_settings(run: Path, config: TrainConfig) -> None:
    """Refuse a run that is there and was trained with other settings."""
    try:
        before = TrainConfig.from_json(json.loads((run / "config.json").read_bytes())["config"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    try:
        check_resumable(before, dataclasses.replace(config, out=before.out))
    except UserError as error:
        raise UserError(f"{run}: {error}") from error


def has_ended(run: Path, config: TrainConfig) -> bool:
    """Whether a run has done the steps that these settings ask for."""
    saved = checkpoint.numbered(run)
    try:
        pictures = json.loads((run / "config.json").read_bytes())["data"]["pictures"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(saved) and saved[-1][0] >= config.total_steps(pictures // config.batch_size)
