"""Generated pictures to measure, always from the same latents."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trainer.latents import Categorical, Gaussian, LatentSpec, Uniform
from .bundle import Array, Bundle, Posterior

PAIRS = 500  # latents in which one code is moved from end to end
_SEED = 2016
_EDGE = 1.0  # a Gaussian code is moved from one standard deviation below 0 to one above


@dataclass(frozen=True)
class Samples:
    """Latents (n, noise) and (n, width) from the prior, their pictures, and what Q reads from those."""

    z: Array
    c: Array
    images: Array
    posterior: Posterior


def draw(bundle: Bundle, n: int) -> Samples:
    """Generate ``n`` pictures from the prior and read them back."""
    z, c = bundle.latents.sample(np.random.default_rng(_SEED), n)
    images = bundle.generate(z, c)
    return Samples(z, c, images, bundle.infer(images))


def effect(bundle: Bundle, name: str) -> float:
    """How much one code changes the picture, as a share of the difference between two random pictures.

    Root mean squared difference per pixel when the code alone moves over its training range (a discrete one: to the
    next class), divided by the same between independent samples.
    """
    z, c = bundle.latents.sample(np.random.default_rng(_SEED), PAIRS)
    low, high = _ends(bundle.latents, name, c)
    base = bundle.generate(z, c)
    other = np.roll(base, 1, axis=0)
    return rms(bundle.generate(z, low) - bundle.generate(z, high)) / max(rms(base - other), 1e-12)


def _ends(spec: LatentSpec, name: str, c: Array) -> tuple[Array, Array]:
    """Copies of ``c`` with the code at one end of its range and at the other."""
    code, columns = spec[name], spec.slices[name]
    low, high = c.copy(), c.copy()
    if isinstance(code, Categorical):
        high[:, columns] = np.roll(c[:, columns], 1, axis=1)
    elif isinstance(code, Uniform | Gaussian):
        ends = (code.low, code.high) if isinstance(code, Uniform) else (-_EDGE, _EDGE)
        low[:, columns], high[:, columns] = ends
    else:
        low[:, columns], high[:, columns] = 0, 1
    return low, high


def rms(difference: NDArray[np.float32]) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.square(difference, dtype=np.float64).mean()))
