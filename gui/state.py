"""What the explorer shows: a bundle, one row of codes, a noise seed. The one place that holds these; no Qt."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import Array, Categorical, Code, Discrete, Gaussian, LatentSpec, Uniform

Change = Literal["bundle", "codes", "noise", "lock"]
Observer = Callable[[frozenset[Change]], None]
MAX_SEED = 2**31 - 1
DICE = 100_000  # seeds that chance gives: short enough to be read out


class ExplorerState:
    """Codes c (1, width) float32 and noise z, drawn from a seed, of the bundle that is open.

    Observers are called after each change with what changed, and never when nothing did. While the noise is locked,
    every change of the seed is ignored.
    """

    def __init__(self) -> None:
        self.bundle: Bundle | None = None
        self.latents = LatentSpec()
        self.c: Array = self.latents.neutral()
        self.seed = 0
        self.locked = False
        self._observers: list[Observer] = []

    def subscribe(self, observer: Observer) -> None:
        """Call ``observer`` after each change with the set of what changed."""
        self._observers.append(observer)

    @property
    def z(self) -> Array:
        """The noise, (1, noise.size) float32: the same for the same seed, always."""
        return noise_of(self.latents, self.seed)

    def value(self, name: str) -> float:
        """The class of a categorical code, 0 or 1 of a Bernoulli code, the value of a continuous one."""
        columns = self.c[0, self.latents.slices[name]]
        return int(columns.argmax()) if isinstance(self.latents[name], Categorical) else float(columns[0])

    def open(self, bundle: Bundle) -> None:
        """Show another bundle; codes are kept where the one before described them in the same way."""
        kept = self.bundle is not None and bundle.latents == self.latents
        self.bundle, self.latents = bundle, bundle.latents
        if not kept:
            self.c = self._first_codes()
        self._notify("bundle", "codes", "noise")

    def set_code(self, name: str, value: float) -> None:
        """Set one code: a class, 0 or 1, or a value.

        Raises:
            KeyError: there is no such code.
            IndexError: there is no such class.
        """
        self.go_to(with_code(self.latents, self.c, name, value), self.seed)

    def set_seed(self, seed: int) -> None:
        """Draw the noise from another seed >= 0."""
        self.go_to(self.c, seed)

    def randomise(self, rng: np.random.Generator) -> None:
        """Draw new noise."""
        self.set_seed(int(rng.integers(DICE)))

    def reset_codes(self) -> None:
        """The first class shown, 0, and the middle of each interval."""
        self.go_to(self._first_codes(), self.seed)

    def set_lock(self, locked: bool) -> None:
        """Keep the noise as it is, whatever sets another seed."""
        if locked != self.locked:
            self.locked = locked
            self._notify("lock")

    def use(self, posterior: Posterior) -> None:
        """Take over the codes that Q read from one picture: the likeliest classes and the means."""
        c = self.latents.neutral()
        for code in self.latents.codes:
            c = with_code(self.latents, c, code.name, reading_of(code, posterior))
        self.go_to(c, self.seed)

    def go_to(self, c: Array, seed: int) -> None:
        """Set all codes, (1, width), and, unless the noise is locked, the seed."""
        changes: list[Change] = []
        if not np.array_equal(c, self.c):
            self.c = np.array(c, np.float32)
            changes.append("codes")
        if seed != self.seed and not self.locked:
            self.seed = seed
            changes.append("noise")
        self._notify(*changes)

    def _first_codes(self) -> Array:
        """Codes to begin with: of the classes, those that stand first, for training numbers them at random."""
        c = self.latents.neutral()
        for code in self.latents.discrete:
            c = with_code(self.latents, c, code.name, class_order(self.bundle, code)[0])
        return c

    def _notify(self, *changes: Change) -> None:
        for observer in self._observers if changes else ():
            observer(frozenset(changes))


def noise_of(latents: LatentSpec, seed: int) -> Array:
    """The noise of a seed, (1, noise.size) float32."""
    return latents.noise.sample(np.random.default_rng(seed), 1)


def with_code(latents: LatentSpec, c: Array, name: str, value: float) -> Array:
    """A copy of codes (n, width) in which one has another value: a class, 0 or 1, or a number."""
    code = latents[name]
    changed = c.copy()
    changed[:, latents.slices[name]] = code.one_hot(np.array(int(value))) if isinstance(code, Categorical) else value
    return changed


def reading_of(code: Code, posterior: Posterior) -> float:
    """What Q takes a code to be in the first picture: the likeliest class, or the mean within the range shown."""
    if isinstance(code, Categorical):
        return int(posterior.probs[code.name][0].argmax())
    if code.name in posterior.probs:
        return float(posterior.probs[code.name][0, 0] > 0.5)
    low, high = shown_range(code)
    return float(np.clip(posterior.mean[code.name][0], low, high))


def class_count(code: Discrete) -> int:
    """Classes of a categorical code, both sides of a coin."""
    return code.size if isinstance(code, Categorical) else 2


def class_order(bundle: Bundle | None, code: Discrete) -> list[int]:
    """The classes as they are listed: by their labels where all have one, for training numbers them at random."""
    classes = list(range(class_count(code)))
    labels = [bundle.label(code.name, index) if bundle else None for index in classes]
    keys = [(len(label), label, index) for index, label in enumerate(labels) if label]
    return [index for _, _, index in sorted(keys)] if len(keys) == len(classes) else classes


def training_range(code: Code) -> tuple[float, float]:
    """Where the values of a continuous code lay in training; for a Gaussian code, 95 % of them."""
    return (code.low, code.high) if isinstance(code, Uniform) else (-2.0, 2.0)


def shown_range(code: Code) -> tuple[float, float]:
    """Where the app lets a continuous code go: twice as far as in training, as in the paper's figures."""
    low, high = training_range(code)
    margin = 1.0 if isinstance(code, Gaussian) else (high - low) / 2
    return low - margin, high + margin
