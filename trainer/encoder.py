"""The encoder E(x) of the noise, and what its training must remember.

Q says what was drawn, E how: with both, G draws a picture again from (E(x), c(x)), and its codes can be changed.
"""

from typing import Any

import torch
from torch import Tensor, nn

from .adam import Adam
from .config import TrainConfig
from .errors import UserError, first_line
from .networks import Shape, cnn_trunk, initialise, mlp_trunk
from .replicas import Averaging


class Encoder(nn.Module):
    """Pictures (n, C, H, W) in [0, 1] -> noise (n, noise.size) float32, where the prior has its mass.

    A trunk of its own, half as wide as D's. On D's features it learns in slightly fewer steps, but its graph would have
    to carry D's trunk, which is four times as large.
    """

    def __init__(self, config: TrainConfig, shape: Shape) -> None:
        super().__init__()
        noise, hidden = config.latents.noise, -(-config.hidden // 2)
        self.reach = noise.reach
        if config.network == "cnn":
            trunk = cnn_trunk(shape, -(-config.channels // 2), hidden, config.leaky_slope)
        else:
            trunk = mlp_trunk(shape, hidden, config.leaky_slope)
        self.layers = nn.Sequential(*trunk, nn.Linear(hidden, noise.size))
        self.apply(initialise)

    def forward(self, images: Tensor) -> Tensor:
        """The noise: within the interval of a uniform prior, or three standard deviations of a normal one."""
        outputs: Tensor = self.layers(images)
        return self.reach * (outputs.float() / self.reach).tanh()


class EncoderState:
    """E and its optimiser; part of a run's state once the game is over."""

    def __init__(self, config: TrainConfig, shape: Shape, device: torch.device) -> None:
        self.encoder = _build(config, shape).to(device)
        self.optimizer = Adam(self.encoder.parameters(), lr=config.encoder_lr, fused=True)
        self.averaging = Averaging(self.encoder)

    def to_checkpoint(self) -> dict[str, Any]:
        """Plain tensors, numbers, lists and dicts."""
        return {"model": self.encoder.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Take over what :meth:`to_checkpoint` gave."""
        self.encoder.load_state_dict(checkpoint["model"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])


def trained_encoder(checkpoint: dict[str, Any], config: TrainConfig) -> Encoder | None:
    """The encoder of a checkpoint in evaluation mode; None where its training had not begun.

    Raises:
        UserError: its weights do not fit the checkpoint's settings.
    """
    if not checkpoint.get("encoder"):
        return None
    try:
        encoder = _build(config, tuple(checkpoint["shape"]))
        encoder.load_state_dict(checkpoint["encoder"]["model"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise UserError(f"the checkpoint's encoder does not fit its own settings ({first_line(error)})") from error
    return encoder.eval()


def _build(config: TrainConfig, shape: Shape) -> Encoder:
    """With weights drawn from the seed; the source of all other random numbers is left as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Encoder(config, shape)
