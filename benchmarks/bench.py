"""How fast everything is: one command, all figures, and the goals that they should reach.

    python benchmarks/bench.py [--quick] [--data-dir DIR] [PART ...]

Ratios within one run are what counts: absolute times are those of this machine, and of what else it does. Each part
runs in a process of its own. The figures go to benchmarks/results/latest.json, with --quick to quick.json beside it;
with PARTs, the others' stay there.
"""

import argparse
import json
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from goals import Figures, Goal, figure
from infogan.trainer.atomic import write_bytes

RESULTS = Path(__file__).parent / "results"
LATEST, QUICK = RESULTS / "latest.json", RESULTS / "quick.json"


def seconds_to_97(figures: Figures) -> float:
    """Infinite where that is never reached."""
    reached = figures["seconds_until"]["97%"]
    return math.inf if reached is None else float(reached)


GOALS = {
    "training": (
        Goal("CNN, poster: images/s, of the textbook loop's", 2.5, figure("cnn", "against_textbook", "poster"), ".2f"),
        Goal("MLP, poster: images/s, of the textbook loop's", 2.0, figure("mlp", "against_textbook", "poster"), ".2f"),
        Goal("CNN, poster: share of the machine's own peak", 0.65, figure("cnn", "share_of_peak", "poster"), ".0%"),
        Goal("CNN: time of a step of robust above poster's", 0.32, figure("cnn", "robust_extra"), ".0%", "<="),
    ),
    "memory": (Goal("CNN training: peak resident memory, MB", 900, figure("peak_mb"), ".0f", "<="),),
    "growth": (
        Goal("a picture's training time rises from batch 64 to 1,024 by", 0.1, figure("batch_rise"), ".0%", "<="),
        Goal("that of the game from 1,000 pictures to 60,000 by", 0.1, figure("data_rise"), ".0%", "<="),
        Goal("that of the clustering likewise", 0.1, figure("clustering_rise"), ".0%", "<="),
    ),
    "quality": (Goal("seconds of training to 97 % of the test digits", 360, seconds_to_97, ".0f", "<="),),
    "inference": (
        Goal("G, one picture: time, of eager torch's", 0.5, figure("G x 1, fp16", "of_torch"), ".2f", "<="),
        Goal("G, one picture, int8: likewise", 0.5, figure("G x 1, int8", "of_torch"), ".2f", "<="),
        Goal("G, a grid of 10 x 10: likewise", 0.9, figure("G x 100, fp16", "of_torch"), ".2f", "<="),
        Goal("G, a grid of 10 x 10, int8: likewise", 0.9, figure("G x 100, int8", "of_torch"), ".2f", "<="),
    ),
    "app": (
        Goal("slider to repainted picture, p99, ms", 16, figure("slider", "p99_ms"), ".1f", "<="),
        Goal("pen to updated reading, p99, ms", 30, figure("stroke", "p99_ms"), ".1f", "<="),
        Goal("start of the process to the first picture, s", 1.0, figure("start_s", "median"), ".2f", "<="),
        Goal(
            "longest gap of the event loop while 32 x 32 pictures are made, ms",
            50,
            figure("longest_gap_ms"),
            ".0f",
            "<=",
        ),
        Goal("processor at rest, of one core", 0.01, figure("idle"), ".2%", "<="),
        Goal("the app's resident memory, MB", 250, figure("resident_mb"), ".0f", "<="),
    ),
}


def main() -> int:
    """Measure the parts that are named, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", metavar="PART", nargs="*", help=f"of {', '.join(PARTS)}; by default all")
    parser.add_argument("--quick", action="store_true", help="a few minutes instead of half an hour, and noisier")
    parser.add_argument("--data-dir", type=Path, help="folder with MNIST's files; else the cache, or a download")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of training and of grids")
    parser.add_argument("--results", type=Path, help="the file that the figures go to")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: choose of {', '.join(PARTS)}")
    results: Path = arguments.results or (QUICK if arguments.quick else LATEST)
    figures: Figures = json.loads(results.read_text()) if arguments.parts and results.exists() else {}
    results.parent.mkdir(parents=True, exist_ok=True)
    for name in arguments.parts or [name for name in PARTS if name != "quality" or not arguments.quick]:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        how = {"quick": arguments.quick, "threads": arguments.threads}
        figures[name] = {**how, **measured(name, arguments)}
        write_bytes(results, (json.dumps(figures, indent=1) + "\n").encode())
    print("\n".join(table(figures)))
    return 0


def table(figures: Figures) -> list[str]:
    """The goals, as Markdown; those of parts that were not measured are left out."""
    rows = [goal.line([figures[part]]) for part, goals in GOALS.items() if part in figures for goal in goals]
    return ["| figure | goal | of the runs | reached | met |", "| --- | --- | --- | --- | --- |", *rows]


def measured(name: str, arguments: argparse.Namespace) -> Figures:
    """A part, measured in a process of its own, so that no part finds another's memory or threads."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        return pool.submit(PARTS[name], arguments).result()


def machine(arguments: argparse.Namespace) -> Figures:
    """What it is that all this is measured on."""
    from machine import described

    return described(arguments.threads)


def training(arguments: argparse.Namespace) -> Figures:
    """Steps against the textbook loop, and against the machine."""
    from training import measure

    return measure(arguments.threads, arguments.quick)


def anatomy(arguments: argparse.Namespace) -> Figures:
    """Where a step's time goes."""
    from anatomy import measure

    return measure(arguments.threads, arguments.quick)


def growth(arguments: argparse.Namespace) -> Figures:
    """Cost against work."""
    from growth import measure

    return measure(arguments.threads, arguments.quick)


def memory(arguments: argparse.Namespace) -> Figures:
    """The most memory that infogan-train takes in some steps of the game, from its own process's account."""
    steps = 10 if arguments.quick else 40
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "infogan.trainer",
            "--out",
            f"{folder}/run",
            "--threads",
            str(arguments.threads),
        ]
        command += ["--cluster-steps", "10", "--steps", str(steps), "--encoder-steps", "10", "--decay-epochs", "0"]
        command += ["--data-dir", str(arguments.data_dir)] if arguments.data_dir else []
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"infogan-train ended with exit code {process.returncode}; what it says is above")
    return {"peak_mb": round(usage.ru_maxrss * 1024 / 1e6)}


def quality(arguments: argparse.Namespace) -> Figures:
    """Time until the default training reads digits well."""
    from quality import measure

    return measure(arguments.threads, arguments.data_dir)


def inference(arguments: argparse.Namespace) -> Figures:
    """Bundles."""
    from inference import measure

    return measure(arguments.quick)


def app(arguments: argparse.Namespace) -> Figures:
    """The explorer."""
    from app import measure

    return measure(arguments.quick)


PARTS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "machine": machine,
    "training": training,
    "anatomy": anatomy,
    "growth": growth,
    "memory": memory,
    "inference": inference,
    "app": app,
    "quality": quality,
}

if __name__ == "__main__":
    raise SystemExit(main())
