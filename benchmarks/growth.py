"""How the cost of a picture changes as batches, data and latent spaces grow."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from infogan.trainer import memory
from infogan.trainer.clustering import Clustering
from infogan.trainer.config import TrainConfig
from loops import taking_turns, turn
from timing import largest_rise
from training import PICTURES, Engine, drawings, settings

BATCHES = (32, 64, 128, 256, 512, 1024)
JUDGED = 64  # the batch from which on a picture may not become dearer
DATA = (1_000, 4_000, 16_000, 60_000)
LATENTS: dict[str, dict[str, Any]] = {
    "one code of 10, two continuous": {},
    "ten codes of 10, noise 128": {"categorical": (10,) * 10, "uniform": 0, "noise": 128},
    "no category, ten continuous": {"categorical": (), "uniform": 10},
}


def measure(threads: int, quick: bool) -> dict[str, Any]:
    """Milliseconds a picture of the CNN, recipe robust, along each of the three; clustering looks for neighbours."""
    torch.set_num_threads(threads)
    memory.keep()
    images, rounds = drawings(PICTURES), 2 if quick else 7
    batches = {n: Engine(settings("robust", "cnn", batch_size=n), images) for n in BATCHES if not quick or n != 512}
    batch = costs(batches, rounds)
    del batches
    data = costs({n: Engine(settings("robust", "cnn"), images[:n]) for n in DATA}, rounds)
    clustering = costs({n: Clustered(settings("robust", "cnn"), images[:n]) for n in DATA}, rounds)
    latents = costs({name: Engine(settings("robust", "cnn", **spec), images) for name, spec in LATENTS.items()}, rounds)
    return {
        "batch": batch,
        "batch_rise": largest_rise([cost for n, cost in batch.items() if n >= JUDGED]),
        "data": data,
        "data_rise": largest_rise(list(data.values())),
        "clustering": clustering,
        "clustering_rise": largest_rise(list(clustering.values())),
        "latents": latents,
    }


class Clustered(Engine):
    """Steps of the clustering before the game."""

    def __init__(self, config: TrainConfig, images: NDArray[np.uint8]) -> None:
        super().__init__(config, images)
        self.state.step = 0
        self.clustering = Clustering(self.state, self.precision)
        self.pictures = min(config.cluster_batch_size, len(images))

    def step(self) -> None:
        """One step."""
        self.state.set_learning_rates(10**6)
        self.clustering.update()
        self.state.step += 1
        self.state.average_weights()


def costs(engines: Mapping[Any, Engine], rounds: int) -> dict[Any, float]:
    """Milliseconds of training a picture: its median share of a round's mean, times the mean of the calmest round.

    Means are geometric. A machine that others use too may be twice as slow a minute later, which falls on all that is
    done within a round.
    """
    seconds = taking_turns({key: partial(turn, engine.step) for key, engine in engines.items()}, rounds)
    a_picture = np.array([seconds[key] / engine.pictures * 1000 for key, engine in engines.items()])
    means = np.exp(np.log(a_picture).mean(0))
    typical = np.median(a_picture / means, 1) * means.min()
    return {key: round(float(cost), 4) for key, cost in zip(engines, typical, strict=True)}
