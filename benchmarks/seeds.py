"""Train and evaluate one seed after another, and keep every figure: nothing is chosen, nothing is run again.

    python benchmarks/seeds.py --data-dir DIR --network cnn --seeds 0-9

Each seed writes docs/results/NETWORK-seedN.json when it is done; a seed that has this file is passed over, and a run
that was interrupted goes on where it stopped. Then make the table with: python benchmarks/results.py
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infogan.export.classifier import Classifier
from infogan.export.command import explained
from infogan.export.evaluate import evaluate
from infogan.export.naming import infer, name_categories
from infogan.export.package import in_memory
from infogan.trainer import checkpoint, data, metrics
from infogan.trainer.atomic import write_bytes
from infogan.trainer.config import RECIPES

RESULTS = Path(__file__).parent.parent / "docs" / "results"
_THREADS = 2


def main() -> int:
    """Run the seeds that have no result yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--network", choices=("cnn", "mlp"), default="cnn")
    parser.add_argument("--seeds", default="0-9", help="one number, or FIRST-LAST")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the run folders go")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    return explained("seeds", lambda: run_seeds(arguments, range(int(first), int(last or first) + 1)))


def run_seeds(arguments: argparse.Namespace, seeds: range) -> None:
    """One seed after another; a line each."""
    arguments.results.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        result = arguments.results / f"{arguments.network}-seed{seed}.json"
        if not result.exists():
            figures = run_seed(arguments.network, seed, arguments.runs, arguments.data_dir)
            write_bytes(result, (json.dumps(figures, indent=1) + "\n").encode())
        figures = json.loads(result.read_text())
        print(f"{result.name}: {figures['report']['categories']['accuracy']:.2%} in {figures['seconds']:.0f} s")


def run_seed(network: str, seed: int, runs: Path, data_dir: Path) -> dict[str, Any]:
    """Train with nothing but the network and the seed given, with a look at the accuracy after the first epoch."""
    run, look = runs / f"{network}-seed{seed}", runs / f"{network}-seed{seed}-epoch1.json"
    start = ["--network", network, "--seed", str(seed), "--out", str(run), "--log-every", "100"]
    if not look.exists():
        state = trained(run, 1, start, data_dir)
        early = {"seconds": round(state["seconds"], 1), "accuracy": accuracy(state, data_dir)}
        write_bytes(look, json.dumps(early).encode())
    state = trained(run, RECIPES["robust", network].epochs, start, data_dir)
    bundle = in_memory(state, checkpoint.config_of(state), run.name, _THREADS)
    train_split, test = (data.load("mnist", data_dir, split) for split in ("train", "test"))
    return {
        "network": network,
        "seed": seed,
        "after_first_epoch": json.loads(look.read_text()),
        "seconds": round(state["seconds"], 1),
        "precision": json.loads((run / "config.json").read_text())["precision"],
        "score": state["best"],
        "report": evaluate(bundle, train_split, test, Classifier.shipped("mnist", _THREADS)),
    }


def trained(run: Path, epochs: int, start: list[str], data_dir: Path) -> checkpoint.State:
    """The state of a run after so many epochs, begun or gone on with through infogan-train, as a user would."""
    if not run.exists() or checkpoint.newest(run)[0]["batches"]["epoch"] < epochs:
        flags = ["--resume", str(run)] if run.exists() else start
        command = [sys.executable, "-m", "infogan.trainer", "--data-dir", str(data_dir), "--epochs", str(epochs)]
        subprocess.run([*command, *flags], check=True)
    return checkpoint.newest(run)[0]


def accuracy(state: checkpoint.State, data_dir: Path) -> float:
    """Share of the test digits that c1 reads, names fitted on the training split."""
    bundle = in_memory(state, checkpoint.config_of(state), "look", _THREADS)
    naming = name_categories(bundle, data.load("mnist", data_dir, "train"))
    test = data.load("mnist", data_dir, "test")
    assert naming is not None
    assert test.labels is not None
    return metrics.accuracy(infer(bundle, test).probs[naming.code].argmax(1), test.labels, naming.mapping)


if __name__ == "__main__":
    raise SystemExit(main())
