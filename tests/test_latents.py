"""The latent space as data."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform

MIXED = LatentSpec(
    (Categorical("digit", 10), Uniform("slant"), Bernoulli("bold"), Gaussian("size"), Categorical("style", 3)),
    Noise(7, "normal"),
)


@st.composite
def specs(draw: st.DrawFn) -> LatentSpec:
    names = draw(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=6, unique=True))
    codes = []
    for name in names:
        low = draw(st.floats(-5, 4))
        kinds = (
            Categorical(name, draw(st.integers(2, 20))),
            Bernoulli(name),
            Uniform(name, low, low + draw(st.floats(0.5, 5))),
            Gaussian(name),
        )
        codes.append(draw(st.sampled_from(kinds)))
    return LatentSpec(tuple(codes), Noise(draw(st.integers(1, 20)), draw(st.sampled_from(("uniform", "normal")))))


def test_the_default_is_the_papers() -> None:
    spec = LatentSpec()
    assert (spec.noise.size, spec.width, spec.input_width) == (62, 12, 74)
    assert spec.slices == {"c1": slice(0, 10), "c2": slice(10, 11), "c3": slice(11, 12)}


@given(specs())
def test_json_round_trip(spec: LatentSpec) -> None:
    assert LatentSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_the_first_categorical_code() -> None:
    spec = LatentSpec((Uniform("a"), Categorical("b", 4), Categorical("c", 7)))
    assert spec.first_categorical == spec["b"]
    assert LatentSpec((Bernoulli("a"),)).first_categorical is None


@given(specs(), st.integers(0, 5), st.integers(0, 2**32))
def test_samples_lie_in_the_prior(spec: LatentSpec, n: int, seed: int) -> None:
    z, c = spec.sample(np.random.default_rng(seed), n)
    assert z.shape == (n, spec.noise.size)
    assert c.shape == (n, spec.width)
    assert z.dtype == c.dtype == np.float32
    for code in spec.codes:
        part = c[:, spec.slices[code.name]]
        if isinstance(code, Categorical):
            assert np.array_equal(np.sort(part, axis=1)[:, -1:], np.ones((n, 1)))
            assert np.array_equal(part.sum(1), np.ones(n))
        elif isinstance(code, Bernoulli):
            assert np.isin(part, (0, 1)).all()
        elif isinstance(code, Uniform):
            assert ((part >= np.float32(code.low)) & (part <= np.float32(code.high))).all()


def test_sampling_law_and_entropy() -> None:
    """Frequencies and moments of the prior; H(c) against a Monte Carlo estimate of -E[log p]."""
    n = 200_000
    z, c = MIXED.sample(np.random.default_rng(0), n)
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1) < 0.01
    frequencies = c[:, MIXED.slices["digit"]].mean(0)
    assert np.abs(frequencies - 0.1).max() < 0.004
    assert -(frequencies * np.log(frequencies)).sum() == pytest.approx(MIXED["digit"].entropy, abs=1e-3)
    assert c[:, MIXED.slices["bold"]].mean() == pytest.approx(0.5, abs=0.005)
    assert MIXED["bold"].entropy == pytest.approx(math.log(2))
    size = c[:, MIXED.slices["size"]][:, 0]
    assert (0.5 * np.log(2 * np.pi) + size**2 / 2).mean() == pytest.approx(MIXED["size"].entropy, abs=0.01)
    assert Uniform("u", -2, 2).entropy == pytest.approx(math.log(4))
    assert Noise(3).sample(np.random.default_rng(0), 1000).min() >= -1


def test_samples_repeat_with_the_seed() -> None:
    first, second = (MIXED.sample(np.random.default_rng(5), 8) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("name", ["digit", "slant", "bold", "size", "style"])
def test_a_traversal_changes_one_code_only(name: str) -> None:
    z, c = MIXED.sample(np.random.default_rng(0), 4)
    grid_z, grid_c = MIXED.traversal(name, z, c, rows=5, low=-3, high=3)
    assert grid_z.shape == (20, 7)
    assert grid_c.shape == (20, MIXED.width)
    varying = MIXED.slices[name]
    others = [i for i in range(MIXED.width) if not varying.start <= i < varying.stop]
    by_row = grid_c.reshape(5, 4, -1)
    assert np.array_equal(by_row[:, :, others], np.repeat(c[None][:, :, others], 5, axis=0))
    assert (by_row[:, :1, varying] == by_row[:, :, varying]).all()
    assert len(np.unique(by_row[:, 0, varying], axis=0)) == {"bold": 2, "style": 3}.get(name, 5)
    if name in ("slant", "size"):
        assert by_row[:, 0, varying][:, 0].tolist() == [-3, -1.5, 0, 1.5, 3]


def test_default_traversals() -> None:
    z, c = MIXED.sample(np.random.default_rng(0), 2)
    rows = {name: len(MIXED.traversal(name, z, c)[0]) // 2 for name in MIXED.slices}
    assert rows == {"digit": 10, "slant": 10, "bold": 2, "size": 10, "style": 3}


def test_neutral_codes() -> None:
    spec = LatentSpec((Categorical("a", 3), Uniform("b", 1, 3), Gaussian("c"), Bernoulli("d")))
    assert spec.neutral().tolist() == [[1, 0, 0, 2, 0, 0]]


@pytest.mark.parametrize(
    ("codes", "noise"),
    [
        ((Categorical("a", 2), Uniform("a")), Noise()),
        ((Categorical("", 2),), Noise()),
        ((Categorical("a", 1),), Noise()),
        ((Uniform("a", 1, 1),), Noise()),
        ((Uniform("a", 0, math.inf),), Noise()),
        ((), Noise()),
        ((Gaussian("a"),), Noise(-1)),
        ((Gaussian("a"),), Noise(5000)),
        ((Categorical("a", 5000),), Noise()),
        ((Gaussian("a"),), Noise(2, "cauchy")),
    ],
)
def test_impossible_spaces_are_refused(codes: tuple, noise: Noise) -> None:
    with pytest.raises(ValueError, match=r"."):
        LatentSpec(codes, noise)


KEYS = st.sampled_from(("codes", "noise", "kind", "name", "size", "low", "high", "distribution"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@given(json_values)
def test_other_json_is_refused_with_a_value_error(value: object) -> None:
    try:
        LatentSpec.from_json(value)
    except ValueError:
        return
    assert isinstance(value, dict)
