"""Train and evaluate one seed after another, and keep every figure: nothing is chosen, nothing is run again.

    python benchmarks/seeds.py --data-dir DIR --network cnn --seeds 0-9

Each seed writes docs/results/NETWORK-seedN.json when it is done; a seed that has this file is passed over, and a run
that was interrupted goes on where it stopped. Then make the table with: python benchmarks/results.py
"""

import argparse
import json
from pathlib import Path
from typing import Any

from infogan.export.command import explained
from infogan.export.naming import infer, name_categories
from infogan.export.package import in_memory
from infogan.trainer import checkpoint, data, metrics
from infogan.trainer.atomic import write_bytes
from infogan.trainer.recipes import RECIPES
from measuring import THREADS, evaluated, trained

RESULTS = Path(__file__).parent.parent / "docs" / "results"


def main() -> int:
    """Run the seeds that have no result yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--network", choices=("cnn", "mlp"), default="cnn")
    parser.add_argument("--seeds", default="0-9", help="one number, or FIRST-LAST")
    parser.add_argument("--threads", type=int, default=THREADS, help="CPU threads of the training and the evaluation")
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
            figures = run_seed(arguments.network, seed, arguments.runs, arguments.data_dir, arguments.threads)
            write_bytes(result, (json.dumps(figures, indent=1) + "\n").encode())
        figures = json.loads(result.read_text())
        print(f"{result.name}: {figures['report']['categories']['accuracy']:.2%} in {figures['seconds']:.0f} s")


def run_seed(network: str, seed: int, runs: Path, data_dir: Path, threads: int = THREADS) -> dict[str, Any]:
    """Train with nothing but the network and the seed given, with a look at the accuracy after the first epoch."""
    run, look = runs / f"{network}-seed{seed}", runs / f"{network}-seed{seed}-epoch1.json"
    flags = ["--network", network, "--seed", str(seed), "--threads", str(threads)]
    if not look.exists():
        state = trained(run, 1, [*flags, "--decay-epochs", "0"], data_dir)  # this epoch is not the last one
        early = {"seconds": round(state["seconds"], 3), "accuracy": accuracy(state, data_dir, threads)}
        write_bytes(look, json.dumps(early).encode())
    recipe = RECIPES["robust", network]
    state = trained(run, recipe.epochs, flags, data_dir, ["--decay-epochs", str(recipe.decay_epochs)])
    early = json.loads(look.read_text())
    figures = evaluated(state, run, data_dir, threads)
    return {"network": network, "seed": seed, "threads": threads, "after_first_epoch": early, **figures}


def accuracy(state: checkpoint.State, data_dir: Path | None, threads: int) -> float:
    """Share of the test digits that c1 reads, names fitted on the training split."""
    bundle = in_memory(state, checkpoint.config_of(state), "look", threads)
    naming = name_categories(bundle, data.load("mnist", data_dir, "train"))
    test = data.load("mnist", data_dir, "test")
    assert naming is not None
    assert test.labels is not None
    return metrics.accuracy(infer(bundle, test).probs[naming.code].argmax(1), test.labels, naming.mapping)


if __name__ == "__main__":
    raise SystemExit(main())
