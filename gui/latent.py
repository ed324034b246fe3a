"""One point of the latent space as the app keeps it: the codes, and where the noise comes from. No Qt."""

import json
import math
from dataclasses import asdict, dataclass, field, fields, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..export.bundle import Bundle
from ..trainer.errors import UserError
from ..trainer.latents import Array, Bernoulli, Categorical, Code, Gaussian, LatentSpec, Uniform
from .translation import tr

MAX_SEED = 2**31 - 1
MAX_SCALE = 1.5
FORMAT = "infogan-latent"
VERSION = 1
NORMAL = NormalDist()
_PLACES = 4  # decimals of a drawing's noise: what is beyond them moves no pixel

Numbers = NDArray[np.floating[Any]]


class LatentError(UserError):
    """A text that does not describe a point of the latent space at hand, in one sentence."""


@dataclass(frozen=True)
class NoiseSource:
    """Where the noise z comes from: that of a seed or of a drawing, blended with that of another seed, and scaled.

    Attributes:
        seed: of the noise, 0 to 2^31 - 1.
        other: the seed of the noise that is blended in.
        blend: how far it goes from the one to the other, 0 to 1.
        scale: what the blend is multiplied by, 0 to 1.5; below 1 the noise is closer to the middle of its prior.
    """

    seed: int = 0
    other: int = 1
    blend: float = 0.0
    scale: float = 1.0
    own: tuple[float, ...] = ()
    """Noise that a drawing was found to have; it takes the place of the seed's. Empty: the seed's."""

    def seeded(self, seed: int) -> "NoiseSource":
        """The same with the noise of a seed."""
        return replace(self, seed=seed, own=())

    def draw(self, latents: LatentSpec) -> Array:
        """The noise, (1, noise.size) float32: the same for the same source, always.

        A blend of two samples of the prior is as likely as a sample: standard normal numbers are weighted by the
        cosine and the sine of the angle from one to the other, and keep their length; uniform ones are first made
        normal by the inverse of the normal distribution function, and then uniform again.
        """
        z = np.array([self.own], np.float32) if self.own else seed_noise(latents, self.seed)
        if self.blend > 0:
            z = _blended(latents, z, seed_noise(latents, self.other), self.blend)
        return np.asarray(z * np.float32(self.scale))


def seed_noise(latents: LatentSpec, seed: int) -> Array:
    """The noise of a seed, (1, noise.size) float32."""
    return latents.noise.sample(np.random.default_rng(seed), 1)


def mixed_noise(latents: LatentSpec, start: NoiseSource, end: NoiseSource, part: float) -> Array:
    """The noise at a part of the way from one source to another, (1, noise.size), blended as within a source."""
    first, second = (replace(source, scale=1.0).draw(latents) for source in (start, end))
    scale = (1 - part) * start.scale + part * end.scale
    return np.asarray(_blended(latents, first, second, part) * np.float32(scale))


@dataclass(frozen=True)
class Latent:
    """Codes, as numbers in the order of the spec's columns, and the source of the noise."""

    codes: tuple[float, ...]
    noise: NoiseSource = field(default_factory=NoiseSource)

    @property
    def c(self) -> Array:
        """The codes as G takes them, (1, width) float32."""
        return np.array([self.codes], np.float32)

    def value(self, latents: LatentSpec, name: str) -> float:
        """The class of a categorical code, 0 or 1 of a Bernoulli code, the value of a continuous one."""
        columns = self.c[0, latents.slices[name]]
        return int(columns.argmax()) if isinstance(latents[name], Categorical) else float(columns[0])

    def undrawn(self) -> "Latent":
        """The same without the noise of a drawing, which means nothing to other networks than those that found it."""
        return replace(self, noise=replace(self.noise, own=()))

    def with_code(self, latents: LatentSpec, name: str, value: float) -> "Latent":
        """The same but for one code: a class, 0 or 1, or a value.

        Raises:
            KeyError: there is no such code.
            IndexError: there is no such class.
        """
        return Latent(as_codes(with_code(latents, self.c, name, value)), self.noise)


