"""How good and how varied the generated pictures are, each figure beside what real pictures reach in their place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import sample_quality
from ..trainer.data import Pictures
from .bundle import Array
from .classifier import Classifier, Seen
from .naming import as_float
from .samples import Samples

Figures = dict[str, Any]


def samples_report(
    classifier: Classifier,
    seen: Seen,
    generated: Samples,
    given: NDArray[Any],
    train: Pictures,
    test: Pictures,
) -> Figures:
    """Compare generated pictures with the test split, and as the floor as many training pictures with it.

    Args:
        classifier: the feature space.
        seen: what it makes of the generated pictures.
        generated: the pictures.
        given: (n,) the category that each was made from.
        train: taken as the floor: real pictures in the place of generated ones.
        test: the real pictures compared with.
    """
    n = min(len(generated.images), len(train.images), len(test.images))
    real, stand_in = as_float(test, 0, n), as_float(train, 0, n)
    real_seen, stand_in_seen = classifier.see(real), classifier.see(stand_in)
    fake, fake_seen = generated.images[:n], Seen(seen.classes[:n], seen.features[:n])
    return {
        "pictures": n,
        "classifier": {"sha256": classifier.sha256, "test_accuracy": classifier.accuracy},
        "generated": _figures(real, real_seen, fake, fake_seen),
        "real": _figures(real, real_seen, stand_in, stand_in_seen),
        "purity": _purity(fake_seen.classes, given[:n]),
        "diversity": _diversity(fake, given[:n], real, real_seen.classes),
    }


def _figures(real: Array, real_seen: Seen, fake: Array, fake_seen: Seen) -> Figures:
    classes = int(real_seen.classes.max()) + 1
    shares = np.bincount(fake_seen.classes, minlength=classes) / len(fake)
    return {
        "frechet_distance": sample_quality.frechet_distance(real_seen.features, fake_seen.features),
        **sample_quality.manifolds(real_seen.features, fake_seen.features)._asdict(),
        "duplicates": sample_quality.duplicates(_flat(real), _flat(fake)),
        "class_shares": shares.tolist(),
        "smallest_share": float(shares.min()),
    }


def _purity(classes: NDArray[Any], given: NDArray[Any]) -> float:
    """Share of generated pictures that show the class which most pictures of their category show."""
    return float(sum(np.bincount(classes[given == k]).max() for k in np.unique(given)) / len(given))


def _diversity(fake: Array, given: NDArray[Any], real: Array, classes: NDArray[Any]) -> float:
    """Mean spread of pictures within a category over the mean spread of real ones within a class; 1 = equal."""
    return _spread_within(fake, given) / _spread_within(real, classes)


def _spread_within(images: Array, groups: NDArray[Any]) -> float:
    members = [_flat(images[groups == k]) for k in np.unique(groups)]
    return float(np.mean([sample_quality.spread(points) for points in members if len(points) > 1]))


def _flat(images: Array) -> Array:
    return images.reshape(len(images), -1)
