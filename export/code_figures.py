"""What the codes have learned: figures of categories, of every code, and of what the continuous ones follow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import metrics, morphometry
from ..trainer.data import Pictures
from ..trainer.latents import Categorical, Code, Discrete
from .bundle import Array, Bundle, Posterior
from .naming import Naming
from .samples import Samples, effect

Figures = dict[str, Any]

LEAST_PER_CLASS = 30  # pictures of one class from which a correlation within it says something


@dataclass(frozen=True)
class Read:
    """Pictures, what Q reads from them, and what they show.

    Attributes:
        images: (n, C, H, W) float32 in [0, 1].
        posterior: Q's answer.
        classes: (n,) the class of each.
    """

    images: Array
    posterior: Posterior
    classes: NDArray[Any]

    def first(self, n: int) -> "Read":
        """The first ``n`` of them."""
        parts = (
            {name: values[:n] for name, values in part.items()}
            for part in (self.posterior.probs, self.posterior.mean, self.posterior.std)
        )
        return Read(self.images[:n], Posterior(*parts), self.classes[:n])


def categories_report(naming: Naming, posterior: Posterior, test: Pictures) -> Figures:
    """How well the named categorical code recovers the labels of the test split.

    Accuracy (one to one) and majority accuracy (many to one) use maps fitted on the training split.
    """
    assert test.labels is not None
    size, labels = naming.counts.shape
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


def continuous_report(bundle: Bundle, real: Read, fake: Read) -> Figures:
    """What each continuous code follows, on test pictures and on generated ones.

    Of each code: "test" and "generated", its partial correlation with each factor of the strokes, controlling for the
    class and the other continuous codes (as Morpho-MNIST does, Castro et al. 2019, section 4.2); "test_by_class" and
    "generated_by_class", the same within each class; "explained_by_class", the share of its variance on test pictures
    that lies between classes, which is 0 for a code that says nothing of the digit.
    """
    names = [code.name for code in bundle.latents.continuous]
    factors = {"test": morphometry.measure(real.images[:, 0]), "generated": morphometry.measure(fake.images[:, 0])}
    sets = {"test": real, "generated": fake}
    report: Figures = {}
    for name in names:
        figures: Figures = {"explained_by_class": metrics.explained_by_class(real.posterior.mean[name], real.classes)}
        for kind, pictures in sets.items():
            figures[kind] = _correlations(pictures, name, factors[kind])
            figures[f"{kind}_by_class"] = _by_class(pictures, name, factors[kind])
        report[name] = figures
    return report


def _correlations(pictures: Read, name: str, factors: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    """Partial correlation with each factor, given the class and the other continuous codes."""
    mean = pictures.posterior.mean
    classes = metrics.one_hot(pictures.classes, int(pictures.classes.max()) + 1)[:, 1:]  # the constant is the first
    controls = np.column_stack([classes, *(mean[other] for other in mean if other != name)])
    return {factor: metrics.partial_correlation(mean[name], values, controls) for factor, values in factors.items()}


def _by_class(pictures: Read, name: str, factors: dict[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """The same within each class that has enough pictures, by the class's number."""
    mean = pictures.posterior.mean
    result = {}
    for k in np.unique(pictures.classes):
        rows = pictures.classes == k
        if rows.sum() >= LEAST_PER_CLASS:
            controls = np.column_stack([np.zeros(rows.sum()), *(mean[o][rows] for o in mean if o != name)])
            result[str(k)] = {
                factor: metrics.partial_correlation(mean[name][rows], values[rows], controls)
                for factor, values in factors.items()
            }
    return result
