"""What came of the runs of a sweep."""

import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import checkpoint, data, metrics
from .errors import UserError
from .pictures import Split
from .precision import resolve_device, resolve_precision
from .state import trained_model
from .teachers import categories_of

Figures = dict[str, float]


def figures_of(run: Path) -> Figures:
    """Seconds of training, L_I of each code at the end of the game (nats), and the accuracy where there are labels."""
    state, _ = checkpoint.newest(run)
    rows: list[Figures] = state["history"]
    game: Figures = next((row for row in reversed(rows) if "mi_total" in row), {})
    codes = {name: game[name] for name in game if name.startswith("mi_c") and name[4:].isdigit()}
    return {"seconds": state["seconds"], **codes, **_accuracy(state, run)}


def _accuracy(state: checkpoint.State, run: Path) -> Figures:
    """How often the first categorical code says what a test picture is, one to one, as fitted on the training split.

    Nothing where there are no labels, or more of them than the code has classes, or the pictures cannot be read.
    """
    config = checkpoint.config_of(state)
    code = config.latents.first_categorical
    names: tuple[Split, ...] = ("train", "test")
    try:
        splits = {n: data.load(config.dataset, config.data_dir, n, preparation=config.preparation) for n in names}
    except UserError as error:
        print(f"{run}: no accuracy, for {error}", file=sys.stderr)
        return {}
    train, test = splits["train"].labels, splits["test"].labels
    if code is None or train is None or test is None or max(train.max(), test.max()) >= code.size:
        return {}
    device = resolve_device(config.device)
    model, precision = trained_model(state, config).to(device), resolve_precision(config.precision, device)
    found = {name: categories_of(model, split.images, precision) for name, split in splits.items()}
    mapping = metrics.one_to_one(metrics.confusion(found["train"], train, code.size, code.size))
    return {"accuracy": metrics.accuracy(found["test"], test, mapping)}


def table(rows: dict[int, Figures]) -> str:
    """A line a seed, then the mean and the worst of each figure."""
    names = list(dict.fromkeys(name for figures in rows.values() for name in figures))
    if not names:
        return "no seed has ended"
    columns = {name: [figures[name] for figures in rows.values() if name in figures] for name in names}
    lines = [_line("seed", [f"L_I({name[3:]})" if name.startswith("mi_") else name for name in names])]
    for seed, figures in rows.items():
        lines.append(_line(str(seed), [_cell(name, figures[name]) if name in figures else "-" for name in names]))
    lines.append(_line("mean", [_cell(name, statistics.mean(values)) for name, values in columns.items()]))
    lines.append(_line("worst", [_cell(name, _worst(name)(values)) for name, values in columns.items()]))
    return "\n".join(lines)


def _worst(name: str) -> Callable[[Sequence[float]], float]:
    return max if name == "seconds" else min


def _cell(name: str, value: float) -> str:
    return f"{value:.0f}" if name == "seconds" else f"{value:.2%}" if name == "accuracy" else f"{value:.3f}"


def _line(title: str, cells: Sequence[str]) -> str:
    return f"{title:6}" + "".join(f"{cell:>12}" for cell in cells)
