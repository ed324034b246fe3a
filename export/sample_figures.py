"""How good and how varied the generated pictures are, each figure beside what real pictures reach in their place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import sample_quality
from ..trainer.pictures import Pictures
from .bundle import Array
from .classifier import Eye, Seen
from .naming import as_float

Figures = dict[str, Any]


def samples_report(
    classifier: Eye,
    seen: Seen,
    images: Array,
    made: tuple[NDArray[Any], NDArray[Any]] | None,
    train: Pictures,
    test: Pictures,
) -> Figures:
    """Compare generated pictures with the test split, and as the floor as many training pictures with it.

    Args:
        classifier: the feature space.
        seen: what it makes of the generated pictures.
        images: the generated pictures.
        made: the category that each was made from, (n,), and the label of each category; None without categories.
        train: taken as the floor: real pictures in the place of generated ones.
        test: the real pictures compared with.

    Returns:
        Figures of the "generated" and the "real" pictures; "agreement", the share of generated pictures in which the
        classifier sees the label of their category; "diversity" within a category.
    """
    n = min(len(images), len(train.images), len(test.images))
    real, stand_in = as_float(test, 0, n), as_float(train, 0, n)
    real_seen, stand_in_seen = classifier.see(real), classifier.see(stand_in)
    fake, fake_seen = images[:n], Seen(seen.classes[:n], seen.features[:n])
    figures = {
        "pictures": n,
        "classifier": {
            "sha256": classifier.sha256,
            "test_accuracy": classifier.accuracy,
            "tells": classifier.tells,
        },
        "generated": _figures(real, real_seen, fake, fake_seen),
        "real": _figures(real, real_seen, stand_in, stand_in_seen),
    }
    if made is not None:
        categories, labels = made[0][:n], made[1]
        figures["agreement"] = float((labels[categories] == fake_seen.classes).mean())
        figures["diversity"] = diversity(fake, categories, real, real_seen.classes)
    return figures


def _figures(real: Array, real_seen: Seen, fake: Array, fake_seen: Seen) -> Figures:
    classes = int(real_seen.classes.max()) + 1
    shares = np.bincount(fake_seen.classes, minlength=classes) / len(fake)
    return {
        "frechet_distance": sample_quality.frechet_distance(real_seen.features, fake_seen.features),
        **sample_quality.manifolds(real_seen.features, fake_seen.features)._asdict(),
        "duplicates": sample_quality.duplicates(_flat(real), _flat(fake)),
        "sharpness": sample_quality.sharpness(fake),
        "class_shares": shares.tolist(),
        "smallest_share": float(shares.min()),
    }


def diversity(fake: Array, given: NDArray[Any], real: Array, classes: NDArray[Any]) -> float:
    """Mean spread of pictures within a category over the mean spread of real ones within a class; 1 = equal."""
    return _spread_within(fake, given) / _spread_within(real, classes)


def _spread_within(images: Array, groups: NDArray[Any]) -> float:
    members = [_flat(images[groups == k]) for k in np.unique(groups)]
    return float(np.mean([sample_quality.spread(points) for points in members if len(points) > 1]))


def _flat(images: Array) -> Array:
    return images.reshape(len(images), -1)
