"""A walk through the latent space: stops, and what lies between them. No Qt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..trainer.latents import Array, Bernoulli, Categorical, Code, LatentSpec
from .latent import Latent, mixed_noise, shown_range
from .state import ExplorerState, class_order

Easing = Literal["linear", "smooth"]
Repeat = Literal["loop", "ping-pong", "once"]
NOISE_STOPS = 8
BOOKMARKS, NOISE = "bookmarks", "noise"  # what walks, where it is not a code


@dataclass(frozen=True)
class Walk:
    """Goes from stop to stop, each leg in the same time.

    Attributes:
        latents: of the stops.
        stops: one at least.
        leg: seconds from one stop to the next.
        easing: "linear" keeps its pace, "smooth" slows down at each stop.
        repeat: "loop" goes on from the last stop to the first, "ping-pong" goes back the way it came, "once" ends.
    """

    latents: LatentSpec
    stops: tuple[Latent, ...]
    leg: float = 1.0
    easing: Easing = "smooth"
    repeat: Repeat = "ping-pong"

    @property
    def legs(self) -> int:
        """How many legs there are until it begins anew."""
        between = len(self.stops) - 1
        return {"loop": len(self.stops) if between else 0, "ping-pong": 2 * between, "once": between}[self.repeat]

    @property
    def seconds(self) -> float:
        """How long it takes until it begins anew."""
        return self.legs * self.leg

    def at(self, seconds: float) -> tuple[Array, Array]:
        """Noise z (1, noise.size) and codes c (1, width) at a time; the walk that is over stands at its end.

        Between two stops continuous codes are in between, a categorical code is a mixture of two classes, which G
        takes as well, and the noise is a blend that is a sample of its prior again.
        """
        return self._between(*self._on_leg(seconds))

    def codes_at(self, seconds: float) -> Array:
        """The codes c (1, width) alone."""
        return _mixed(*self._on_leg(seconds))

    def _on_leg(self, seconds: float) -> tuple[Latent, Latent, float]:
        """Between which stops it is at a time, and which part of that way it has gone."""
        last = len(self.stops) - 1
        along = seconds / self.leg if last else 0.0
        along = min(along, self.legs) if self.repeat == "once" else along % max(1, self.legs)
        leg, part = min(int(along), max(0, self.legs - 1)), along - min(int(along), max(0, self.legs - 1))
        if self.repeat == "ping-pong" and leg >= last:
            start, end = 2 * last - leg, 2 * last - leg - 1
        else:
            start, end = leg, (leg + 1) % len(self.stops)
        if self.easing == "smooth":
            part = (1 - math.cos(math.pi * part)) / 2
        return self.stops[max(0, start)], self.stops[max(0, end)], part

    def frame_times(self, rate: int) -> list[float]:
        """When each picture of an animation is taken, so many a second; the last stop of a walk that ends included."""
        count = max(1, round(self.seconds * rate))
        return [index / rate for index in range(count + (self.repeat == "once" and self.legs > 0))]

    def _between(self, start: Latent, end: Latent, part: float) -> tuple[Array, Array]:
        c = _mixed(start, end, part)
        if start.noise == end.noise:
            return start.noise.draw(self.latents), c
        return mixed_noise(self.latents, start.noise, end.noise, part), c


def _mixed(start: Latent, end: Latent, part: float) -> Array:
    return np.asarray((1 - part) * start.c + part * end.c, np.float32)


def stops_of(state: ExplorerState, what: str) -> tuple[Latent, ...]:
    """Where a walk stops: at the ends of a continuous code, at each class, at each bookmark, at one seed after another.

    Args:
        state: what stays the same, and where seeds begin.
        what: the name of a code, ``BOOKMARKS`` or ``NOISE``.
    """
    here, latents = state.latent, state.latents
    if what == BOOKMARKS:
        return tuple(mark.latent for mark in state.bookmarks) or (here,)
    if what == NOISE:
        seeds = range(here.noise.seed, here.noise.seed + NOISE_STOPS)
        return tuple(replace(here, noise=replace(here.noise.seeded(seed), blend=0.0)) for seed in seeds)
    return tuple(here.with_code(latents, what, value) for value in _values(state, latents[what]))


def choices(latents: LatentSpec) -> list[str]:
    """What can walk: every code, the noise where there is any, the bookmarks."""
    return [*(code.name for code in latents.codes), *([NOISE] if latents.noise.size else []), BOOKMARKS]


def _values(state: ExplorerState, code: Code) -> Sequence[float]:
    if isinstance(code, Categorical | Bernoulli):
        return class_order(state.bundle, code)
    return shown_range(code)
