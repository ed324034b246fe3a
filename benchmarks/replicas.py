"""One process against two that share each batch: losses and accuracy of the same settings on MNIST.

    python benchmarks/replicas.py --data-dir DIR

Each run is of half the width and two epochs, without an encoder; each is kept in --runs and passed over the next time.
Makes docs/results/replicas.json and the table of docs/distributed.md.
"""

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import page
from infogan.export.command import explained
from infogan.trainer import checkpoint
from infogan.trainer.atomic import write_bytes
from infogan.trainer.errors import UserError
from infogan.trainer.recipes import defaults
from infogan.trainer.sweep import has_ended
from infogan.trainer.sweep_table import figures_of

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SEEDS = (0, 1, 2)
PROCESSES = (1, 2)
EPOCHS = 2
FLAGS = ["--channels", "32", "--hidden", "512", "--epochs", str(EPOCHS), "--encoder-steps", "0"]
BEGIN = "<!-- made by benchmarks/replicas.py -->"

Figures = dict[str, Any]


def main() -> int:
    """Train what is missing, measure, put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--runs", type=Path, default=Path("runs/replicas"), help="where the run folders go")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page and the figures go")
    arguments = parser.parse_args()
    return explained("replicas", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> None:
    """All of it."""
    figures: Figures = {"flags": FLAGS}
    for processes in PROCESSES:
        runs = [trained(arguments, processes, seed) for seed in SEEDS]
        figures[str(processes)] = [{"seed": seed, **measured(run)} for seed, run in zip(SEEDS, runs, strict=True)]
    (arguments.docs / "results").mkdir(parents=True, exist_ok=True)
    write_bytes(arguments.docs / "results" / "replicas.json", (json.dumps(figures, indent=1) + "\n").encode())
    target = arguments.docs / "distributed.md"
    write_bytes(target, with_table(target.read_text(), figures).encode())
    print(table(figures))


def trained(arguments: argparse.Namespace, processes: int, seed: int) -> Path:
    """The run of so many processes, trained if it is not there."""
    run: Path = arguments.runs / f"{processes}-seed{seed}"
    config = dataclasses.replace(defaults("robust", "cnn", "mnist"), epochs=EPOCHS, encoder_steps=0)
    if not has_ended(run, config):
        start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [sys.executable, *(start if processes > 1 else []), "-m", "infogan.trainer", *FLAGS]
        command += ["--threads", str(2 // processes), "--data-dir", str(arguments.data_dir)]
        new = ["--seed", str(seed), "--out", str(run)]
        command += ["--resume", str(run)] if checkpoint.numbered(run) else new
        if subprocess.run(command, check=False).returncode != 0:
            raise UserError(f"{run} was not trained")
    return run


def measured(run: Path) -> dict[str, float]:
    """Accuracy, and the losses and L_I of the last rows."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    last = [row for row in rows if "g_loss" in row][-10:]
    losses = {name: statistics.mean(row[name] for row in last) for name in ("d_loss", "g_loss", "iic")}
    figures = figures_of(run)
    del figures["seconds"]  # of runs one after the other, whatever else the machine did meanwhile
    return {**losses, **figures}


def with_table(text: str, figures: Figures) -> str:
    """The page with the table of these figures in the place of the one before."""
    return page.with_table(text, BEGIN, table(figures))


def table(figures: Figures) -> str:
    """A line a figure: mean and range over the seeds, of each number of processes."""
    names = {
        "accuracy": ("c1 on the test digits, one to one", "{:.1%}"),
        "mi_c1": ("L_I of c1, nats", "{:.3f}"),
        "mi_c2": ("L_I of c2", "{:.3f}"),
        "mi_c3": ("L_I of c3", "{:.3f}"),
        "d_loss": ("loss of D", "{:.3f}"),
        "g_loss": ("loss of G", "{:.3f}"),
        "iic": ("IIC of Q on real pictures", "{:.3f}"),
    }
    lines = [
        f"| {len(SEEDS)} seeds each, mean (least to most) | one process, two threads | two processes, a thread each |",
        "| --- | --- | --- |",
    ]
    for name, (title, form) in names.items():
        cells = []
        for processes in PROCESSES:
            values = [row[name] for row in figures[str(processes)]]
            mean, low, high = (form.format(value) for value in (statistics.mean(values), min(values), max(values)))
            cells.append(f"{mean} ({low} to {high})")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
