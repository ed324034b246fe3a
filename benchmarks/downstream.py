"""What the codes are good for: classification, regression and a map of MNIST from what infogan-encode writes.

    python benchmarks/downstream.py --data-dir DIR

DIR holds MNIST's four files, packed by gzip. Makes the table and the map of docs/downstream.md.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import page
from infogan.export import encode_cli
from infogan.export.command import explained
from infogan.trainer import data
from infogan.trainer.atomic import write_atomically, write_bytes
from infogan.trainer.errors import UserError
from infogan.trainer.morphometry import measure

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FILES = {"train": "train-images-idx3-ubyte.gz", "test": "t10k-images-idx3-ubyte.gz"}
LABELLED = (10, 100, 1000, 60_000)
DRAWS = 5  # of a few labelled digits
MEASURED = 10_000  # training digits whose slant is measured
MAPPED = 3000  # test digits on the map
BEGIN = "<!-- made by benchmarks/downstream.py -->"

Figures = dict[str, Any]
Array = NDArray[Any]


def main() -> int:
    """Encode, fit, write the figures, draw the map, put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--bundle", type=Path, default=ROOT / "assets" / "mnist-cnn.infogan")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page and its map go")
    arguments = parser.parse_args()
    return explained("downstream", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> None:
    """All of it."""
    codes = {split: encoded(arguments.bundle, arguments.data_dir / name) for split, name in FILES.items()}
    pictures = {split: data.load("mnist", arguments.data_dir, split) for split in ("train", "test")}
    labels = {split: np.asarray(pictures[split].labels) for split in pictures}
    pixels = {split: pictures[split].images.reshape(len(labels[split]), -1) / np.float32(255) for split in pictures}
    features = {
        "pixels": pixels,
        "codes": {split: stacked(codes[split]) for split in codes},
        "codes and noise": {split: np.hstack((stacked(codes[split]), codes[split]["z"])) for split in codes},
    }
    figures = {
        "bundle": str(codes["test"]["infogan.bundle"]),
        "fingerprint": str(codes["test"]["infogan.fingerprint"]),
        "digits": {name: digits(values, labels) for name, values in features.items()},
        "slant": slants(features, pictures["train"].images, pictures["test"].images),
    }
    (arguments.docs / "results").mkdir(parents=True, exist_ok=True)
    write_bytes(arguments.docs / "results" / "downstream.json", (json.dumps(figures, indent=1) + "\n").encode())
    some, named = features["codes and noise"]["test"][:MAPPED], labels["test"][:MAPPED]
    write_atomically(arguments.docs / "downstream.png", lambda file: map_of(some, named).savefig(file, dpi=120))
    target = arguments.docs / "downstream.md"
    write_bytes(target, with_table(target.read_text(), figures).encode())
    print(table(figures))


def encoded(bundle: Path, source: Path) -> dict[str, Array]:
    """What infogan-encode writes of the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "codes.npz")
        if encode_cli.main([str(bundle), str(source), "-o", str(target), "--noise"]) != 0:
            raise UserError(f"{source} was not encoded")
        with np.load(target) as codes:
            return dict(codes)


def stacked(codes: dict[str, Array]) -> Array:
    """The probabilities of c1 and the means of c2 and c3, (n, 12)."""
    return np.column_stack((codes["c1_probs"], codes["c2"], codes["c3"]))


def digits(features: dict[str, Array], labels: dict[str, Array]) -> dict[str, float]:
    """Test accuracy of a linear classifier fitted on so many labelled digits; few ones are drawn several times."""
    accuracies = {}
    for number in LABELLED:
        draws = [drawn(labels["train"], number, seed) for seed in range(1 if number > 1000 else DRAWS)]
        scores = []
        for chosen in draws:
            model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
            model.fit(features["train"][chosen], labels["train"][chosen])
            scores.append(model.score(features["test"], labels["test"]))
        accuracies[str(number)] = float(np.mean(scores))
    return accuracies


def drawn(labels: Array, number: int, seed: int) -> Array:
    """Indices of equally many digits of each class; of all where all are asked for."""
    if number >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.choice(np.flatnonzero(labels == k), number // 10, replace=False) for k in range(10)])


def slants(features: dict[str, dict[str, Array]], train: Array, test: Array) -> dict[str, float]:
    """R² on the test digits of a linear regression of the measured slant."""
    target = {"train": measure(train[:MEASURED, 0] / 255)["slant"], "test": measure(test[:, 0] / 255)["slant"]}
    one = {split: features["codes"][split][:, 10:11] for split in features["codes"]}  # the code that follows slant
    scores = {}
    for name, values in {"c2 alone": one, **features}.items():
        model = make_pipeline(StandardScaler(), LinearRegression())
        model.fit(values["train"][:MEASURED], target["train"])
        scores[name] = float(model.score(values["test"], target["test"]))
    return scores


def map_of(features: Array, labels: Array) -> Figure:
    """Test digits in the plane, neighbours near each other (t-SNE, van der Maaten and Hinton 2008)."""
    places = TSNE(random_state=0, perplexity=30).fit_transform(StandardScaler().fit_transform(features))
    figure = Figure(figsize=(6, 6), layout="constrained", facecolor="white")
    axes = figure.subplots()
    for k in range(10):
        x, y = places[labels == k].T
        axes.scatter(x, y, s=4, color=f"C{k}", label=str(k), linewidths=0)
    axes.legend(markerscale=4, title="digit", loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def with_table(text: str, figures: Figures) -> str:
    """The page with the table of these figures in the place of the one before."""
    return page.with_table(text, BEGIN, table(figures))


def table(figures: Figures) -> str:
    """What a linear model makes of each kind of features."""
    heads = "".join(f" {int(number):,} labelled |" for number in LABELLED)
    lines = [f"| features |{heads} slant, R² |", "| --- |" + " --- |" * (len(LABELLED) + 1)]
    for name, slant in figures["slant"].items():
        scores = figures["digits"].get(name)
        cells = "".join(f" {scores[str(number)]:.1%} |" if scores else " |" for number in LABELLED)
        lines.append(f"| {name} |{cells} {slant:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
