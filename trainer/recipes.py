"""The recipes: the defaults of all settings, for each recipe, network and data set."""

import dataclasses
from typing import Any

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

# The paper's latent spaces (Chen et al. 2016, appendix C).
LATENTS: dict[str, dict[str, Any]] = {
    "svhn": {"categorical": (10,) * 4, "uniform": 4, "noise": 124},
    "celeba": {"categorical": (10,) * 10, "uniform": 0, "noise": 128},
}
# Photographs have no ink whose slant and width could guide the codes, and ten codes that all cluster would all say the
# same.
_PHOTOGRAPHS: dict[str, Any] = {
    "cluster_steps": 0,
    "cluster_weight": 0.0,
    "iic_weight": 0.0,
    "guide_weight": 0.0,
    "encoder_steps": 0,
    "trunk_norm": "spectral",
    # Mode seeking keeps G from repeating itself; codes are heeded beside it with larger lambdas only.
    "mode_seeking": 0.1,
    "lambda_discrete": 0.7,
    "lambda_continuous": 0.5,
    "d_lr": 5e-4,
    "g_lr": 5e-4,
    "q_lr": 5e-4,
    "average": 0.998,
}
# What recipe robust does otherwise than for digits; docs/data-sets.md says what was measured. SVHN and CIFAR-10 have
# never been trained here: they follow CelebA, and with continuous codes the folder.
ROBUST: dict[str, dict[str, Any]] = {
    # Clothes do not lean, and a blank would cut a sleeve off.
    "fashion-mnist": {
        "neighbours": 0.8,
        "rotation": 5.0,
        "shear": 0.1,
        "cutout": 0.0,
        "guide_weight": 0.0,
        "lambda_continuous": 0.1,
        "epochs": 3,
    },
    # Strokes are told from what a new G draws at once, so D must be slow; half the width is enough, and twice as fast.
    "omniglot": {"channels": 32, "hidden": 512, "cluster_steps": 0, "d_lr": 2e-4, "epochs": 20},
    "celeba": {**_PHOTOGRAPHS, "epochs": 40},
    "svhn": _PHOTOGRAPHS,
    "cifar-10": _PHOTOGRAPHS,
    # Their number is unknown; few are soon learned by heart.
    "folder": {
        **_PHOTOGRAPHS,
        "lambda_discrete": 0.5,
        "augmentation": 0.125,
        "average": 0.995,
        "steps": 2000,
    },
}


def defaults(recipe: str, network: str, dataset: str) -> TrainConfig:
    """All settings where nothing else is asked for; those of MNIST for a data set that is not known."""
    base = RECIPES.get((recipe, network), TrainConfig())
    changed = LATENTS.get(dataset, {}) | (ROBUST.get(dataset, {}) if recipe == "robust" else {})
    return dataclasses.replace(base, dataset=dataset, **changed)
