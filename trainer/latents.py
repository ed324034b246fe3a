"""The latent space, described once as data.

InfoGAN (Chen et al. 2016, arXiv 1606.03657, section 5) splits G's input into incompressible noise z and
structured codes c. A :class:`LatentSpec` lists the codes and the noise; widths, prior samples, entropies,
traversals, losses, sliders and JSON all follow from it. Numpy only: the desktop app reads it too.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Categorical:
    """One of ``size`` equally likely classes, laid out in c as a one-hot block of ``size`` columns."""

    name: str
    size: int

    @property
    def width(self) -> int:
        """Columns of c."""
        return self.size

    @property
    def entropy(self) -> float:
        """H(c) = ln(size), in nats."""
        return math.log(self.size)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n one-hot rows from the prior, (n, size) float32."""
        return self.one_hot(rng.integers(self.size, size=n))

    def points(self, count: int, low: float, high: float) -> Array:
        """The classes in order, repeated when ``count`` exceeds them; the interval does not apply."""
        return self.one_hot(np.arange(count) % self.size)

    def one_hot(self, index: NDArray[np.integer[Any]]) -> Array:
        """One-hot rows, (n, size) float32, of class indices (n,) in [0, size)."""
        rows: Array = np.eye(self.size, dtype=np.float32)[index]
        return rows


@dataclass(frozen=True)
class Bernoulli:
    """A fair coin, 0 or 1, in one column."""

    name: str
    width: int = field(default=1, init=False, repr=False)

    @property
    def entropy(self) -> float:
        """H(c) = ln 2, in nats."""
        return math.log(2)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n values from the prior, (n, 1) float32."""
        return rng.integers(2, size=(n, 1)).astype(np.float32)

    def points(self, count: int, low: float, high: float) -> Array:
        """0, 1, 0, 1, ...; the interval does not apply."""
        return (np.arange(count) % 2).astype(np.float32)[:, None]


@dataclass(frozen=True)
class Uniform:
    """A continuous code, uniform on [low, high], in one column."""

    name: str
    low: float = -1.0
    high: float = 1.0
    width: int = field(default=1, init=False, repr=False)

    @property
    def entropy(self) -> float:
        """Differential entropy ln(high - low), in nats; it may be negative."""
        return math.log(self.high - self.low)

    @property
    def extent(self) -> tuple[float, float]:
        """How far it may be moved: twice as far as in training, as in the paper's figures."""
        margin = (self.high - self.low) / 2
        return self.low - margin, self.high + margin

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n values from the prior, (n, 1) float32."""
        return rng.uniform(self.low, self.high, (n, 1)).astype(np.float32)

    def points(self, count: int, low: float, high: float) -> Array:
        """``count`` evenly spaced values from ``low`` to ``high``, both included, (count, 1) float32."""
        return np.linspace(low, high, count, dtype=np.float32)[:, None]


@dataclass(frozen=True)
class Gaussian:
    """A continuous code with a standard normal prior, in one column."""

    name: str
    width: int = field(default=1, init=False, repr=False)

    @property
    def entropy(self) -> float:
        """Differential entropy ln(2 pi e) / 2, in nats."""
        return 0.5 * math.log(2 * math.pi * math.e)

    @property
    def extent(self) -> tuple[float, float]:
        """How far it may be moved: three standard deviations."""
        return -3.0, 3.0

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n values from the prior, (n, 1) float32."""
        return rng.standard_normal((n, 1)).astype(np.float32)

    def points(self, count: int, low: float, high: float) -> Array:
        """``count`` evenly spaced values from ``low`` to ``high``, both included, (count, 1) float32."""
        return np.linspace(low, high, count, dtype=np.float32)[:, None]


