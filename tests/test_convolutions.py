"""The CNN's own convolutions do what torch's do; numbers are small and whole, so that bfloat16 holds all of them."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from infogan.trainer import convolutions
from infogan.trainer.convolutions import DoublingConv2d, Flatten, HalvingConv2d
from infogan.trainer.encoder import Encoder
from infogan.trainer.latents import LatentSpec
from infogan.trainer.networks import InfoGAN
from infogan.trainer.recipes import defaults

patches = convolutions._patches
Layer = type[HalvingConv2d] | type[DoublingConv2d]


def whole(*shape: int, seed: int) -> Tensor:
    """-1, 0 or 1 everywhere."""
    return torch.randint(-1, 2, shape, generator=torch.Generator().manual_seed(seed)).float()


def passes(layer: nn.Module, x: Tensor, precision: torch.dtype | None) -> list[Tensor]:
    """What a layer gives, and the gradients of its input and of its parameters; float32."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", precision, enabled=precision is not None):
        y = layer(x)
    y.backward(whole(*y.shape, seed=3).to(y.dtype))
    gradients = [x.grad, *(parameter.grad for parameter in layer.parameters())]
    assert all(gradient is not None for gradient in gradients)
    return [tensor.detach().float() for tensor in (y, *gradients) if tensor is not None]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("channels", "out"), [(1, 32), (32, 3), (16, 32), (32, 16)])
@pytest.mark.parametrize("kind", [HalvingConv2d, DoublingConv2d])
def test_a_convolution_and_its_gradients_are_torchs(kind: Layer, channels: int, out: int, bias: bool) -> None:
    layer = kind(channels, out, bias=bias)
    for i, parameter in enumerate(layer.parameters()):
        parameter.data = whole(*parameter.shape, seed=i)
    x = whole(3, channels, 6, 4, seed=2)
    exact, low = passes(layer, x, None), passes(layer, x, torch.bfloat16)
    operation = F.conv2d if isinstance(layer, HalvingConv2d) else F.conv_transpose2d
    assert torch.equal(exact[0], operation(x, layer.weight, layer.bias, stride=2, padding=1))
    assert all(tensor.abs().max() <= 256 for tensor in exact)  # all whole numbers that bfloat16 has
    assert all(torch.equal(*both) for both in zip(exact, low, strict=True))


@pytest.mark.parametrize(
    ("layer", "x", "own"),
    [
        (HalvingConv2d(16, 32, bias=False), (2, 16, 8, 8), True),
        (DoublingConv2d(32, 16, bias=False), (2, 32, 4, 4), True),
        (HalvingConv2d(16, 32), (2, 16, 8, 8), False),
        (HalvingConv2d(3, 32, bias=False), (2, 3, 8, 8), False),
    ],
)
def test_wide_layers_without_a_bias_go_their_own_way_back(layer: nn.Module, x: tuple[int, ...], own: bool) -> None:
    assert "_Convolution" not in str(layer(torch.rand(x)).grad_fn)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(torch.rand(x))
    assert ("_Convolution" in str(y.grad_fn)) == own
    assert y.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", [HalvingConv2d, DoublingConv2d])
def test_patches_are_made_of_a_few_pictures_at_a_time(kind: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a batch of any size needs is bounded; the gradient is the sum."""
    layer, x, made = kind(16, 16, bias=False), whole(5, 16, 8, 8, seed=0), []
    layer.weight.data = whole(16, 16, 4, 4, seed=1)
    together = passes(layer, x, torch.bfloat16)
    places = 16 * (64 if kind is DoublingConv2d else 16)
    monkeypatch.setattr(convolutions, "_PATCHES", 2 * 16 * places)
    monkeypatch.setattr(convolutions, "_patches", lambda few: made.append(len(few)) or patches(few))
    assert all(torch.equal(*both) for both in zip(together, passes(layer, x, torch.bfloat16), strict=True))
    assert made == [2, 2, 1]


def test_rows_of_channels_last_are_those_of_channels_first() -> None:
    """And what goes back through them has channels last again."""
    layouts = []
    x = whole(3, 16, 7, 5, seed=0).contiguous(memory_format=torch.channels_last)
    x.requires_grad_().register_hook(lambda gradient: layouts.append(gradient.stride()))
    with torch.autocast("cpu", torch.bfloat16):
        rows = Flatten()(x)
    assert torch.equal(rows, x.detach().flatten(1))
    rows.backward(whole(3, 560, seed=1))
    assert layouts == [x.stride()]
    assert x.grad is not None
    assert torch.equal(x.grad.flatten(1), whole(3, 560, seed=1))


@pytest.mark.parametrize("trunk_norm", ["batch", "spectral"])
def test_a_network_learns_the_same_way_in_both_precisions(trunk_norm: str) -> None:
    """Through the activations that overwrite what is before them; up to what bfloat16 leaves of each number."""
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 28, 28), channels=16, hidden=32, trunk_norm=trunk_norm)
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data *= 5  # so that the first layers count
    model.trunk.eval()  # a spectral norm takes no step
    images, weights = torch.rand(16, 1, 28, 28), torch.randn(16, 32)
    found = []
    for precision in (None, torch.bfloat16):
        model.zero_grad()
        with torch.autocast("cpu", precision, enabled=precision is not None):
            features = model.trunk(images)
        (features.float() * weights).sum().backward()
        found.append([p.grad for p in model.trunk.parameters() if p.grad is not None])
    for exact, low in zip(*found, strict=True):
        assert (exact - low).norm() < 0.2 * exact.norm()


def test_the_parameters_are_as_torchs_layers_have_them() -> None:
    """Checkpoints of either fit the other, and Adam, which goes through memory as it lies, meets one layout only."""
    model = InfoGAN(LatentSpec(), (1, 28, 28), channels=16, hidden=16)
    encoder = Encoder(defaults("robust", "cnn", "mnist"), (1, 28, 28))
    assert all(p.is_contiguous() for network in (model, encoder) for p in network.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        features = model.trunk(model.generate(torch.rand(4, 62), torch.rand(4, 12)))
    features.float().square().sum().backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert len(gradients) >= len([*model.generator.parameters(), *model.trunk.parameters()])
    assert all(gradient.is_contiguous() for gradient in gradients)
