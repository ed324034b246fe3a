"""The report's curves as PNG, for a light page and for a dark one."""

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from .report import Run

# Okabe and Ito's palette: told apart with any colour vision, on white and on black; the order puts the strongest first.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c00", "#999999")
INK = {"light": "#222222", "dark": "#dddddd"}
_INCHES = 5.0, 3.6
_DOTS = 150  # an inch
_WINDOW = 0.02  # of a curve that the smoothed one averages over to each side


def curves(runs: Sequence[Run]) -> dict[str, str]:
    """What there is to draw: the title of each term, L_I of every code and of all, then the losses."""
    names = dict.fromkeys(code.name for run in runs for code in run.config.latents.codes)
    information = {f"mi_{name}": f"L_I of {name}" for name in names}
    return {**information, "mi_total": "L_I of all codes", "d_loss": "D's loss, -V(D, G)", "g_loss": "G's loss"}


def curve(runs: Sequence[Run], term: str, title: str, theme: str) -> bytes:
    """One term against iteration, runs overlaid, the raw curve behind and the smoothed one before it: a PNG.

    Args:
        runs: whose curves.
        term: a key of their histories.
        title: of the picture.
        theme: "light" or "dark", of the page; the background is transparent.
    """
    figure = Figure(figsize=_INCHES, layout="constrained")
    figure.patch.set_alpha(0)
    axis = figure.subplots()
    axis.patch.set_alpha(0)
    axis.set_title(title, color=INK[theme], fontsize=11)
    axis.set_xlabel("iteration", color=INK[theme])
    matched = any(run.config.generator_loss == "feature-matching" for run in runs)
    axis.set_ylabel("" if term == "g_loss" and matched else "nats", color=INK[theme])
    axis.tick_params(colors=INK[theme])
    axis.margins(y=0.1)
    axis.grid(color=INK[theme], alpha=0.15)
    axis.spines[:].set(color=INK[theme], alpha=0.4)
    for number, run in enumerate(runs):
        iterations, values = run.curve(term)
        if len(values):
            axis.plot(iterations, values, color=_colour(number), alpha=0.25, linewidth=0.8)
            axis.plot(iterations, smoothed(values), color=_colour(number), linestyle=_style(number), linewidth=1.6)
    for entropy in _entropies(runs, term):
        axis.axhline(entropy, color=INK[theme], linewidth=1, linestyle="--")
        beside = axis.get_yaxis_transform()  # x in the plot's width, y in nats
        axis.text(0.99, entropy, "H(c)", color=INK[theme], ha="right", va="bottom", transform=beside)
    legend = [Line2D([], [], color=_colour(i), linestyle=_style(i), label=run.name) for i, run in enumerate(runs)]
    figure.legend(handles=legend, loc="outside lower center", ncols=2, frameon=False, labelcolor=INK[theme])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over a window around each value, (n,), that is cut off at the ends."""
    half = int(len(values) * _WINDOW)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(values))
    means: NDArray[np.float64] = (sums[high] - sums[low]) / (high - low)
    return means


def _entropies(runs: Sequence[Run], term: str) -> set[float]:
    """H(c) of what the term is about, in each run that has it; none for a loss."""
    return {
        sum(code.entropy for code in chosen)
        for run in runs
        if (chosen := [code for code in run.config.latents.codes if term in ("mi_total", f"mi_{code.name}")])
    }


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _style(number: int) -> Literal["-", ":"]:
    return "-" if number < len(COLOURS) else ":"
