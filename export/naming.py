"""What the categories are: a one-to-one map to labels, fitted on labelled pictures after training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trainer import metrics
from ..trainer.data import Pictures
from ..trainer.latents import Categorical
from .bundle import Bundle


@dataclass(frozen=True)
class Naming:
    """Names of one categorical code's classes.

    Attributes:
        code: its name.
        labels: the label of each class, None where there are more classes than labels.
        mapping: the same as label indices, -1 for none.
    """

    code: str
    labels: tuple[str | None, ...]
    mapping: NDArray[np.int64]


def name_categories(bundle: Bundle, pictures: Pictures) -> Naming | None:
    """Fit the map on ``pictures`` (the training split, so that the test split stays unseen).

    The categorical code whose classes match the labels best is the one that is named. None where the bundle has no
    categorical code or the pictures have no labels.
    """
    if pictures.labels is None:
        return None
    namings = [
        (metrics.accuracy(found, pictures.labels, mapping), Naming(name, _texts(mapping), mapping))
        for name, found in categories(bundle, pictures).items()
        for mapping in [_fit(found, pictures.labels, bundle.latents[name].width)]
    ]
    return max(namings, key=lambda pair: pair[0])[1] if namings else None


def accuracy(bundle: Bundle, naming: Naming, pictures: Pictures) -> float:
    """Share of ``pictures`` whose likeliest category carries their label, in [0, 1]."""
    assert pictures.labels is not None
    return metrics.accuracy(categories(bundle, pictures)[naming.code], pictures.labels, naming.mapping)


def categories(bundle: Bundle, pictures: Pictures) -> dict[str, NDArray[np.intp]]:
    """The likeliest class of each categorical code for each picture, (n,)."""
    names = [code.name for code in bundle.latents.codes if isinstance(code, Categorical)]
    found: dict[str, list[NDArray[np.intp]]] = {name: [] for name in names}
    for start in range(0, len(pictures.images), 1000):
        images = np.asarray(pictures.images[start : start + 1000], np.float32) / np.float32(255)
        posterior = bundle.infer(images)
        for name in names:
            found[name].append(posterior.probs[name].argmax(1))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _fit(found: NDArray[np.intp], labels: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    return metrics.one_to_one(metrics.confusion(found, labels, size, int(labels.max()) + 1))


def _texts(mapping: NDArray[np.int64]) -> tuple[str | None, ...]:
    return tuple(None if label < 0 else str(label) for label in mapping)