def as_codes(c: Array) -> tuple[float, ...]:
    """The codes (1, width) as they stand in a :class:`Latent`."""
    return tuple(c[0].tolist())


def with_code(latents: LatentSpec, c: Array, name: str, value: float) -> Array:
    """A copy of codes (n, width) in which one has another value: a class, 0 or 1, or a number."""
    code = latents[name]
    changed = c.copy()
    changed[:, latents.slices[name]] = code.one_hot(np.array(int(value))) if isinstance(code, Categorical) else value
    return changed


def training_range(code: Code) -> tuple[float, float]:
    """Where the values of a continuous code lay in training; for a Gaussian code, 95 % of them."""
    return (code.low, code.high) if isinstance(code, Uniform) else (-2.0, 2.0)


def shown_range(code: Code) -> tuple[float, float]:
    """Where the app lets a continuous code go."""
    assert isinstance(code, Uniform | Gaussian)
    return code.extent


def renumbered(bundle: Bundle, other: Bundle, latent: Latent) -> Latent:
    """The same point for another bundle: classes of the same name, for training numbers them at random."""
    for code in bundle.latents.codes:
        if isinstance(code, Categorical):
            number = int(latent.value(bundle.latents, code.name))
            label = bundle.label(code.name, number)
            if label:
                latent = latent.with_code(bundle.latents, code.name, _named(other, code, label, number))
    return latent


def to_json(latents: LatentSpec, latent: Latent, bundle: Bundle | None = None) -> dict[str, Any]:
    """What is copied, saved in pictures and in bookmarks: each code by its name, and the noise.

    Of the classes also what the bundle calls them, for others number them otherwise.
    """
    codes = {code.name: latent.value(latents, code.name) for code in latents.codes}
    labels = {name: bundle.label(name, int(value)) for name, value in codes.items()} if bundle else {}
    named = {name: label for name, label in labels.items() if label}
    noise = {name: value for name, value in asdict(latent.noise).items() if name != "own" or value}
    data = {"format": FORMAT, "format_version": VERSION, "codes": codes, "noise": noise}
    return {**data, "labels": named} if named else data


def to_text(latents: LatentSpec, latent: Latent, bundle: Bundle | None = None) -> str:
    """The JSON in one line."""
    return json.dumps(to_json(latents, latent, bundle))