@dataclass(frozen=True)
class Noise:
    """The incompressible part z: ``size`` independent numbers, uniform on [-1, 1] or standard normal."""

    size: int = 62
    distribution: Literal["uniform", "normal"] = "uniform"

    @property
    def reach(self) -> float:
        """How far from 0 a number of a picture's noise may be: the interval's end, or three standard deviations."""
        return 1.0 if self.distribution == "uniform" else 3.0

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n rows from the prior, (n, size) float32."""
        shape = (n, self.size)
        draw = rng.uniform(-1, 1, shape) if self.distribution == "uniform" else rng.standard_normal(shape)
        return draw.astype(np.float32)


Discrete = Categorical | Bernoulli
Continuous = Uniform | Gaussian
Code = Discrete | Continuous

_CODE_TYPES: dict[str, type[Code]] = {
    "categorical": Categorical,
    "bernoulli": Bernoulli,
    "uniform": Uniform,
    "gaussian": Gaussian,
}
_CODE_FIELDS: dict[str, dict[str, type]] = {
    "categorical": {"name": str, "size": int},
    "bernoulli": {"name": str},
    "uniform": {"name": str, "low": float, "high": float},
    "gaussian": {"name": str},
}
MAX_WIDTH = 1024  # of z and of c: far above any published InfoGAN, far below what exhausts a machine


@dataclass(frozen=True)
class LatentSpec:
    """An ordered list of codes and the noise.

    ``c`` is laid out as ``codes`` orders them: one-hot blocks for categorical codes, one column for each other.

    Raises:
        ValueError: duplicate or empty names, a categorical of fewer than two classes, an empty interval, a noise
            distribution that is neither uniform nor normal, no code at all, or more than 1024 columns in z or c.
    """

    codes: tuple[Code, ...] = (Categorical("c1", 10), Uniform("c2"), Uniform("c3"))
    noise: Noise = Noise()

    def __post_init__(self) -> None:
        names = [code.name for code in self.codes]
        if not all(names) or len(set(names)) != len(names):
            raise ValueError(f"code names must be distinct and not empty, got {names}")
        for code in self.codes:
            if isinstance(code, Categorical) and code.size < 2:
                raise ValueError(f"categorical code {code.name} needs at least 2 classes, got {code.size}")
            if isinstance(code, Uniform) and not (math.isfinite(code.high - code.low) and code.low < code.high):
                raise ValueError(f"uniform code {code.name} needs low < high, got {code.low} and {code.high}")
        if self.noise.size < 0 or self.noise.distribution not in ("uniform", "normal"):
            raise ValueError(f"noise must have size >= 0 and be uniform or normal, got {self.noise}")
        if not self.codes:
            raise ValueError("there must be at least one code, or Q has nothing to infer")
        if max(self.noise.size, self.width) > MAX_WIDTH:
            raise ValueError(f"z and c may have up to {MAX_WIDTH} columns, got {self.noise.size} and {self.width}")

    @cached_property
    def width(self) -> int:
        """Columns of c."""
        return sum(code.width for code in self.codes)

    @property
    def input_width(self) -> int:
        """Columns of G's input, z and c together."""
        return self.noise.size + self.width

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Each code's columns in c."""
        return _slices(self.codes)

    @cached_property
    def discrete(self) -> tuple[Discrete, ...]:
        """Categorical and Bernoulli codes, in order: those for which Q gives probabilities."""
        return tuple(code for code in self.codes if isinstance(code, Categorical | Bernoulli))

    @cached_property
    def first_categorical(self) -> Categorical | None:
        """The categorical code that is clustered, taught and guided by; None where there is none."""
        return next((code for code in self.codes if isinstance(code, Categorical)), None)

    @cached_property
    def continuous(self) -> tuple[Continuous, ...]:
        """Uniform and Gaussian codes, in order: those for which Q gives a mean and a standard deviation."""
        return tuple(code for code in self.codes if isinstance(code, Uniform | Gaussian))

    @cached_property
    def probability_slices(self) -> dict[str, slice]:
        """Each discrete code's columns in Q's probabilities: a column a class, one column P(c = 1) for a Bernoulli."""
        return _slices(self.discrete)

    def __getitem__(self, name: str) -> Code:
        """The code called ``name``.

        Raises:
            KeyError: there is none.
        """
        for code in self.codes:
            if code.name == name:
                return code
        raise KeyError(name)

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Draw n latents from the prior: z (n, noise.size) and c (n, width), float32."""
        return self.noise.sample(rng, n), self.sample_codes(rng, n)

    def sample_codes(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n rows of codes from the prior, (n, width) float32."""
        return np.concatenate([code.sample(rng, n) for code in self.codes], axis=1)

    def neutral(self) -> Array:
        """One row of codes, (1, width) float32: first class, 0, and the middle of each interval."""
        middles = ((code.low + code.high) / 2 if isinstance(code, Uniform) else 0.0 for code in self.codes)
        rows = [code.points(1, middle, middle) for code, middle in zip(self.codes, middles, strict=True)]
        return np.concatenate(rows, axis=1)

    def inferred(self, probs: Mapping[str, Array], mean: Mapping[str, Array]) -> Array:
        """The codes that Q infers from n pictures: the likeliest classes, and means within the extent of their code.

        Args:
            probs: by discrete code, (n, classes) of a categorical one, (n, 1) of a Bernoulli.
            mean: by continuous code, (n,).

        Returns:
            (n, width) float32.
        """
        columns = [_inferred(code, probs, mean) for code in self.codes]
        return np.concatenate(columns, axis=1).astype(np.float32)

    def traversal(
        self, name: str, z: Array, c: Array, rows: int | None = None, low: float = -2.0, high: float = 2.0
    ) -> tuple[Array, Array]:
        """A grid in which the code ``name`` varies down the rows and everything else is fixed down each column.

        Args:
            name: the code that varies.
            z: noise of each column, (columns, noise.size) float32.
            c: codes of each column, (columns, width) float32; the varying code's columns are overwritten.
            rows: how many values; by default each class once, or 10 values of a continuous code.
            low: first value of a continuous code. The paper trains on [-1, 1] and shows -2 to 2.
            high: last value of a continuous code.

        Returns:
            z (rows * columns, noise.size) and c (rows * columns, width), row by row.
        """
        code = self[name]
        values = code.points(rows or default_points(code), low, high)
        columns = len(z)
        grid = np.tile(c, (len(values), 1))
        grid[:, self.slices[name]] = np.repeat(values, columns, axis=0)
        return np.tile(z, (len(values), 1)), grid

    def to_json(self) -> dict[str, Any]:
        """Plain data that :meth:`from_json` reads back to an equal spec."""
        kinds = {cls: kind for kind, cls in _CODE_TYPES.items()}
        codes = [
            {"kind": kinds[type(code)], **{key: getattr(code, key) for key in _CODE_FIELDS[kinds[type(code)]]}}
            for code in self.codes
        ]
        return {"codes": codes, "noise": asdict(self.noise)}

    @classmethod
    def from_json(cls, data: Any) -> "LatentSpec":
        """Read what :meth:`to_json` wrote; unknown keys are ignored.

        Raises:
            ValueError: not such data, or data that describes no valid spec.
        """
        try:
            codes = tuple(_code_from_json(item) for item in data["codes"])
            noise = data["noise"]
            if type(noise["size"]) is not int:
                raise ValueError(f"noise size must be a whole number, got {noise['size']!r}")
            return cls(codes, Noise(noise["size"], noise["distribution"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a latent spec: {error!r} in {json.dumps(data, default=repr)[:200]}") from error


def _inferred(code: Code, probs: Mapping[str, Array], mean: Mapping[str, Array]) -> Array:
    """Columns (n, code.width) of :meth:`LatentSpec.inferred`."""
    if isinstance(code, Categorical):
        return code.one_hot(probs[code.name].argmax(1))
    if isinstance(code, Bernoulli):
        return np.asarray(probs[code.name] > 0.5, np.float32)
    return mean[code.name][:, None].clip(*code.extent)


def default_points(code: Code) -> int:
    """Rows that a traversal of ``code`` has unless told otherwise: each class once, 10 values of a continuous code."""
    if isinstance(code, Categorical):
        return code.size
    return 2 if isinstance(code, Bernoulli) else 10


def _slices(codes: Sequence[Code]) -> dict[str, slice]:
    ends = np.cumsum([code.width for code in codes]).tolist()
    return {code.name: slice(end - code.width, end) for code, end in zip(codes, ends, strict=True)}


def _code_from_json(item: dict[str, Any]) -> Code:
    kind = item["kind"]
    if kind not in _CODE_TYPES:
        raise ValueError(f"unknown kind of code {kind!r}, expected one of {', '.join(_CODE_TYPES)}")
    values: dict[str, Any] = {}
    for key, kind_of_value in _CODE_FIELDS[kind].items():
        value = item[key]
        if kind_of_value is float and type(value) is int:
            value = float(value)
        if type(value) is not kind_of_value:
            raise ValueError(f"{key} of a {kind} code must be {kind_of_value.__name__}, got {value!r}")
        values[key] = value
    return _CODE_TYPES[kind](**values)
