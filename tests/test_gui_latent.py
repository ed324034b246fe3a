"""Points of the latent space: noise that stays a sample of its prior, and JSON that says what it is. No Qt needed."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infogan.gui.latent import (
    MAX_SCALE,
    MAX_SEED,
    Latent,
    LatentError,
    NoiseSource,
    as_codes,
    from_json,
    seed_noise,
    shown_range,
    to_json,
    to_text,
)
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform

MIXED = LatentSpec(
    (Categorical("kind", 3), Bernoulli("coin"), Uniform("size", 0, 0.1), Gaussian("g")), Noise(5, "normal")
)
SEEDS = st.integers(0, MAX_SEED)
OWN = st.just(()) | st.tuples(*[st.floats(-3, 3)] * MIXED.noise.size)
SOURCES = st.builds(NoiseSource, SEEDS, SEEDS, st.floats(0, 1), st.floats(0, MAX_SCALE), OWN)


@st.composite
def latents(draw: st.DrawFn, spec: LatentSpec) -> Latent:
    """Any point that the app could show."""
    latent = Latent(as_codes(spec.neutral()), draw(SOURCES))
    for code in spec.codes:
        if isinstance(code, Categorical | Bernoulli):
            value: float = draw(st.integers(0, getattr(code, "size", 2) - 1))
        else:
            value = draw(st.floats(*shown_range(code)))
        latent = latent.with_code(spec, code.name, value)
    return latent


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("blend", [0.0, 0.25, 0.5, 1.0])
def test_a_blend_is_a_sample_of_the_prior_again(distribution: str, blend: float) -> None:
    spec = LatentSpec(noise=Noise(1000, distribution))
    z = np.concatenate([NoiseSource(seed, seed + 99, blend).draw(spec) for seed in range(20)])
    prior = np.concatenate([seed_noise(spec, seed) for seed in range(1000, 1020)])
    assert z.dtype == np.float32
    assert np.quantile(z, np.linspace(0.05, 0.95, 10)) == pytest.approx(
        np.quantile(prior, np.linspace(0.05, 0.95, 10)), abs=0.05
    )
    assert np.linalg.norm(z, axis=1) == pytest.approx(np.linalg.norm(prior, axis=1).mean(), rel=0.1)


def test_the_ends_of_a_blend_are_its_seeds_and_the_scale_multiplies() -> None:
    for spec in (LatentSpec(), MIXED):
        assert np.array_equal(NoiseSource(3, 4).draw(spec), seed_noise(spec, 3))
        np.testing.assert_allclose(NoiseSource(3, 4, 1).draw(spec), seed_noise(spec, 4), atol=1e-6)
        assert np.array_equal(NoiseSource(3, scale=0.5).draw(spec), seed_noise(spec, 3) * np.float32(0.5))
    assert NoiseSource(1, 2, 0.5).draw(LatentSpec(noise=Noise(0))).shape == (1, 0)


@given(latents(MIXED))
def test_json_gives_back_what_went_in(latent: Latent) -> None:
    assert from_json(MIXED, json.loads(to_text(MIXED, latent))) == latent


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from(["codes", "noise", "format", "format_version", "kind", "size", "seed", "scale", "own"]))
def test_any_other_json_is_refused_in_a_sentence(value: Any, where: str) -> None:
    data = to_json(MIXED, Latent(as_codes(MIXED.neutral()), NoiseSource(own=(0.5,) * MIXED.noise.size)))
    for part in (data, data["codes"], data["noise"]):
        if where in part:
            part[where] = value
    said = ""
    try:
        from_json(MIXED, data)
    except LatentError as error:
        said = str(error)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "not a code"),
        ({"format": "infogan-latent", "format_version": 9}, "another version"),
        (to_json(LatentSpec(), Latent(as_codes(LatentSpec().neutral()))), "another model: expected values of kind"),
    ],
)
def test_what_is_wrong_is_said(data: Any, says: str) -> None:
    with pytest.raises(LatentError, match=says):
        from_json(MIXED, data)


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.booleans())
def test_the_ends_of_any_range_survive(low: float, width: float, upper: bool) -> None:
    """Codes are single precision: an end of a narrow range far from 0 is rounded beyond itself."""
    spec = LatentSpec((Uniform("u", low, low + width),))
    value = shown_range(spec.codes[0])[upper]
    latent = Latent(as_codes(spec.neutral())).with_code(spec, "u", value)
    assert from_json(spec, json.loads(to_text(spec, latent))) == latent


@given(SEEDS, SEEDS, st.floats(0, 1))
@example(6424, 3142656, 0.125)  # ends that point away from each other
def test_a_blend_has_the_length_of_its_ends_however_alike_they_are(seed: int, other: int, blend: float) -> None:
    spec = LatentSpec(noise=Noise(50, "normal"))
    first, second = seed_noise(spec, seed), seed_noise(spec, other)
    lengths = sorted(float(np.linalg.norm(z)) for z in (first, second))
    length = float(np.linalg.norm(NoiseSource(seed, other, blend).draw(spec)))
    assert lengths[0] * 0.9999 <= length <= lengths[1] * 1.0001
