"""Everything that changes while a run trains, and that a checkpoint must hold."""

import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .config import TrainConfig
from .data import Batches
from .errors import UserError, first_line
from .networks import InfoGAN, Shape


def build_model(config: TrainConfig, shape: Shape) -> InfoGAN:
    """The networks that the settings describe, for pictures of ``shape``, with weights drawn from the seed."""
    torch.manual_seed(config.seed)
    return InfoGAN(
        config.latents,
        shape,
        config.network,
        config.channels,
        config.hidden,
        config.leaky_slope,
        (config.std_min, config.std_max),
        config.clusters if config.cluster_weight else 0,
    )


def trained_model(checkpoint: dict[str, Any], config: TrainConfig) -> InfoGAN:
    """The networks of a checkpoint, in evaluation mode.

    Raises:
        UserError: its weights do not fit its own settings.
    """
    try:
        model = build_model(config, tuple(checkpoint["shape"]))
        model.load_state_dict(checkpoint["model"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise UserError(f"the checkpoint does not fit its own settings ({first_line(error)})") from error
    return model.eval()


class TrainingState:
    """Networks, optimisers, generators, position in the data, step and history of one run.

    Attributes:
        model: G, D and Q.
        d_optimizer: updates trunk and D, and at a rate of their own Q's layers and the auxiliary head.
        g_optimizer: updates G.
        batches: the data, with its position.
        rng: source of latents and of changes to pictures.
        step: updates done.
        seconds: time spent training, over all sessions of the run.
        history: rows of metrics.jsonl.
        sums: sum of each logged term since the last row.
        score: sum of the label-free score over the epoch so far (see :meth:`add`).
        best: highest mean score of a complete epoch so far; None before there is one.
    """

    def __init__(self, config: TrainConfig, images: np.ndarray[Any, np.dtype[np.uint8]], device: torch.device) -> None:
        shape: Shape = images.shape[1:]
        self.config = config
        self.model = build_model(config, shape).to(device)
        self.batches = Batches(images, config.batch_size, config.seed)
        self.rng = np.random.default_rng(config.seed)
        self.step = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self.sums: dict[str, Tensor] = {}
        self.score: Tensor = torch.zeros(())
        self.best: float | None = None
        heads = [*self.model.q_head.parameters()]
        if self.model.cluster_head is not None:
            heads += self.model.cluster_head.parameters()
        own = {id(p) for p in heads}
        shared = [p for p in self.model.discriminator_parameters() if id(p) not in own]
        betas = config.beta1, config.beta2
        self.d_optimizer = torch.optim.Adam(
            [{"params": shared, "lr": config.d_lr}, {"params": heads, "lr": config.q_lr}],
            betas=betas,
            fused=True,
        )
        self.g_optimizer = torch.optim.Adam(self.model.generator.parameters(), lr=config.g_lr, betas=betas, fused=True)

    def add(self, terms: dict[str, Tensor]) -> None:
        """Count one step's terms, and its score: how good the codes are, without any label.

        The score is the information between Q's categories of real pictures and of changed copies (``-iic``), which
        tells good starts from bad ones; L_I, which does not, is used only where the recipe has no such term.
        """
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, torch.zeros(())) + value
        self.score = self.score - terms["iic"] if "iic" in terms else self.score + terms["mi_total"]

    def end_row(self, epoch: int) -> dict[str, float]:
        """Close a row of the history: the mean of each term since the last one."""
        steps = self.step - (self.history[-1]["step"] if self.history else 0)
        means = {name: float(value) / steps for name, value in self.sums.items()}
        self.history.append({"step": self.step, "epoch": epoch, **means, "seconds": self.seconds})
        self.sums.clear()
        return self.history[-1]

    def end_epoch(self) -> bool:
        """Close the epoch's score; whether it is the best so far."""
        mean = float(self.score) / len(self.batches)
        self.score = torch.zeros(())
        best = self.best is None or mean > self.best
        self.best = mean if best else self.best
        return best

    def to_checkpoint(self) -> dict[str, Any]:
        """Plain tensors, numbers, strings, lists and dicts."""
        return {
            "config": json.dumps(self.config.to_json()),
            "shape": list(self.model.shape),
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "model": self.model.state_dict(),
            "d_optimizer": self.d_optimizer.state_dict(),
            "g_optimizer": self.g_optimizer.state_dict(),
            "batches": {"epoch": self.batches.epoch, "index": self.batches.index},
            "numpy_rng": json.dumps(self.rng.bit_generator.state),
            "torch_rng": torch.get_rng_state(),
            "history": self.history,
            "sums": self.sums,
            "score": self.score,
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Take over what :meth:`to_checkpoint` gave.

        Raises:
            UserError: something is missing, or does not fit the settings.
        """
        try:
            self._restore(checkpoint)
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise UserError(f"the checkpoint does not fit its own settings ({first_line(error)})") from error

    def _restore(self, checkpoint: dict[str, Any]) -> None:
        self.step = checkpoint["step"]
        self.seconds = checkpoint["seconds"]
        self.best = checkpoint["best"]
        self.model.load_state_dict(checkpoint["model"])
        self.d_optimizer.load_state_dict(checkpoint["d_optimizer"])
        self.g_optimizer.load_state_dict(checkpoint["g_optimizer"])
        self.batches.epoch = checkpoint["batches"]["epoch"]
        self.batches.index = checkpoint["batches"]["index"]
        self.rng.bit_generator.state = json.loads(checkpoint["numpy_rng"])
        torch.set_rng_state(checkpoint["torch_rng"])
        self.history = list(checkpoint["history"])
        self.sums = dict(checkpoint["sums"])
        self.score = checkpoint["score"]
