"""What torchrun starts in the tests of several processes: a training that loses one, or one step's gradients."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from infogan.trainer import game, replicas, train
from infogan.trainer.cli import main as infogan_train
from infogan.trainer.config import TrainConfig
from infogan.trainer.recipes import defaults
from infogan.trainer.state import TrainingState

BATCH = 16
KILLED_AT = 7


class NoNorm(nn.Identity):
    """In the place of a layer of batch normalisation."""

    momentum = 0.1


def train_and_lose_one(arguments: list[str]) -> int:
    """infogan-train; the second process dies once, in the middle of a step."""
    update = game.update

    def deadly(state: TrainingState, batch: np.ndarray, precision: str) -> game.Terms:
        if state.step == KILLED_AT and replicas.rank() == 1 and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        return update(state, batch, precision)

    train.update = deadly
    return infogan_train(arguments)


def gradients() -> dict[str, torch.Tensor]:
    """Of one step without batch normalisation, of all parameters as the optimisers see them; each sees its share."""
    nn.BatchNorm1d = nn.BatchNorm2d = NoNorm
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(BATCH, 1, 28, 28), dtype=np.uint8)
    config: TrainConfig = defaults("poster", "cnn", "mnist")
    config = TrainConfig.from_json({**config.to_json(), "channels": 4, "hidden": 16, "batch_size": BATCH})
    state = TrainingState(config, images, torch.device("cpu"))
    z, c = (torch.from_numpy(part) for part in config.latents.sample(rng, BATCH))
    mine = replicas.share(np.arange(BATCH))
    game._latents = lambda state, n, device: (z[mine], c[mine])
    found = {}
    for which, optimizer in {"d": state.d_optimizer, "g": state.g_optimizer}.items():
        owned = {id(p) for group in optimizer.param_groups for p in group["params"]}

        def step(which: str = which, owned: set[int] = owned) -> None:
            named = state.model.named_parameters()
            found.update({f"{which} {name}": p.grad.clone() for name, p in named if id(p) in owned})

        optimizer.step = step
    game.update(state, state.next_batch(), "fp32")
    return found


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    if task == "train":
        sys.exit(train_and_lose_one(rest))
    with replicas.connected("cpu"):
        result = gradients()
        if replicas.rank() == 0:
            torch.save(result, Path(rest[0]))
