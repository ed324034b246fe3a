"""Times of things that are to be compared: taken in turns, so that what else the machine does falls on all alike."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Work = Callable[[], object]


def in_turns(works: Mapping[str, Work], rounds: int, repeats: int = 1) -> dict[str, list[float]]:
    """Seconds of each call of each work: ``rounds`` times ``repeats`` calls in a row, after one call to warm up."""
    for work in works.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            for _ in range(repeats):
                started = time.perf_counter()
                work()
                seconds[name].append(time.perf_counter() - started)
    return seconds


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """How many times as long the first takes, by the medians."""
    return float(np.median(first) / np.median(second))


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The median and what one in a hundred exceeds, in milliseconds."""
    p50, p99 = np.percentile(seconds, (50, 99)) * 1000
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}


def largest_rise(costs: Sequence[float]) -> float:
    """By how much, at most, a cost exceeds one of those before it: 0 where it only falls."""
    lowest = np.minimum.accumulate(costs)
    return float((np.asarray(costs) / lowest - 1).max())
