"""Which code says what of the pictures, by whatever is known of them: alphabets, characters, bangs, smiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import metrics
from ..trainer.latents import LatentSpec
from ..trainer.pictures import Pictures
from .bundle import Posterior

Figures = dict[str, Any]

BINS = 10  # of equally many training pictures each, that a continuous code is cut into


def attributes_report(spec: LatentSpec, read: tuple[Posterior, Posterior], train: Pictures, test: Pictures) -> Figures:
    """Of each attribute and code, on the test split: information shared, and how well the code predicts the attribute.

    Args:
        spec: the latent space.
        read: what Q says of the pictures of both splits.
        train: the training split, on which it is fitted which value each class of a code stands for: the one that is
            more frequent in it than elsewhere, most of all.
        test: the test split.

    Returns:
        Of each attribute and code "information", in nats, and "balanced_accuracy", the mean over the attribute's values
        of the share of pictures of this value that is recognised, which for chance is one over their number.
    """
    report: Figures = {name: {} for name in test.attributes}
    for code in spec.codes:
        found, tested = (_classes(code.name, posterior, read[0]) for posterior in read)
        for name, attribute in test.attributes.items():
            counts = metrics.confusion(
                found, train.attributes[name].values, _number(found, tested), len(attribute.names)
            )
            report[name][code.name] = _figures(counts, tested, attribute.values)
    return report


def _number(*classes: NDArray[np.intp]) -> int:
    return max(int(each.max()) for each in classes) + 1


def _classes(name: str, posterior: Posterior, fitted: Posterior) -> NDArray[np.intp]:
    """The class of each picture; a continuous code is cut where the training split falls into equal parts."""
    if name in posterior.probs:
        probs = posterior.probs[name]
        return probs.argmax(1) if probs.shape[1] > 1 else (probs[:, 0] > 0.5).astype(np.intp)
    edges = np.quantile(fitted.mean[name], np.arange(1, BINS) / BINS)
    return np.searchsorted(edges, posterior.mean[name])


def _figures(counts: NDArray[np.int64], tested: NDArray[np.intp], values: NDArray[np.int64]) -> Figures:
    """Figures of one code and attribute, from their confusion on the training split and both on the test split."""
    stands_for = (counts / counts.sum(0).clip(1)).argmax(1)
    right = stands_for[tested] == values
    joint = metrics.confusion(tested, values, *counts.shape) / len(tested)
    independent = joint.sum(1)[:, None] * joint.sum(0)
    present = joint > 0
    return {
        "information": float((joint[present] * np.log(joint[present] / independent[present])).sum()),
        "balanced_accuracy": float(np.mean([right[values == value].mean() for value in np.unique(values)])),
    }