def from_json(latents: LatentSpec, data: Any, bundle: Bundle | None = None) -> Latent:
    """The point that parsed JSON describes, with the classes that a bundle calls as the JSON does.

    Raises:
        LatentError: it is not of this format, or names other codes or values than this latent space has.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise LatentError(tr('the JSON is not a code: expected "format": "{name}".', name=FORMAT))
    if data.get("format_version") != VERSION:
        raise LatentError(tr("the code is of another version of this app: copy it anew with this one."))
    codes = data.get("codes")
    names = [code.name for code in latents.codes]
    if not isinstance(codes, dict) or set(codes) != set(names):
        raise LatentError(
            tr("the code belongs to another model: expected values of {names} and no others.", names=", ".join(names))
        )
    latent = Latent(as_codes(latents.neutral()), _noise(latents, data.get("noise")))
    labels = data.get("labels")
    for code in latents.codes:
        value = checked_value(code, codes[code.name])
        label = labels.get(code.name) if isinstance(labels, dict) else None
        if bundle and isinstance(code, Categorical) and isinstance(label, str):
            value = _named(bundle, code, label, int(value))
        latent = latent.with_code(latents, code.name, value)
    return latent


def _named(bundle: Bundle, code: Categorical, label: str, otherwise: int) -> int:
    """The first class that a bundle calls so, or another one where it has none of that name."""
    return next((index for index in range(code.size) if bundle.label(code.name, index) == label), otherwise)


def checked_value(code: Code, value: object) -> float:
    """A value that the app could have set.

    Raises:
        LatentError: it is no number, no class of the code, or out of the range that the app shows.
    """
    if isinstance(code, Categorical | Bernoulli):
        return _whole(value, 0, (code.size if isinstance(code, Categorical) else 2) - 1, code.name)
    low, high = shown_range(code)
    slack = rounding(code)
    return _number(value, low - slack, high + slack, code.name)


def rounding(code: Code) -> float:
    """How far a value may be from what it stands for: codes are single precision."""
    low, high = shown_range(code)
    return 1e-6 * (high - low) + float(np.spacing(np.float32(max(abs(low), abs(high)))))


def decimals(code: Code) -> int:
    """How many decimals tell the values of a continuous code apart: two for a range of 4."""
    low, high = shown_range(code)
    return max(2, math.ceil(-math.log10((high - low) / 40)) + 1)


def own_noise(z: Array) -> tuple[float, ...]:
    """Noise (1, noise.size) as it stands in a :class:`NoiseSource`: rounded, for it is copied and saved as text."""
    return tuple(round(float(number), _PLACES) for number in z[0])


def _noise(latents: LatentSpec, data: Any) -> NoiseSource:
    names = {entry.name for entry in fields(NoiseSource)}
    if not isinstance(data, dict) or not names - {"own"} <= set(data) <= names:
        raise LatentError(tr("the code says nothing of its noise: expected seed, other, blend and scale."))
    own = data.get("own", ())
    if not isinstance(own, list | tuple) or len(own) not in (0, latents.noise.size):
        raise LatentError(
            tr(
                "the code has noise of its own that this model cannot take: expected {size} numbers.",
                size=latents.noise.size,
            )
        )
    seed, other = (_whole(data[name], 0, MAX_SEED, name) for name in ("seed", "other"))
    return NoiseSource(
        seed,
        other,
        _number(data["blend"], 0, 1, "blend"),
        _number(data["scale"], 0, MAX_SCALE, "scale"),
        tuple(_number(number, -latents.noise.reach, latents.noise.reach, "own") for number in own),
    )


def _whole(value: object, low: int, high: int, name: str) -> int:
    number = _number(value, low, high, name)
    if number != int(number):
        raise LatentError(
            tr(
                "{name} is {value}: expected a whole number from {low} to {high}.",
                name=name,
                value=repr(value),
                low=low,
                high=high,
            )
        )
    return int(number)


def _number(value: object, low: float, high: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        shown = f"{value!r}"[:40]
        raise LatentError(
            tr(
                "{name} is {value}: expected a number from {low:g} to {high:g}.",
                name=name,
                value=shown,
                low=low,
                high=high,
            )
        )
    return float(value)


def _blended(latents: LatentSpec, first: Array, second: Array, blend: float) -> Array:
    if latents.noise.distribution == "normal":
        return np.asarray(_turned(first, second, blend), np.float32)
    normal = _turned(_to_normal(first), _to_normal(second), blend)
    return np.array([[2 * NORMAL.cdf(number) - 1 for number in normal[0]]], np.float32)


def _turned(first: Numbers, second: Numbers, part: float) -> Numbers:
    """From one vector to another by the cosine and the sine of an angle, as long in between as orthogonal ones are.

    By themselves vectors that are alike would be too long in the middle, 1.4 times if they are equal, and others too
    short.
    """
    angle = part * math.pi / 2
    between = math.cos(angle) * first + math.sin(angle) * second
    length = math.hypot(math.cos(angle) * np.linalg.norm(first), math.sin(angle) * np.linalg.norm(second))
    found = max(float(np.linalg.norm(between)), 1e-3 * length)  # nothing lies between two opposite ones
    return np.asarray(between * (length / found) if found else between)


def _to_normal(uniform: Array) -> Array:
    """Numbers in [-1, 1) as those of a standard normal distribution that have the same rank."""
    inner = (uniform[0].astype(float) + 1).clip(1e-7, 2 - 1e-7) / 2
    return np.array([[NORMAL.inv_cdf(number) for number in inner]])
