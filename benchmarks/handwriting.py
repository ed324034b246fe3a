"""Measure the encoder of the bundled model, and show it on real pens: docs/handwriting.md and its pictures.

    python benchmarks/handwriting.py --data-dir DIR --strokes pendigits_300.json

DIR holds MNIST's four files. The strokes are a JSON list of {"label": 7, "strokes": [[[x, y, ...], ...], ...]}: here
300 digits, 30 of each class, of the UCI data set "Pen-Based Recognition of Handwritten Digits" (Alpaydin and Alimoglu
1998, doi 10.24432/C5MG6K, CC BY 4.0).
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import page
from infogan.export import evaluate
from infogan.export.bundle import Bundle
from infogan.export.classifier import Classifier
from infogan.export.command import explained
from infogan.export.encoder_figures import USED, encoder_report
from infogan.export.samples import draw
from infogan.gui.animation import save_animation
from infogan.gui.jobs import frames
from infogan.gui.latent import Latent, NoiseSource, as_codes, own_noise
from infogan.gui.strokes import Drawing
from infogan.gui.walk import Walk
from infogan.trainer import data
from infogan.trainer.atomic import write_atomically, write_bytes
from infogan.trainer.errors import UserError

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
THREADS = 2
TIMED, WARM = 1000, 50  # pictures that are timed, after those with which it warms up
VALUES = (-2, -1, 0, 1, 2)  # of a continuous code, in the figure
MORPH = 4  # drawings that the animation goes through
RATE, SCALE = 25, 6
BEGIN = "<!-- made by benchmarks/handwriting.py -->"

Figures = dict[str, Any]
Images = NDArray[np.float32]


def main() -> int:
    """Measure, write the figures, draw the pictures, put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with MNIST's files")
    parser.add_argument("--strokes", type=Path, required=True, help="JSON file of labelled pen strokes")
    parser.add_argument("--bundle", type=Path, default=ROOT / "assets" / "mnist-cnn.infogan")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page and its pictures go")
    arguments = parser.parse_args()
    return explained("handwriting", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> None:
    """All of it."""
    bundle, classifier = Bundle.open(arguments.bundle, THREADS), Classifier.shipped("mnist", THREADS)
    if not bundle.has_encoder:
        raise UserError(f"{arguments.bundle} has no encoder; name a bundle with one")
    assert classifier is not None
    train, test = (data.load("mnist", arguments.data_dir, split) for split in ("train", "test"))
    pens, labels = pen_digits(arguments.strokes)
    figures = {
        "bundle": bundle.name,
        "pair_id": bundle.manifest.pair_id,
        "encoder_steps": bundle.manifest.provenance["config"]["encoder_steps"],
        "test": encoder_report(bundle, classifier, draw(bundle, evaluate.SAMPLES), train, test),
        "pens": pens_report(bundle, classifier, pens, labels),
        "milliseconds": timed(Bundle.open(arguments.bundle, 1), pens),
    }
    (arguments.docs / "results").mkdir(parents=True, exist_ok=True)
    write_bytes(arguments.docs / "results" / "handwriting.json", (json.dumps(figures, indent=1) + "\n").encode())
    first = pens[[int(np.flatnonzero(labels == k)[0]) for k in np.unique(labels)]]  # of each class
    write_atomically(arguments.docs / "handwriting.png", lambda file: sheet(bundle, first).savefig(file, dpi=120))
    save_animation(arguments.docs / "morph.gif", morph(bundle, first[-MORPH:]), RATE, SCALE, True)
    target = arguments.docs / "handwriting.md"
    write_bytes(target, with_table(target.read_text(), figures).encode())
    print(table(figures))


def pen_digits(path: Path) -> tuple[Images, NDArray[np.int64]]:
    """The digits as the networks see them, (n, 1, 28, 28), and what their writers meant, (n,)."""
    items = json.loads(path.read_text())
    drawn = [(Drawing(tuple(_placed(item["strokes"]))).normalise(), item["label"]) for item in items]
    pictures, labels = zip(*((picture, label) for picture, label in drawn if picture is not None), strict=True)
    return np.stack(pictures)[:, None], np.array(labels)


def _placed(strokes: Sequence[Any]) -> list[NDArray[np.float64]]:
    """Strokes on the pad, drawn with its usual pen: x and y in parts of its side, and the part of the pen's width."""
    points = [np.array(stroke, float)[:, :2] for stroke in strokes]
    low = np.min([part.min(0) for part in points], 0)
    extent = np.max([part.max(0) for part in points], 0) - low
    return [np.column_stack(((part - low) / extent.max() * 0.8 + 0.1, np.ones(len(part)))) for part in points]


def pens_report(bundle: Bundle, classifier: Classifier, pens: Images, labels: NDArray[np.int64]) -> Figures:
    """How often the digit that was meant is seen in the drawing and in its reconstruction, and the pixels' error."""
    again = bundle.reconstruct(pens)
    read = bundle.infer(pens).probs["c1"].argmax(1)
    named = np.array([bundle.label("c1", int(index)) for index in read])
    seen, seen_again = classifier.see(pens).classes, classifier.see(again).classes
    return {
        "digits": len(pens),
        "read_by_q": float((named == labels.astype(str)).mean()),
        "seen_in_drawing": float((seen == labels).mean()),
        "seen_in_reconstruction": float((seen_again == labels).mean()),
        "same_in_both": float((seen_again == seen).mean()),
        "pixel_error": float(np.square(again - pens, dtype=np.float64).mean()),
    }


def timed(bundle: Bundle, pens: Images) -> dict[str, float]:
    """Milliseconds that one picture takes on one core, from its pixels to its reconstruction, Q's reading included."""
    seconds = []
    for i in range(TIMED + WARM):
        image = pens[i % len(pens)][None]
        started = time.perf_counter()
        bundle.reconstruct(image)
        seconds.append(time.perf_counter() - started)
    p50, p99 = np.quantile(seconds[WARM:], (0.5, 0.99)) * 1000
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2)}


