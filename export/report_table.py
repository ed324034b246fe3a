"""The report's tables: what was measured, and where the settings differ."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .naming import strongest
from .report import Run

MACHINE_SETTINGS = ("threads", "log_every", "device", "precision", "seed")
CONFUSED = ("3", "5", "8")  # what the seed's vanilla network could not tell apart

Cell = Callable[[Run], str]


def comparison(runs: Sequence[Run]) -> list[tuple[str, str, list[str]]]:
    """The table of measured figures: (name, explanation, a cell for each run), rows that no run has left out."""
    codes = list(dict.fromkeys(code.name for run in runs for code in run.config.latents.continuous))
    rows: list[tuple[str, str, Cell]] = [
        ("Network, recipe, seed", "", lambda run: f"{run.config.network}, {run.config.recipe}, {run.config.seed}"),
        ("Iterations", "updates of D in the game", lambda run: f"{run.iterations:,}"),
        ("Trained on", "what the times depend on", lambda run: run.trained_on),
        ("Time an epoch", "of the game", lambda run: f"{run.seconds_an_epoch:.0f} s"),
        (
            "Time before the game",
            "clustering, and D trained ahead of G",
            lambda run: f"{run.seconds_before_game:.0f} s",
        ),
        ("Digits read", "share of test pictures, one category a label", _accuracy),
        ("3, 5 and 8 told apart", "test pictures: right + taken for another of these + for a fourth", _told_apart),
        ("Drawn as named", "pictures that show the digit their category is named after", _agreement),
        ("Information of c1", "L_I in nats, of H(c)", _information),
    ]
    for name in codes:
        rows.append((f"Effect of {name}", "difference it makes, of that between two pictures", _effect(name)))
        rows.append((f"{name} follows", "largest partial correlation, test pictures", _follows(name)))
    rows += [
        ("Noise and blur: Frechet distance", "lower is better", _sample("frechet_distance")),
        ("Noise and blur: sharpness", "below the real one is blur, above it noise", _sample("sharpness", ".4f")),
        ("Precision", "share of pictures that could be real", _sample("precision")),
        ("Collapse: recall", "share of real pictures that could be drawn", _sample("recall")),
        ("Collapse: near-duplicates", "share of pictures", _sample("duplicates")),
        ("Collapse: smallest class", "share of pictures", _sample("smallest_share")),
    ]
    cells = [(name, explanation, [cell(run) for run in runs]) for name, explanation, cell in rows]
    return [row for row in cells if any(row[2])]


def differences(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """Settings of training in which the runs differ: (name, a value for each run)."""
    settings = [run.config.without_paths() for run in runs]
    names = [name for name in settings[0] if name not in MACHINE_SETTINGS]
    written = [(name, [_written(values[name]) for values in settings]) for name in names]
    return [(name, values) for name, values in written if len(set(values)) > 1]


def _written(value: Any) -> str:
    return "not set" if value is None else json.dumps(value).strip('"')


def _accuracy(run: Run) -> str:
    section = run.figures.get("categories")
    return f"{section['accuracy']:.2%}" if section else ""


def _told_apart(run: Run) -> str:
    """Of test pictures of a 3, 5 or 8: right, read as another of the three, read as anything else."""
    section = run.figures.get("categories")
    if not section or not set(CONFUSED) <= set(section["labels"]):
        return ""
    counts = np.array(section["confusion"])
    digits = [int(label) for label in CONFUSED]
    categories = [section["labels"].index(label) for label in CONFUSED]
    among = counts[np.ix_(categories, digits)]
    right, confused = np.trace(among), among.sum() - np.trace(among)
    return f"{right:,} + {confused:,} + {counts[:, digits].sum() - among.sum():,}"


def _agreement(run: Run) -> str:
    section = run.figures.get("samples", {})
    return f"{section['agreement']:.1%}" if "agreement" in section else ""


def _information(run: Run) -> str:
    figures = run.figures["codes"].get("c1", {})
    return f"{figures['information']:.3f} of {figures['entropy']:.3f}" if "accuracy" in figures else ""


def _effect(name: str) -> Cell:
    def cell(run: Run) -> str:
        return f"{run.figures['codes'][name]['effect']:.0%}" if name in run.figures["codes"] else ""

    return cell


def _follows(name: str) -> Cell:
    def cell(run: Run) -> str:
        section: dict[str, Any] = run.figures.get("continuous", {})
        if name not in section:
            return ""
        factor, r = strongest(section[name]["test"])
        return f"{factor}, r = {r:.2f}"

    return cell


def _sample(name: str, form: str = ".3f") -> Cell:
    def cell(run: Run) -> str:
        section = run.figures.get("samples")
        return f"{section['generated'][name]:{form}} (real {section['real'][name]:{form}})" if section else ""

    return cell
