"""Where the time of a training step goes: by its parts, and by operator."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray

from infogan.trainer import game, memory
from infogan.trainer.networks import InfoGAN
from training import PICTURES, Engine, drawings, settings


def measure(threads: int, quick: bool) -> dict[str, Any]:
    """The parts of both recipes, and the operators."""
    torch.set_num_threads(threads)
    memory.keep()
    images = drawings(PICTURES)
    return {"phases": phases(images, 5 if quick else 20), "operators": operators(images)}


class Stopwatch:
    """Seconds spent in each of several functions, less those in the others that they call."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time is counted."""

        def timed(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            started = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                whole = time.perf_counter() - started
                self.seconds[name] = self.seconds.get(name, 0.0) + whole - self._inner.pop()
                self._inner[-1] += whole

        return timed

    @contextmanager
    def watching(self, *functions: tuple[str, object, str]) -> Iterator[None]:
        """Count the time of (name, owner, attribute) for a while."""
        with ExitStack() as stack:
            for name, owner, attribute in functions:
                watched = self.watched(name, getattr(owner, attribute))
                stack.enter_context(patch.object(owner, attribute, watched))
            yield


def phases(images: NDArray[np.uint8], steps: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each part of a step of the CNN, in both recipes."""
    result = {}
    for recipe in ("poster", "robust"):
        engine, stopwatch = Engine(settings(recipe, "cnn"), images), Stopwatch()
        engine.step()
        parts = (
            ("data", engine.state, "next_batch"),
            ("latents and generator", InfoGAN, "generate"),
            ("D, trunk and Q", game, "_update_discriminator"),
            ("G against them", game, "_update_generator"),
            ("changed copies", game, "change"),
            ("optimiser", engine.state.d_optimizer, "step"),
            ("optimiser", engine.state.g_optimizer, "step"),
            ("running average", engine.state, "average_weights"),
            ("everything else", engine, "step"),
        )
        with stopwatch.watching(*parts):
            for _ in range(steps):
                engine.step()
        result[recipe] = {name: round(spent / steps * 1000, 2) for name, spent in stopwatch.seconds.items()}
    return result


def operators(images: NDArray[np.uint8], steps: int = 3, most: int = 8) -> dict[str, float]:
    """The operators of a step of the CNN, recipe robust, that take longest, each with its share of the time."""
    engine = Engine(settings("robust", "cnn"), images)
    engine.step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for _ in range(steps):
            engine.step()
    events = sorted(profile.key_averages(), key=lambda event: -event.self_cpu_time_total)
    whole = sum(event.self_cpu_time_total for event in events)
    return {event.key: round(event.self_cpu_time_total / whole, 3) for event in events[:most]}
