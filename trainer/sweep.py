"""One run for each of several seeds, each in a folder and a process of its own, and a table of how they ended."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from . import checkpoint
from .atomic import write_bytes
from .config import TrainConfig
from .cores import cores
from .errors import UserError
from .sweep_table import figures_of, table

RESULT = "sweep.json"
_POLL = 0.2  # seconds
_MOST_SEEDS = 10_000


class Job(NamedTuple):
    """A run that is being trained."""

    seed: int
    process: "subprocess.Popen[bytes]"


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
        UserError: a file cannot be written, or ``jobs`` is below 1.
    """
    if jobs < 1:
        raise UserError(f"--jobs must be at least 1, got {jobs}")
    if config.threads is None:
        flags = [*flags, "--threads", str(max(1, cores() // jobs))]
    folder.mkdir(parents=True, exist_ok=True)
    runs = {seed: folder / f"seed{seed}" for seed in seeds}
    code = _train_all(flags, {seed: run for seed, run in runs.items() if not _has_ended(run, config)}, jobs)
    if code < 128:
        figures = {seed: figures_of(run) for seed, run in runs.items() if _has_ended(run, config)}
        write_bytes(folder / RESULT, (json.dumps(figures, indent=1) + "\n").encode())
        print(table(figures))
    return code


def _train_all(flags: Sequence[str], runs: dict[int, Path], jobs: int) -> int:
    waiting, running, code = list(runs), list[Job](), 0
    with _passing_on_signals(waiting, running):
        while waiting or running:
            while waiting and len(running) < jobs:
                seed = waiting.pop(0)
                running.append(Job(seed, _begun(seed, runs[seed], flags)))
            time.sleep(_POLL)
            for job in [job for job in running if job.process.poll() is not None]:
                running.remove(job)
                code = max(code, _said(job, runs[job.seed]))
    return code


@contextlib.contextmanager
def _passing_on_signals(waiting: list[int], running: list[Job]) -> Iterator[None]:
    """Ctrl-C and SIGTERM are meant for the runs, which finish a step and save; no other one begins then."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        waiting.clear()
        for job in running:
            if os.name != "nt":  # there the console tells them
                job.process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _begun(seed: int, run: Path, flags: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A process that trains a run, or goes on with it; it hears no signal of the terminal's but those passed on."""
    goes_on = ["--resume", str(run)] if checkpoint.numbered(run) else []
    print(f"seed {seed} {'goes on' if goes_on else 'begins'}; what it prints is in {run}.log", flush=True)
    command = [sys.executable, "-m", "infogan.trainer", *flags, "--seed", str(seed), "--out", str(run), *goes_on]
    with Path(f"{run}.log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def _said(job: Job, run: Path) -> int:
    """Say how a run ended; the code that the whole sweep should end with."""
    code = job.process.returncode
    lines = Path(f"{run}.log").read_text(errors="replace").splitlines()
    last = next((line for line in reversed(lines) if line.strip()), f"ended with {code}")
    print(f"seed {job.seed}: {last}", file=sys.stderr if code else sys.stdout, flush=True)
    return code if code == 0 or code >= 128 else 1


def _has_ended(run: Path, config: TrainConfig) -> bool:
    """Whether a run has done the steps that these settings ask for."""
    saved = checkpoint.numbered(run)
    try:
        pictures = json.loads((run / "config.json").read_bytes())["data"]["pictures"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(saved) and saved[-1][0] >= config.total_steps(pictures // config.batch_size)
