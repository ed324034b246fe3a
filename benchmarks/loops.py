"""Training loops that take turns, each in a process of its own, as people run them: none finds another's memory."""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray

from machine import matrix_peak
from timing import in_turns

Step = Callable[[], object]

ALIKE = 4  # steps that do the same work as the next so many: the running average follows every fourth
FOURS = 3  # times so many in a turn, after as many that find caches with the weights of the loop before

_loop: dict[str, Step] = {}  # its step, in the loop's own process


class Loop:
    """A training loop in its process, which ends with the context; loops take turns of sixteen steps.

    Args:
        begin: makes the loop there, and gives the function that takes a step; picklable.
        threads: CPU threads that it may use.
        environment: variables that the process finds besides those of this one.
    """

    def __init__(self, begin: Callable[[], Step], threads: int, environment: Mapping[str, str] | None = None) -> None:
        self._process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        try:
            with patch.dict(os.environ, environment or {}):
                self._process.submit(_begin, begin, threads).result()
        except BaseException:
            self._process.shutdown()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.shutdown()

    def turn(self) -> float:
        """As :func:`turn`, there."""
        return self._process.submit(_turn_here).result()

    def peak(self, dtype: torch.dtype) -> float:
        """Floating-point operations a second that the best product of two matrices reaches in this process."""
        return self._process.submit(matrix_peak, dtype).result()


def taking_turns(works: Mapping[Any, Callable[[], float]], rounds: int) -> dict[Any, NDArray[Any]]:
    """What each work gives, once in every round, whose order is drawn anew: none always follows the same other."""
    values: dict[Any, list[float]] = {name: [] for name in works}
    names, rng = list(works), np.random.default_rng(0)
    for _ in range(rounds):
        for i in rng.permutation(len(names)):
            values[names[i]].append(works[names[i]]())
    return {name: np.array(given) for name, given in values.items()}


def _begin(begin: Callable[[], Step], threads: int) -> None:
    torch.set_num_threads(threads)
    _loop["step"] = begin()


def alike(step: Step) -> None:
    """Steps that do, taken together, the same work as the next so many."""
    for _ in range(ALIKE):
        step()


def turn(step: Step) -> float:
    """Seconds of a step, the mean of four, in the quickest four of a turn: what else the machine does only adds."""
    return min(in_turns({"steps": partial(alike, step)}, 1, FOURS)["steps"]) / ALIKE


def _turn_here() -> float:
    return turn(_loop["step"])
