"""What helps, what does not: the poster's plain InfoGAN, each workaround alone, robust, and robust without each part.

    python benchmarks/ablation.py --data-dir DIR

Every variant is trained with three seeds at the same budget (half the channels and units, three epochs of the game) and
measured as infogan-evaluate does. Each run writes docs/ablation/VARIANT-seedN.json when it is done and is passed over
from then on; one that was interrupted goes on where it stopped. The page docs/ablation.md is made again after each run.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from infogan.export.command import explained
from infogan.trainer.atomic import write_bytes
from infogan.trainer.errors import UserError
from measuring import evaluated, trained

DOCS = Path(__file__).parent.parent / "docs"
SEEDS = (0, 1, 2)
EPOCHS = 3
BUDGET = ["--channels", "32", "--hidden", "512", "--decay-epochs", "0"]


class Variant(NamedTuple):
    """One row of the table.

    Attributes:
        name: of its files.
        shown: what the table calls it.
        flags: of infogan-train, besides the budget's and the seed.
    """

    name: str
    shown: str
    flags: list[str]


POSTER, ROBUST = ["--recipe", "poster"], ["--recipe", "robust"]
VARIANTS = (
    Variant("poster-cnn", "poster, CNN", POSTER),
    Variant("poster-mlp", "poster, MLP", [*POSTER, "--network", "mlp"]),
    Variant("robust-cnn", "robust, CNN", ROBUST),
    Variant("robust-mlp", "robust, MLP", [*ROBUST, "--network", "mlp"]),
    Variant("d-steps", "poster, 2 updates of D for each of G", [*POSTER, "--d-steps", "2"]),
    Variant("pretrain-d", "poster, D alone for 200 steps first", [*POSTER, "--pretrain-d-steps", "200"]),
    Variant("labels", "poster, 100 labels", [*POSTER, "--labels", "100"]),
    Variant("minibatch", "poster, minibatch discrimination, 50 kernels", [*POSTER, "--minibatch-kernels", "50"]),
    Variant("features", "poster, feature matching", [*POSTER, "--generator-loss", "feature-matching"]),
    Variant("smoothing", "poster, labels of D smoothed by 0.1", [*POSTER, "--label-smoothing", "0.1"]),
    Variant("packing", "poster, D judges 2 pictures together", [*POSTER, "--packing", "2"]),
    Variant("robust-labels", "robust, 100 labels", [*ROBUST, "--labels", "100"]),
    Variant("no-clustering", "robust without clustering before the game", [*ROBUST, "--cluster-steps", "0"]),
    Variant("no-neighbours", "robust without neighbours as partners", [*ROBUST, "--neighbours", "0"]),
    Variant("no-agreement", "robust without IIC in the game", [*ROBUST, "--iic-weight", "0", "--cluster-weight", "0"]),
    Variant("no-guide", "robust without the guide", [*ROBUST, "--guide-weight", "0"]),
    Variant("no-cutout", "robust without blanked rectangles", [*ROBUST, "--cutout", "0"]),
    Variant("trunk", "robust, L_I shapes the trunk too", [*ROBUST, "--trunk-information"]),
    Variant("lambda", "robust, lambda 1 for all", [*ROBUST, "--lambda-discrete", "1", "--lambda-continuous", "1"]),
    Variant("slow-d", "robust, D at 2e-4", [*ROBUST, "--d-lr", "2e-4"]),
    Variant("no-average", "robust without the running average", [*ROBUST, "--average", "0"]),
)


def main() -> int:
    """Run what has no result yet, all variants of one seed before the next seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"), help="where the run folders go")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where ablation.md and ablation/ go")
    arguments = parser.parse_args()
    return explained("ablation", lambda: run_all(arguments.data_dir, arguments.runs, arguments.docs))


