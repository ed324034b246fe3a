"""The recipes: the defaults of all settings, for each recipe and network."""

import dataclasses

from .config import TrainConfig

POSTER = TrainConfig(
    recipe="poster",
    epochs=50,
    d_lr=2e-4,
    q_lr=2e-4,  # in the seed Q's layers belong to D's optimiser
    lambda_discrete=1.0,
    lambda_continuous=1.0,
    trunk_information=True,
    decay_epochs=0.0,
    average=0.0,
    std_min=1.0,
    std_max=1.0,
    cluster_steps=0,
    iic_weight=0.0,
    cluster_weight=0.0,
    guide_weight=0.0,
    encoder_steps=0,
)
# The MLP's steps are five times as fast, its trunk clusters more slowly, and a D that learns at 1e-3 overruns its G.
ROBUST_MLP = TrainConfig(network="mlp", epochs=20, cluster_steps=2000, d_lr=2e-4)
RECIPES = {
    ("robust", "cnn"): TrainConfig(),
    ("robust", "mlp"): ROBUST_MLP,
    ("poster", "cnn"): POSTER,
    ("poster", "mlp"): dataclasses.replace(POSTER, network="mlp"),
}
