"""The objective against values worked out by hand and against Monte Carlo estimates."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform
from infogan.trainer.losses import (
    discriminator_loss,
    generator_loss,
    guide_loss,
    heads_information,
    information_loss,
    log_likelihood,
    mode_seeking_loss,
    mutual_information,
    paired_information,
)
from infogan.trainer.networks import Posterior

SPEC = LatentSpec((Categorical("k", 3), Uniform("u"), Bernoulli("b"), Gaussian("g")), Noise(1))


def posterior(logits: list[float], mean: list[float], std: list[float], n: int = 1) -> Posterior:
    return Posterior(
        torch.tensor([logits] * n), torch.tensor([mean] * n), torch.tensor([std] * n, dtype=torch.float32).log()
    )


def test_discriminator_loss_is_minus_v() -> None:
    real, fake = torch.tensor([[0.0], [2.0]]), torch.tensor([[-1.0], [3.0]])
    v = np.mean(np.log(1 / (1 + np.exp(-real.numpy())))) + np.mean(np.log(1 - 1 / (1 + np.exp(-fake.numpy()))))
    assert discriminator_loss(real, fake).item() == pytest.approx(-v, rel=1e-6)


def test_generator_loss_is_non_saturating() -> None:
    assert generator_loss(torch.zeros(4, 1)).item() == pytest.approx(math.log(2))
    fooled_nobody = torch.full((1, 1), -20.0, requires_grad=True)
    generator_loss(fooled_nobody).backward()
    assert fooled_nobody.grad is not None
    assert fooled_nobody.grad.item() == pytest.approx(-1, abs=1e-6)


def test_mode_seeking_loss_by_hand() -> None:
    """Pairs are the first and third, the second and fourth; a fifth has no partner."""
    images = torch.tensor([0.0, 0.25, 0.5, 0.75, 0.9])[:, None, None, None].requires_grad_()
    z = torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [1.0, 0.5], [9.0, 9.0]])
    loss = mode_seeking_loss(images, z)
    assert loss.item() == pytest.approx((0.5 + 0.25) / 2 / (0.5 + 0.02), rel=1e-4)
    loss.backward()
    assert images.grad is not None
    assert (images.grad.flatten().sign() == torch.tensor([1, 1, -1, -1, 0])).all()  # a step downhill parts the pairs
    assert mode_seeking_loss(torch.zeros(4, 1, 1, 1), z[:4]).item() == pytest.approx((0.5 + 0.25) / 2 / 0.02, rel=1e-4)


def test_log_likelihood_by_hand() -> None:
    c = torch.tensor([[0, 1, 0, 0.5, 1, -1.0]])
    q = posterior([1.0, 2.0, 3.0, 0.4], [0.1, 0.2], [0.5, 2.0])
    found = log_likelihood(SPEC, q, c)
    assert found["k"].item() == pytest.approx(2 - math.log(math.exp(1) + math.exp(2) + math.exp(3)), rel=1e-5)
    assert found["b"].item() == pytest.approx(math.log(1 / (1 + math.exp(-0.4))), rel=1e-5)
    assert found["u"].item() == pytest.approx(-0.5 * math.log(2 * math.pi * 0.25) - 0.16 / (2 * 0.25), rel=1e-5)
    assert found["g"].item() == pytest.approx(-0.5 * math.log(2 * math.pi * 4) - 1.44 / (2 * 4), rel=1e-5)


def test_information_of_a_perfect_and_of_an_ignorant_q() -> None:
    """L_I reaches H(c) when Q knows the code, and is 0 when Q answers with the prior."""
    c = torch.eye(3).repeat(10, 1)
    spec = LatentSpec((Categorical("k", 3),), Noise(1))
    perfect = mutual_information(spec, Posterior(c * 200, torch.zeros(30, 0), torch.zeros(30, 0)), c)
    ignorant = mutual_information(spec, Posterior(c * 0, torch.zeros(30, 0), torch.zeros(30, 0)), c)
    assert perfect["k"].item() == pytest.approx(math.log(3), abs=1e-6)
    assert ignorant["k"].item() == pytest.approx(0, abs=1e-6)


@given(st.integers(0, 2**31))
def test_information_of_discrete_codes_never_exceeds_their_entropy(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    _, c = SPEC.sample(np.random.default_rng(seed), 16)
    q = Posterior(
        torch.randn(16, 4, generator=generator) * 10, torch.zeros(16, 2), torch.randn(16, 2, generator=generator)
    )
    found = mutual_information(SPEC, q, torch.from_numpy(c))
    for name in ("k", "b"):
        assert found[name].item() <= SPEC[name].entropy + 1e-5


def test_information_against_the_true_value_of_a_gaussian_channel() -> None:
    """For x = c + noise with c ~ N(0, 1), the exact posterior makes the bound tight: I = ln(1 + 1 / s^2) / 2."""
    s, n = 0.5, 400_000
    rng = np.random.default_rng(0)
    c = rng.standard_normal((n, 1)).astype(np.float32)
    x = c + s * rng.standard_normal((n, 1)).astype(np.float32)
    variance = s**2 / (1 + s**2)
    q = Posterior(torch.zeros(n, 0), torch.from_numpy(x / (1 + s**2)), torch.full((n, 1), 0.5 * math.log(variance)))
    found = mutual_information(LatentSpec((Gaussian("g"),), Noise(1)), q, torch.from_numpy(c))
    assert found["g"].item() == pytest.approx(0.5 * math.log(1 + 1 / s**2), abs=5e-3)


def test_discrete_and_continuous_codes_have_their_own_weight() -> None:
    information = {"k": torch.tensor(1.0), "u": torch.tensor(10.0), "b": torch.tensor(100.0), "g": torch.tensor(1e3)}
    assert information_loss(SPEC, information, 2.0, 0.5).item() == pytest.approx(-(2 * 101 + 0.5 * 1010))


def test_paired_information_by_hand() -> None:
    sure = torch.eye(4).repeat(8, 1) * 100
    assert paired_information(sure, sure).item() == pytest.approx(math.log(4), abs=1e-4)
    assert paired_information(sure, torch.zeros_like(sure)).item() == pytest.approx(0, abs=1e-4)
    one_cluster = torch.tensor([[100.0, 0, 0, 0]]).repeat(8, 1)
    assert paired_information(one_cluster, one_cluster).item() == pytest.approx(0, abs=1e-4)


def test_paired_information_keeps_its_precision_under_autocast() -> None:
    """A bf16 matrix product would round the joint distribution to 8 bits."""
    logits, changed = torch.randn(128, 10), torch.randn(128, 10)
    with torch.autocast("cpu", torch.bfloat16):
        inside = paired_information(logits, changed)
    assert inside.item() == pytest.approx(paired_information(logits, changed).item(), rel=1e-6)


def test_information_of_heads_is_the_mean_of_theirs() -> None:
    logits, changed = torch.randn(64, 3, 5), torch.randn(64, 3, 5)
    each = [paired_information(logits[:, head], changed[:, head]).item() for head in range(3)]
    assert paired_information(logits, changed).tolist() == pytest.approx(each, abs=1e-6)
    assert heads_information(logits, changed).item() == pytest.approx(sum(each) / 3, abs=1e-6)


def test_guide_loss_by_hand() -> None:
    """Two pictures of one category, one of another: constants are free, differences within a category are not."""
    measured = torch.tensor([[0.0, 1.0], [1.0, 1.0], [5.0, -2.0]])
    categories = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    constant = torch.tensor([[3.0, 0.0], [3.0, 0.0], [-7.0, 0.5]])
    assert guide_loss(measured + constant, measured, categories).item() == pytest.approx(0, abs=1e-10)
    assert guide_loss(0 * measured, measured, categories).item() == pytest.approx(2 * 0.5**2 / 3)
    expected = (measured - measured.mean(0)).square().sum(1).mean().item()
    assert guide_loss(0 * measured, measured, torch.ones(3, 1)).item() == pytest.approx(expected)


def test_the_guide_leaves_categories_alone_and_is_not_rounded() -> None:
    logits, mean = torch.randn(8, 3, requires_grad=True), torch.randn(8, 2, requires_grad=True)
    measured = torch.randn(8, 2)
    with torch.autocast("cpu", torch.bfloat16):
        inside = guide_loss(mean, measured, logits.softmax(1))
    inside.backward()
    assert logits.grad is None
    assert mean.grad is not None
    assert inside.item() == pytest.approx(guide_loss(mean, measured, logits.softmax(1)).item(), rel=1e-6)
