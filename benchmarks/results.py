"""Make docs/results.md from the figures in docs/results: one row a seed, means, worst, and the shipped models.

python benchmarks/results.py
"""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

RESULTS = Path(__file__).parent.parent / "docs" / "results"
PAGE = RESULTS.parent / "results.md"
COLUMNS = (
    "seed",
    "c1 accuracy",
    "after 1 epoch",
    "L_I(c1)",
    "c2 slant, test / gen.",
    "c3 width, test / gen.",
    "c2 width, c3 slant (test)",
    "precision (real)",
    "recall (real)",
    "smallest class",
    "seconds",
)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page({network: load(network) for network in ("cnn", "mlp")}))
    print(f"wrote {PAGE}")


def load(network: str) -> list[dict[str, Any]]:
    """The figures of every seed that is done, in order."""
    paths = RESULTS.glob(f"{network}-seed*.json")
    return sorted((json.loads(path.read_text()) for path in paths), key=lambda figures: int(figures["seed"]))


def page(results: dict[str, list[dict[str, Any]]]) -> str:
    """The whole page as Markdown."""
    sections = [section(network, seeds) for network, seeds in results.items() if seeds]
    return "\n\n".join([INTRODUCTION.strip(), *sections]) + "\n"


def section(network: str, seeds: list[dict[str, Any]]) -> str:
    """A table of one network's seeds, with the mean and the worst."""
    lines = [f"## {network.upper()}", "", f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(row(figures))} |" for figures in seeds]
    accuracies = [figures["report"]["categories"]["accuracy"] for figures in seeds]
    spread = f", standard deviation {100 * stdev(accuracies):.2f}" if len(seeds) > 1 else ""
    lines += [
        "",
        f"c1 accuracy over {len(seeds)} seeds: mean {mean(accuracies):.2%}, worst {min(accuracies):.2%}{spread}.",
    ]
    return "\n".join(lines)


def row(figures: dict[str, Any]) -> list[str]:
    """One seed's cells."""
    report = figures["report"]
    fake, real = report["samples"]["generated"], report["samples"]["real"]
    c2, c3 = report["continuous"]["c2"], report["continuous"]["c3"]
    early = figures["after_first_epoch"]
    return [
        str(figures["seed"]),
        f"{report['categories']['accuracy']:.2%}",
        f"{early['accuracy']:.2%} ({early['wall_seconds']:.0f} s)",
        f"{report['codes']['c1']['information']:.3f}",
        f"{c2['test']['slant']:.2f} / {c2['generated']['slant']:.2f}",
        f"{c3['test']['width']:.2f} / {c3['generated']['width']:.2f}",
        f"{c2['test']['width']:.2f}, {c3['test']['slant']:.2f}",
        f"{fake['precision']:.3f} ({real['precision']:.3f})",
        f"{fake['recall']:.3f} ({real['recall']:.3f})",
        f"{fake['smallest_share']:.1%}",
        f"{figures['wall_seconds']:.0f}",
    ]


INTRODUCTION = """
# Results

Every figure is measured on the 10,000 test digits of MNIST, or on 10,000 generated ones, by `infogan-evaluate`; its
JSON for each seed is in `results/`. These commands make them all, one run a seed, none chosen and none run again:

```
python benchmarks/seeds.py --data-dir FOLDER --network cnn --seeds 0-9
python benchmarks/seeds.py --data-dir FOLDER --network mlp --seeds 0-9
python benchmarks/results.py
```

c1 accuracy: one category a digit, the map fitted on the training split. Correlations are partial, given the digit and
the other codes. "(real)" is what as many training digits reach in place of the generated ones. Seconds are wall-clock
on two cores of an AMD Zen 4 with bf16, everything counted but the evaluation.
"""

if __name__ == "__main__":
    main()
