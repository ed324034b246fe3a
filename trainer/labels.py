"""A few labelled pictures, for runs that ask for some with --labels."""

import numpy as np
from numpy.typing import NDArray

from .config import TrainConfig
from .errors import UserError
from .pictures import Pictures


def draw_labelled(pictures: Pictures, config: TrainConfig) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """``config.labels`` pictures and their labels, equally many of each class, drawn by the run's seed.

    Returns:
        (labels, C, H, W) uint8 and (labels,) uint8; None without labels.

    Raises:
        UserError: there are no labels, no such number for each class, or no categorical code that could hold them.
    """
    if not config.labels:
        return None
    if pictures.labels is None:
        raise UserError(f"--labels {config.labels}: {config.dataset} has no labels; leave it out")
    classes, counts = np.unique(pictures.labels, return_counts=True)
    each, rest = divmod(config.labels, len(classes))
    if rest or each > counts.min():
        raise UserError(
            f"--labels {config.labels} must be a multiple of {config.dataset}'s {len(classes)} classes, "
            f"and at most {counts.min()} of each"
        )
    first = config.latents.first_categorical
    if first is None or first.size <= classes.max():
        raise UserError(
            f"--labels {config.labels} needs a first categorical code with at least {classes.max() + 1} classes; "
            f"use --categorical {classes.max() + 1}"
        )
    rng = np.random.default_rng([config.seed, config.labels])
    chosen = np.sort(
        np.concatenate([rng.choice(np.flatnonzero(pictures.labels == k), each, replace=False) for k in classes])
    )
    return np.array(pictures.images[chosen]), np.array(pictures.labels[chosen])
