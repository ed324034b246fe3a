"""A trunk with spectral norms in place of batch normalisation, and a copy with plain layers that does the same."""

import copy
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn.utils import parametrize

from .convolutions import HalvingConv2d

if TYPE_CHECKING:
    from .networks import InfoGAN

SPECTRAL_GAIN = 2.0  # of a layer with spectral normalisation


def spectrally_normalised(trunk: nn.Sequential) -> nn.Sequential:
    """The same layers, each divided by its spectral norm instead of followed by batch normalisation.

    Miyato et al. 2018, arXiv 1802.05957, section 2.1: a D whose layers are 1-Lipschitz leaves G a gradient however good
    it is. But a layer of random weights with norm 1 halves what varies in its input, and a leaky ReLU leaves 0.7 of
    that; the gain makes up for most of it, for a few thousand steps are too few to learn from what four layers leave.
    """
    layers = [layer for layer in trunk if not isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    for layer in layers:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.utils.parametrizations.spectral_norm(layer)
            parametrize.register_parametrization(layer, "weight", Gain(SPECTRAL_GAIN))
    return nn.Sequential(*layers)


class Gain(nn.Module):
    """Weights times a constant."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain = gain

    def forward(self, weight: Tensor) -> Tensor:
        """The weights as they act."""
        return weight * self.gain


def effective_state(model: "InfoGAN") -> dict[str, Tensor]:
    """The state dict of :func:`with_plain_trunk`: weights as they act, in place of what they are computed from."""
    state = {name: value for name, value in model.state_dict().items() if ".parametrizations." not in name}
    model.trunk.eval()  # in training every look at a weight would take another step towards its norm
    for name, layer in model.named_modules():
        if parametrize.is_parametrized(layer, "weight"):
            assert isinstance(layer.weight, Tensor)
            state[f"{name}.weight"] = layer.weight.detach()
    model.trunk.train(model.training)
    return state


def with_plain_trunk(model: "InfoGAN") -> "InfoGAN":
    """A copy that does the same, with spectral norms as part of the weights.

    Its layers are others: torch's own removal works on the class, which a copy shares with the model's layer.
    """
    plain = copy.deepcopy(model)
    plain.trunk = nn.Sequential(
        *(_plain(layer) if parametrize.is_parametrized(layer) else layer for layer in plain.trunk)
    )
    plain.load_state_dict(effective_state(model))
    return plain.to(next(model.parameters()).device)


def _plain(layer: nn.Module) -> nn.Module:
    if isinstance(layer, nn.Conv2d):
        return HalvingConv2d(layer.in_channels, layer.out_channels, bias=layer.bias is not None)
    assert isinstance(layer, nn.Linear)
    return nn.Linear(layer.in_features, layer.out_features, layer.bias is not None)
