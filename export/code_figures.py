"""What the codes have learned: figures of categories, of every code, and of what the continuous ones follow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import metrics
from ..trainer.latents import Categorical, Code, Discrete, LatentSpec
from ..trainer.pictures import Pictures
from .bundle import Bundle, Posterior
from .naming import Naming
from .samples import Samples, effect

Figures = dict[str, Any]

LEAST_PER_CLASS = 30  # pictures of one class from which a correlation within it says something


@dataclass(frozen=True)
class Measured:
    """Codes of n pictures beside what the pictures show.

    Attributes:
        codes: (n, width) of each code: read by Q (see :func:`read`), or set by whoever generated the picture.
        classes: (n,) the class of each.
        factors: (n,) of each measure of the strokes.
    """

    codes: dict[str, NDArray[Any]]
    classes: NDArray[Any]
    factors: dict[str, NDArray[np.float64]]

    def within(self, rows: NDArray[np.bool_]) -> "Measured":
        """Some of them."""
        codes, factors = ({k: v[rows] for k, v in part.items()} for part in (self.codes, self.factors))
        return Measured(codes, self.classes[rows], factors)


def read(posterior: Posterior) -> dict[str, NDArray[Any]]:
    """What Q says, as codes: the mean of a continuous one, the likeliest class of a discrete one, one-hot."""
    discrete = {
        name: metrics.one_hot(probs.argmax(1), probs.shape[1]) if probs.shape[1] > 1 else (probs > 0.5).astype(float)
        for name, probs in posterior.probs.items()
    }
    return discrete | {name: mean[:, None] for name, mean in posterior.mean.items()}


def categories_report(naming: Naming, posterior: Posterior, test: Pictures) -> Figures:
    """How well the named categorical code recovers the labels of the test split.

    Accuracy (one to one) and majority accuracy (many to one) use maps fitted on the training split.
    """
    assert test.labels is not None
    size, labels = len(naming.mapping), max(naming.counts.shape[1], int(test.labels.max()) + 1)
    found = posterior.probs[naming.code].argmax(1)
    counts = metrics.confusion(found, test.labels, size, labels)
    named = naming.mapping >= 0
    right = np.where(named, counts[np.arange(size), naming.mapping], 0)
    recall = np.zeros(labels)
    recall[naming.mapping[named]] = right[named] / counts.sum(0)[naming.mapping[named]].clip(1)
    return {
        "code": naming.code,
        "accuracy": metrics.accuracy(found, test.labels, naming.mapping),
        **metrics.clustering(found, test.labels, naming.counts)._asdict(),
        "labels": naming.labels,
        "precision": (right / counts.sum(1).clip(1)).tolist(),
        "recall": recall.tolist(),
        "confusion": counts.tolist(),
    }


def codes_report(bundle: Bundle, generated: Samples) -> Figures:
    """Of each code: H(c) and L_I in nats, how well Q recovers it from generated pictures, how much it changes them."""
    return {code.name: _code_figures(bundle, code, generated) for code in bundle.latents.codes}


def _code_figures(bundle: Bundle, code: Code, generated: Samples) -> Figures:
    value = generated.c[:, bundle.latents.slices[code.name]]
    probs, mean, std = (
        part.get(code.name) for part in (generated.posterior.probs, generated.posterior.mean, generated.posterior.std)
    )
    if isinstance(code, Discrete):
        assert probs is not None
        categorical = isinstance(code, Categorical)
        right = probs.argmax(1) == value.argmax(1) if categorical else (probs[:, 0] > 0.5) == value[:, 0]
        recovery = {"accuracy": float(right.mean())}
    else:
        assert mean is not None
        recovery = {"r_squared": metrics.r_squared(value[:, 0], mean)}
    return {
        "entropy": code.entropy,
        "information": metrics.information(code, value, probs, mean, std),
        **recovery,
        "effect": effect(bundle, code.name),
    }


def continuous_report(spec: LatentSpec, kinds: dict[str, Measured]) -> Figures:
    """What each continuous code follows.

    Args:
        spec: the latent space.
        kinds: of them "test" must be there.

    Returns:
        Of each code, for every kind: its partial correlation with each factor of the strokes, controlling for the class
        and all other codes; under KIND_by_class the same within each class. Morpho-MNIST (Castro et al. 2019, section
        4.2) takes Q's category as the class; here it is what the picture shows. And "explained_by_class", the share of
        its variance on test pictures that lies between classes, which is 0 for a code that says nothing of the digit.
    """
    report: Figures = {}
    for name in (code.name for code in spec.continuous):
        test = kinds["test"]
        figures: Figures = {"explained_by_class": metrics.explained_by_class(test.codes[name][:, 0], test.classes)}
        for kind, measured in kinds.items():
            figures[kind] = _correlations(measured, name)
            figures[f"{kind}_by_class"] = {
                str(k): _correlations(measured.within(measured.classes == k), name)
                for k in np.unique(measured.classes)
                if (measured.classes == k).sum() >= LEAST_PER_CLASS
            }
        report[name] = figures
    return report


def _correlations(measured: Measured, name: str) -> dict[str, float]:
    """Partial correlation of a code with each factor, given the class and all other codes."""
    classes = metrics.one_hot(measured.classes, int(measured.classes.max()) + 1)
    controls = np.column_stack([classes, *(value for other, value in measured.codes.items() if other != name)])
    code = measured.codes[name][:, 0]
    return {factor: metrics.partial_correlation(code, values, controls) for factor, values in measured.factors.items()}