def run_all(data_dir: Path, runs: Path, docs: Path) -> None:
    """One run after another; a line each."""
    for seed in SEEDS:
        for variant in VARIANTS:
            result = docs / "ablation" / f"{variant.name}-seed{seed}.json"
            if not result.exists():
                run = runs / result.stem
                try:
                    state = trained(run, EPOCHS, [*BUDGET, *variant.flags, "--seed", str(seed)], data_dir)
                except UserError as error:  # one that diverges must not keep the others from being measured
                    print(f"{result.stem}: {error}")
                    continue
                figures = {**few(evaluated(state, run, data_dir)), "flags": variant.flags, "torch": version("torch")}
                write_bytes(result, (json.dumps(figures, indent=1) + "\n").encode())
                write_bytes(docs / "ablation.md", page(docs / "ablation").encode())
                print(f"{result.stem}: {figures['accuracy']:.2%} in {figures['seconds']:.0f} s")


def few(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that the table shows, of one run."""
    report = figures["report"]
    samples, real = report["samples"]["generated"], report["samples"]["real"]
    slant, width = follows(report["continuous"]["c2"]["test"], report["continuous"]["c3"]["test"])
    return {
        "seconds": figures["seconds"],
        "device": figures["device"],
        "precision_of_numbers": figures["precision"],
        "accuracy": report["categories"]["accuracy"],
        "information": report["codes"]["c1"]["information"],
        "slant": slant,
        "width": width,
        "precision": samples["precision"] / real["precision"],
        "recall": samples["recall"] / real["recall"],
        "frechet_distance": samples["frechet_distance"],
        "duplicates": samples["duplicates"],
    }


def follows(c2: dict[str, float], c3: dict[str, float]) -> tuple[float, float]:
    """How closely one of two codes follows slant and the other width, in size: nobody tells an unguided run which."""
    ways = ((abs(a["slant"]), abs(b["width"])) for a, b in ((c2, c3), (c3, c2)))
    return max(ways, key=sum)


COLUMNS = {
    "accuracy": ("c1 accuracy", ".1%"),
    "information": ("L_I(c1)", ".2f"),
    "slant": ("slant", ".2f"),
    "width": ("width", ".2f"),
    "precision": ("precision", ".2f"),
    "recall": ("recall", ".2f"),
    "frechet_distance": ("Frechet", ".2f"),
    "duplicates": ("duplicates", ".3f"),
    "seconds": ("seconds", ".0f"),
}


def page(folder: Path) -> str:
    """The whole page as Markdown, from the results that are there."""
    heads = ["variant", "seeds", *(head for head, _ in COLUMNS.values())]
    lines = [INTRODUCTION.strip(), "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for variant in VARIANTS:
        paths = (folder / f"{variant.name}-seed{seed}.json" for seed in SEEDS)
        results = [json.loads(path.read_text()) for path in paths if path.exists()]
        if results:
            cells = [variant.shown, str(len(results)), *(cell(results, name) for name in COLUMNS)]
            lines.append(f"| {' | '.join(cells)} |")
    findings = folder / "findings.md"
    return "\n".join([*lines, "", findings.read_text().strip() if findings.exists() else ""]).rstrip() + "\n"


def cell(results: list[dict[str, Any]], name: str) -> str:
    """The median over seeds, and the smallest and the largest: a mean would show a run that no seed had."""
    values = [float(figures[name]) for figures in results]
    form = COLUMNS[name][1]
    middle, low, high = (f"{value:{form}}" for value in (median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


INTRODUCTION = """
# What helps, what does not

Made by `python benchmarks/ablation.py --data-dir FOLDER`; every run's figures are in `ablation/`. Each variant has
the same budget: half the channels and units (`--channels 32 --hidden 512`), three epochs of the game on MNIST, seeds
0 to 2: the median, in brackets the smallest and the largest. Learning rates do not fall; the clustering before the
game comes on top and counts in the seconds. Precision and recall are shares of what real pictures reach. Slant and
width: how closely one of c2 and c3 follows the one and the other the other, whichever does, as partial correlations
on test digits, in size. With two updates of D for each of G, G has half the updates.
"""

if __name__ == "__main__":
    raise SystemExit(main())
