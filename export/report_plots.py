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
_STYLES: tuple[Literal["-", "--", ":", "-."], ...] = ("-", "--", ":", "-.")  # for those who see or print no colours
_WINDOW = 0.01  # of the longest run's iterations: what smoothed curves average over to each side
_LONGEST = 30  # characters of a run's name in a legend


def curves(runs: Sequence[Run]) -> dict[str, str]:
    """What there is to draw: the title of each term, L_I of every code and of all, then the losses."""
    names = dict.fromkeys(code.name for run in runs for code in run.config.latents.codes)
    information = {f"mi_{name}": f"L_I of {name}" for name in names}
    return {**information, "mi_total": "L_I of all codes", "d_loss": "D's loss", "g_loss": "G's loss"}


def curve(runs: Sequence[Run], term: str, title: str, theme: str) -> bytes:
    """One term against iteration, runs overlaid, the raw curve behind and the smoothed one before it: a PNG.

    Args:
        runs: whose curves.
        term: a key of their histories.
        title: of the picture.
        theme: "light" or "dark", of the page; the background is transparent.
    """
    width, height = _INCHES
    more = max(0, (len(runs) + 1) // 2 - 2)  # lines of the legend
    figure = Figure(figsize=(width, height + 0.22 * more), layout="constrained")
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
    half = _WINDOW * max(run.iterations for run in runs)
    for number, run in enumerate(runs):
        iterations, values = run.curve(term)
        if len(values):
            axis.plot(iterations, values, color=_colour(number), alpha=0.25, linewidth=0.8)
            axis.plot(
                iterations,
                smoothed(iterations, values, half),
                color=_colour(number),
                linestyle=_style(number),
                linewidth=1.6,
            )
    for entropy in _entropies(runs, term):
        axis.axhline(entropy, color=INK[theme], linewidth=1, linestyle="--")
        beside = axis.get_yaxis_transform()  # x in the plot's width, y in nats
        axis.text(0.99, entropy, f"H(c) = {entropy:.2f}", color=INK[theme], ha="right", va="bottom", transform=beside)
    legend = [
        Line2D([], [], color=_colour(i), linestyle=_style(i), label=_short(run.name)) for i, run in enumerate(runs)
    ]
    figure.legend(handles=legend, loc="outside lower center", ncols=2, frameon=False, labelcolor=INK[theme])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()


def smoothed(iterations: NDArray[np.float64], values: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """The mean of all values at most ``half`` iterations away, but of both neighbours at least, (n,)."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    low = np.minimum(np.searchsorted(iterations, iterations - half, "left"), np.maximum(at - 1, 0))
    high = np.maximum(np.searchsorted(iterations, iterations + half, "right"), np.minimum(at + 2, len(values)))
    means: NDArray[np.float64] = (sums[high] - sums[low]) / (high - low)
    return means


def last_values(runs: Sequence[Run], term: str) -> str:
    """Where each run's smoothed curve ends, in words."""
    half = _WINDOW * max(run.iterations for run in runs)
    drawn = [(run.name, *run.curve(term)) for run in runs]
    return ", ".join(f"{name} {smoothed(at, values, half)[-1]:.2f}" for name, at, values in drawn if len(values))


def _entropies(runs: Sequence[Run], term: str) -> set[float]:
    """H(c) of what the term is about, in each run that has it; none for a loss."""
    return {
        sum(code.entropy for code in chosen)
        for run in runs
        if (chosen := [code for code in run.config.latents.codes if term in ("mi_total", f"mi_{code.name}")])
    }


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _style(number: int) -> Literal["-", "--", ":", "-."]:
    return _STYLES[(number + number // len(COLOURS)) % len(_STYLES)]  # colours repeat with another style


def _short(name: str) -> str:
    """A run's name for a legend, in which matplotlib would take what stands between dollar signs for mathematics."""
    half = _LONGEST // 2
    cut = name if len(name) <= _LONGEST else f"{name[: half - 1]}…{name[-half:]}"
    return cut.replace("$", r"\$")
