"""The seed's networks: shapes, the table's numbers, and Q's promises."""

import copy
import math

import pytest
import torch
from torch import nn

from infogan.trainer import networks
from infogan.trainer.convolutions import Flatten, HalvingConv2d
from infogan.trainer.errors import UserError
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform
from infogan.trainer.networks import InfoGAN, frozen_statistics

SPECS = [
    LatentSpec(),
    LatentSpec(tuple(Categorical(f"c{i}", 10) for i in range(10)), Noise(128)),
    LatentSpec((Bernoulli("a"), Gaussian("b"), Uniform("c"), Categorical("d", 4)), Noise(3)),
    LatentSpec((Categorical("only", 5),), Noise(2)),
    LatentSpec((Uniform("only"),), Noise(2)),
]


@pytest.mark.parametrize("network", ["cnn", "mlp"])
@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 12)])
def test_shapes_follow_from_the_spec(network: str, spec: LatentSpec, shape: tuple[int, int, int]) -> None:
    model = InfoGAN(spec, shape, network, channels=2, hidden=8, clusters=(2, 7))
    images = model.generate(torch.randn(5, spec.noise.size), torch.randn(5, spec.width))
    assert images.shape == (5, *shape)
    assert 0 <= images.min() <= images.max() <= 1
    features = model.trunk(images)
    q = model.q_head(features)
    assert model.d_head(features).shape == (5, 1)
    assert q.logits.shape == (5, sum(code.width for code in spec.discrete))
    assert q.mean.shape == q.log_std.shape == (5, len(spec.continuous))
    assert model.cluster_heads is not None
    logits = model.cluster_heads(features)
    assert logits.shape == (5, 2, 7)
    assert model.cluster_heads.group_shares(logits, 3).sum(1).tolist() == pytest.approx([1] * 5, abs=1e-5)


def test_the_cnn_is_table_1() -> None:
    """Widths, kernels and batch normalisation of the paper's MNIST table, read off the built network."""
    model = InfoGAN(LatentSpec(), (1, 28, 28))
    described = [str(layer) for layer in model.trunk]
    assert described[0] == "HalvingConv2d(1, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))"
    assert described[2].startswith("HalvingConv2d(64, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1)")
    assert described[6].startswith("Linear(in_features=6272, out_features=1024")
    assert [type(layer) for layer in model.trunk] == [
        HalvingConv2d,
        nn.LeakyReLU,
        HalvingConv2d,
        nn.BatchNorm2d,
        nn.LeakyReLU,
        Flatten,
        nn.Linear,
        nn.BatchNorm1d,
        nn.LeakyReLU,
    ]
    widths = [m.weight.shape for m in model.generator if isinstance(m, nn.Linear | nn.ConvTranspose2d)]
    assert widths == [(1024, 74), (6272, 1024), (128, 64, 4, 4), (64, 1, 4, 4)]
    assert [m.weight.shape for m in model.q_head.layers if isinstance(m, nn.Linear)] == [(128, 1024), (14, 128)]


def test_the_mlp_has_two_hidden_layers() -> None:
    model = InfoGAN(LatentSpec(), (1, 28, 28), "mlp")
    assert [m.weight.shape for m in model.generator if isinstance(m, nn.Linear)] == [
        (1024, 74),
        (1024, 1024),
        (784, 1024),
    ]
    assert [m.weight.shape for m in model.trunk if isinstance(m, nn.Linear)] == [(1024, 784), (1024, 1024)]
    assert all(m.negative_slope == 0.1 for m in model.modules() if isinstance(m, nn.LeakyReLU))


@pytest.mark.parametrize("bounds", [(0.1, 1.0), (1.0, 1.0)])
def test_the_standard_deviation_stays_in_its_range(bounds: tuple[float, float]) -> None:
    model = InfoGAN(LatentSpec(), (1, 8, 8), channels=2, hidden=8, std_range=bounds)
    std = model.q_head(torch.randn(64, 8) * 1e4).log_std.exp()
    assert bounds[0] * 0.999 <= std.min().item()
    assert std.max().item() <= bounds[1] * 1.001


def test_the_standard_deviation_can_always_come_back() -> None:
    """A hard clamp would leave it at the bound for ever."""
    model = InfoGAN(LatentSpec(), (1, 8, 8), channels=2, hidden=8)
    last = model.q_head.layers[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.bias[-2:] = -8.0
    model.q_head(torch.randn(4, 8)).log_std.sum().backward()
    assert last.bias.grad is not None
    assert (last.bias.grad[-2:] > 0).all()


def test_a_picture_that_cannot_be_halved_twice_is_refused() -> None:
    with pytest.raises(UserError, match="multiples of 4, got 30x28"):
        InfoGAN(LatentSpec(), (1, 30, 28))


def test_d_parameters_are_all_but_gs() -> None:
    model = InfoGAN(LatentSpec(), (1, 8, 8), channels=2, hidden=8, clusters=(2, 3))
    count = sum(p.numel() for p in model.discriminator_parameters())
    generator = sum(p.numel() for p in model.generator.parameters())
    assert count + generator == sum(p.numel() for p in model.parameters())
    assert math.prod(model.d_head.weight.shape) == 8


@pytest.mark.parametrize("shared", [0, 512])
@pytest.mark.parametrize("norm", ["batch", "spectral"])
@pytest.mark.parametrize("network", ["cnn", "mlp"])
def test_batches_are_normalised_apart(network: str, norm: str, shared: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features, gradients and running statistics are as if each batch came by itself, the others without a trace."""
    monkeypatch.setattr(networks, "_SHARED", shared)
    torch.manual_seed(0)
    together = InfoGAN(LatentSpec(), (1, 8, 8), network, channels=4, hidden=16, trunk_norm=norm)
    apart = copy.deepcopy(together)
    batches = [torch.rand(6, 1, 8, 8) * size for size in (1.0, 0.5, 0.1)]
    found = together.features(*batches)
    expected = [apart.trunk(batches[0])]
    with frozen_statistics(apart):
        expected += [apart.trunk(batch) for batch in batches[1:]]
    torch.testing.assert_close(found, expected)
    for features in (found, expected):
        sum(i * f.pow(3).sum() for i, f in enumerate(features, 1)).backward()
    for (name, one), other in zip(together.trunk.named_parameters(), apart.trunk.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-4, msg=name)
    running = {name: value for name, value in together.trunk.state_dict().items() if "running" in name}
    assert bool(running) == (norm == "batch")
    for name, value in running.items():
        torch.testing.assert_close(value, apart.trunk.state_dict()[name])


def test_under_spectral_norm_q_reads_in_training_as_it_will_once_exported() -> None:
    """Real and generated features differ there, and batches normalised by themselves would hide that."""
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 28, 28), channels=4, hidden=16, trunk_norm="spectral")
    with torch.no_grad():
        model.q_head(model.trunk(torch.rand(8, 1, 28, 28)))
        others = model.trunk(torch.rand(8, 1, 28, 28) * 0.1)
        with frozen_statistics(model):
            training = model.q_head(others).mean
        assert model.q_head.training
        assert torch.equal(training, model.eval().q_head(others).mean)
