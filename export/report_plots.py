"""The report's curves as PNG, for a light page and for a dark one."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ..trainer.latents import LatentSpec
from .report import Run

# Okabe and Ito's palette: told apart with any colour vision, on white and on black; the order puts the strongest first.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c00", "#999999")
INK = {"light": "#222222", "dark": "#dddddd"}
_DOTS = 150  # an inch
_WINDOW = 0.02  # of a curve that the smoothed one averages over


def information_curves(runs: Sequence[Run], theme: str) -> bytes:
    """L_I of each code and their sum against iteration, with the line H(c): a PNG."""
    specs = [run.config.latents for run in runs]
    names = list(dict.fromkeys(code.name for spec in specs for code in spec.codes))
    figure, axes = _figure(-(-(len(names) + 1) // 2), 2, theme)
    for axis, name in zip(axes, [*names, "total"], strict=False):
        for number, run in enumerate(runs):
            _curve(axis, run, f"mi_{name}", number)
        for entropy in {entropy for entropy in (_entropy(spec, name) for spec in specs) if entropy is not None}:
            axis.axhline(entropy, color=INK[theme], linewidth=1, linestyle="--")
            axis.text(
                0.99, entropy, "H(c)", color=INK[theme], ha="right", va="bottom", transform=axis.get_yaxis_transform()
            )
        _label(axis, "L_I of all codes" if name == "total" else f"L_I of {name}", "nats", theme)
    for axis in axes[len(names) + 1 :]:
        axis.set_visible(False)
    return _png(figure, runs, theme)


def _entropy(spec: LatentSpec, name: str) -> float | None:
    """H(c) of a code, or of all codes together; None where there is no such code."""
    if name == "total":
        return sum(code.entropy for code in spec.codes)
    return next((code.entropy for code in spec.codes if code.name == name), None)


def loss_curve(runs: Sequence[Run], term: str, title: str, theme: str) -> bytes:
    """One loss against iteration, runs overlaid: a PNG."""
    figure, (axis,) = _figure(1, 1, theme)
    for number, run in enumerate(runs):
        _curve(axis, run, term, number)
    _label(axis, title, "nats", theme)
    return _png(figure, runs, theme)


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over a window around each value, (n,), that is cut off at the ends."""
    half = int(len(values) * _WINDOW)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(values))
    means: NDArray[np.float64] = (sums[high] - sums[low]) / (high - low)
    return means


def _figure(rows: int, columns: int, theme: str) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(5 * columns, 3.2 * rows + 0.6), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.patch.set_alpha(0)
        axis.tick_params(colors=INK[theme])
        axis.grid(color=INK[theme], alpha=0.15)
        for spine in axis.spines.values():
            spine.set_color(INK[theme])
            spine.set_alpha(0.4)
    return figure, list(axes.flat)


def _curve(axis: Axes, run: Run, term: str, number: int) -> None:
    """The raw curve behind, the smoothed one before it."""
    iterations, values = run.curve(term)
    if len(values):
        colour = COLOURS[number % len(COLOURS)]
        style = "-" if number < len(COLOURS) else ":"
        axis.plot(iterations, values, color=colour, alpha=0.25, linewidth=0.8)
        axis.plot(iterations, smoothed(values), color=colour, linewidth=1.6, linestyle=style)


def _label(axis: Axes, title: str, unit: str, theme: str) -> None:
    axis.set_title(title, color=INK[theme], fontsize=11)
    axis.set_xlabel("iteration", color=INK[theme])
    axis.set_ylabel(unit, color=INK[theme])


def _png(figure: Figure, runs: Sequence[Run], theme: str) -> bytes:
    """The figure with a legend of the runs below it."""
    handles = [
        Line2D([], [], color=COLOURS[i % len(COLOURS)], linestyle="-" if i < len(COLOURS) else ":", label=run.name)
        for i, run in enumerate(runs)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, labelcolor=INK[theme])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()