def sheet(bundle: Bundle, pens: Images) -> Figure:
    """A drawing a row: as it was drawn, drawn again, and with each continuous code from end to end."""
    z, c = bundle.encode(pens)
    columns = [("drawn", pens), ("redrawn", bundle.generate(z, c))]
    for code in bundle.latents.continuous:
        name = (bundle.meaning(code.name) or code.name).partition(",")[0]
        for value in VALUES:
            moved = c.copy()
            moved[:, bundle.latents.slices[code.name]] = value
            columns.append((f"{name}\n{value:+d}" if value else f"{name}\n0", bundle.generate(z, moved)))
    figure = Figure(figsize=(0.62 * len(columns), 0.6 * len(pens) + 0.5), layout="constrained", facecolor="white")
    grid = figure.subplots(len(pens), len(columns))
    for column, (title, pictures) in enumerate(columns):
        grid[0, column].set_title(title, fontsize=8, color="#222222")
        for row, picture in enumerate(pictures):
            grid[row, column].imshow(1 - picture[0], cmap="gray", vmin=0, vmax=1)
            grid[row, column].axis("off")
    return figure


def morph(bundle: Bundle, pens: Images) -> list[Images]:
    """From one drawing to the next and back to the first."""
    z, c = bundle.encode(pens)
    stops = [Latent(as_codes(c[i : i + 1]), NoiseSource(own=own_noise(z[i : i + 1]))) for i in range(len(pens))]
    walk = Walk(bundle.latents, tuple(stops), leg=1.2, repeat="loop")
    return [1 - picture for picture in frames(bundle, walk, walk.frame_times(RATE))]


def with_table(text: str, figures: Figures) -> str:
    """The page with the table of these figures in the place of the one before."""
    return page.with_table(text, BEGIN, table(figures))


def table(figures: Figures) -> str:
    """What was reached beside what was to be."""
    test, pens, time_ = figures["test"], figures["pens"], figures["milliseconds"]
    used = sum(effect >= USED for effect in test["noise_effect"])
    slant, width = test["codes"]["c2"]["slant"], test["codes"]["c3"]["width"]
    rows = (
        ("the fixed classifier sees the digit that it is in the reconstruction", f"{test['agreement']:.1%}", ">= 95 %"),
        ("the same in the reconstruction as in the original", f"{test['same']:.1%}", ""),
        (
            "squared error per pixel, against that of a PCA with as many components as G has inputs, "
            f"{test['pca_components']}",
            f"{test['pixel_error']:.4f}, {test['pixel_error'] / test['pca_error']:.2f} times",
            "<= 2.0 times",
        ),
        ("diversity of the reconstructions within a digit (real = 1)", f"{test['diversity']:.2f}", ""),
        (
            "noise of generated pictures found again, R² over its dimensions",
            f"{np.mean(test['noise_r_squared']):.2f}",
            "",
        ),
        (
            f"dimensions of the noise that move the picture by {USED:.0%} or more of the difference of two random "
            "pictures",
            f"{used} of {len(test['noise_effect'])}",
            "",
        ),
        ("slant of a reconstructed digit against c2 from -2 to 2, correlation", f"{slant['all']:.2f}", ">= 0.9"),
        ("the same within each digit (its own mean taken out)", f"{slant['within']:.2f}", ""),
        (
            "width of a reconstructed digit against c3 from -2 to 2, correlation; within each digit",
            f"{width['all']:.2f}; {width['within']:.2f}",
            "",
        ),
        (
            f"{pens['digits']} digits of other people's pens: the classifier sees what was meant in the reconstruction",
            f"{pens['seen_in_reconstruction']:.1%}",
            ">= 90 %",
        ),
        (
            "in the drawing itself; Q reads it in the drawing",
            f"{pens['seen_in_drawing']:.1%}; {pens['read_by_q']:.1%}",
            "",
        ),
        ("squared error per pixel of the reconstructed drawings", f"{pens['pixel_error']:.4f}", ""),
        (
            "one picture on one core, from its pixels to its reconstruction by Q, E and G: median; 99 of 100",
            f"{time_['p50']:.1f} ms; {time_['p99']:.1f} ms",
            "<= 5 ms",
        ),
    )
    lines = [f"| {name} | {value} | {goal} |" for name, value, goal in rows]
    return "\n".join([f"| figure | {figures['bundle']} | goal |", "| --- | --- | --- |", *lines])


if __name__ == "__main__":
    raise SystemExit(main())
