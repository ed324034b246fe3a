"""Figures of a run, and what they should be."""

from collections.abc import Callable
from statistics import mean
from typing import Any, NamedTuple

Figures = dict[str, Any]


class Goal(NamedTuple):
    """A figure and what it should be.

    Attributes:
        name: as the table shows it.
        bar: what it should reach.
        of: its value for one seed; None where the seed says nothing of it.
        form: how it is written.
        sign: ">=" where the bar is the smallest good value, "<=" where it is the largest, ">" where it is too small.
        over: "mean" of the seeds, or "worst".
    """

    name: str
    bar: float
    of: Callable[[Figures], float | None]
    form: str
    sign: str = ">="
    over: str = "worst"

    def line(self, seeds: list[Figures]) -> str:
        """A row of the table."""
        values = [value for value in map(self.of, seeds) if value is not None]
        if not values:
            return f"| {self.name} | {self.sign} {self.bar:{self.form}} | {self.over} | not measured | |"
        value = mean(values) if self.over == "mean" else max(values) if self.sign == "<=" else min(values)
        met = {">=": value >= self.bar, ">": value > self.bar, "<=": value <= self.bar}[self.sign]
        bar, reached = f"{self.sign} {self.bar:{self.form}}", f"{value:{self.form}}"
        return f"| {self.name} | {bar} | {self.over} of {len(values)} | {reached} | {'yes' if met else '**no**'} |"


def figure(*keys: str) -> Callable[[Figures], float]:
    """The figure at a path."""

    def value(figures: Figures) -> float:
        found: Any = figures
        for key in keys:
            found = found[key]
        return float(found)

    return value


def accuracy(figures: Figures) -> float:
    """Share of the test digits that c1 reads."""
    return float(figures["report"]["categories"]["accuracy"])


def share_of_real(name: str) -> Callable[[Figures], float]:
    """A figure of the samples as a share of what real pictures reach in their place."""
    return lambda figures: float(
        figures["report"]["samples"]["generated"][name] / figures["report"]["samples"]["real"][name]
    )
