"""Kills training runs with SIGKILL, at random moments and within their saves, resumes each, and compares the end.

    python tests/measure_kills.py [--kills 200]

Each run is a fork of this process, so that it starts in no time (Linux). Prints what became of them.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from infogan.trainer import checkpoint, data, originals
from infogan.trainer.cli import main as train
from tiny import TINY, assert_same, digits, write_data_set

STEPS = 20  # four epochs, each with a save
CALLS = ("fsync", "chmod", "open")  # a save makes each of them


def main() -> None:
    """Kill, resume, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # threads would not survive a fork
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(0)
        data.DATA_SETS["tiny"] = write_data_set(folder, {"train": digits(rng, 80), "test": digits(rng, 40)})
        os.environ[originals.CACHE_VARIABLE] = str(folder / "cache")
        flags = ["--data-dir", str(folder), "--steps", str(STEPS)]
        start = time.perf_counter()
        finished(folder / "straight", flags)
        seconds = time.perf_counter() - start
        whole, _ = checkpoint.newest(folder / "straight")
        for number in range(arguments.kills):
            run = folder / f"killed{number}"
            outcomes[outcome(run, flags, random.Random(number), seconds, whole)] += 1
            shutil.rmtree(run, ignore_errors=True)  # killed before it was made
            print(f"{number + 1} runs killed: {dict(outcomes)}", flush=True)


def outcome(run: Path, flags: list[str], rng: random.Random, seconds: float, whole: checkpoint.State) -> str:
    """What became of a run that was killed once."""
    killed(run, flags, rng, seconds)
    saved = checkpoint.numbered(run)
    if not saved:
        return "killed before its first checkpoint"
    if not finished(run, flags, resumed=True):
        return "NOT RESUMED"
    if list(run.rglob("*.part")) or list(run.rglob("*.corrupt")):
        return "RUBBISH LEFT"
    try:
        assert_same(whole, checkpoint.newest(run)[0])
    except AssertionError:
        return "ANOTHER RESULT"
    return "resumed to the same bits"


def killed(run: Path, flags: list[str], rng: random.Random, seconds: float) -> None:
    """Train in a fork that is killed: after a random time, or at a random call of the system that a save makes."""
    call, number = rng.choice([(None, 0), *((name, rng.randrange(1, 40)) for name in CALLS)])
    child = os.fork()
    if not child:
        if call is not None:
            die_at(call, number)
        with quiet():
            train([*TINY, *flags, "--out", str(run)])
        os._exit(0)
    if call is None:
        time.sleep(rng.uniform(0, seconds))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def die_at(call: str, number: int) -> None:
    """Let this process kill itself at the so manieth call of a function of os."""
    function, calls = getattr(os, call), []

    def dying(*arguments: object, **keywords: object) -> object:
        calls.append(1)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)

    setattr(os, call, dying)


def finished(run: Path, flags: Sequence[str], resumed: bool = False) -> bool:
    """Train to the end in a fork; whether that went well."""
    child = os.fork()
    if not child:
        with quiet():
            status = train(["--resume", str(run), *flags] if resumed else [*TINY, *flags, "--out", str(run)])
            text = "is at step" if status == 1 and checkpoint.newest(run)[0]["step"] == STEPS else ""
        os._exit(0 if text else status)  # one that was killed after its last save has nothing left to do
    return os.waitpid(child, 0)[1] == 0


def quiet() -> contextlib.AbstractContextManager[object]:
    """Nothing on stderr."""
    return contextlib.redirect_stderr(Path(os.devnull).open("w"))


if __name__ == "__main__":
    main()
