"""What evaluation looks at pictures with: a classifier as ONNX, known by its hash.

That of MNIST ships; make it again: python -m infogan.export.classifier --data-dir DIR -o assets/mnist-classifier.onnx
For other data it is trained once on what is known of the pictures, and kept in the cache; where nothing is known, the
principal components of the pixels take its place.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..trainer.atomic import write_bytes
from ..trainer.data import load
from ..trainer.errors import UserError
from ..trainer.originals import cache_folder
from ..trainer.pictures import Pictures, targets_of
from .command import explained
from .naming import as_float
from .runtime import open_session

CLASSIFIERS = {
    "mnist": ("mnist-classifier.onnx", "01df7e127f785eede552095281d835283b38f98469eb7445a86135cdc850729d"),
}
ACCURACY_KEY, HEADS_KEY = "infogan.test_accuracy", "infogan.heads"
_CHUNK = 500
_COMPONENTS = 64
_FITTED = 2000  # pictures that the components are fitted on


class Seen(NamedTuple):
    """What the classifier makes of n pictures: classes (n,), and features (n, 64) float32, at least 0."""

    classes: NDArray[np.intp]
    features: NDArray[np.float32]


class Classifier:
    """A classifier loaded from ONNX.

    Attributes:
        sha256: of the file.
        accuracy: on the data set's test split, as measured when it was made: the mean over classes of the share that
            is seen right, and over all that it tells; of the one that ships, the share of all pictures.
        tells: what its classes are, such as "label", or several such things.
    """

    def __init__(self, model: bytes, threads: int = 1) -> None:
        self.sha256 = hashlib.sha256(model).hexdigest()
        self._session = open_session(model, threads)
        facts = self._session.get_modelmeta().custom_metadata_map
        self.accuracy = float(facts[ACCURACY_KEY])
        heads = json.loads(facts.get(HEADS_KEY, "[]"))
        self.tells = ", ".join(name for name, _ in heads) or "label"
        self._classes = heads[0][1] if heads else None  # of the first thing that it tells

    @classmethod
    def shipped(cls, dataset: str, threads: int = 1) -> "Classifier | None":
        """The classifier that ships for a data set; None where there is none.

        Raises:
            UserError: the file in the package is not the one that was published.
        """
        if dataset not in CLASSIFIERS:
            return None
        name, sha256 = CLASSIFIERS[dataset]
        model = (resources.files("infogan.assets") / name).read_bytes()
        if hashlib.sha256(model).hexdigest() != sha256:
            raise UserError(f"{name} in the package was damaged or altered; install the program again")
        return cls(model, threads)

    def see(self, images: NDArray[np.float32]) -> Seen:
        """Classify pictures (n, C, H, W) float32 in [0, 1] by the first thing that is told."""
        logits, features = self.answers(images)
        return Seen(logits[:, : self._classes].argmax(1), features)

    def answers(self, images: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits of all that it tells, side by side, and features, of pictures as :meth:`see` takes them."""
        chunks = [images[i : i + _CHUNK] for i in range(0, len(images), _CHUNK)]
        parts = [self._session.run(["logits", "features"], {"image": chunk}) for chunk in chunks]
        logits, features = (np.concatenate(each) for each in zip(*parts, strict=True))
        return logits, features


class PrincipalComponents:
    """Stands in for a classifier where nothing is known of the pictures: one class, and components as features.

    Attributes:
        sha256: of the components.
        accuracy: None.
        tells: nothing.
    """

    accuracy = None
    tells = ""

    def __init__(self, pictures: Pictures) -> None:
        points = as_float(pictures, 0, _FITTED).reshape(min(len(pictures.images), _FITTED), -1)
        self._mean = points.mean(0)
        _, _, axes = np.linalg.svd(points - self._mean, full_matrices=False)
        self._axes = np.ascontiguousarray(axes[:_COMPONENTS].T)
        self.sha256 = hashlib.sha256(self._axes.tobytes()).hexdigest()

    def see(self, images: NDArray[np.float32]) -> Seen:
        """Project pictures (n, C, H, W) float32 in [0, 1]."""
        return Seen(np.zeros(len(images), np.intp), (images.reshape(len(images), -1) - self._mean) @ self._axes)


Eye = Classifier | PrincipalComponents


def eye_for(
    dataset: str, train: Pictures, test: Pictures, threads: int = 1, say: Callable[[str], object] = lambda text: None
) -> Eye | None:
    """What to look at pictures of this data with: what ships, what the cache holds, or what is made and kept there.

    Args:
        dataset: name of the data set.
        train: what it is trained on.
        test: what its accuracy is measured on.
        threads: that it may use.
        say: called with a line about what is being done.

    Returns:
        None where it would have to be made and torch is not installed.

    Raises:
        UserError: the cache cannot be written.
    """
    shipped = Classifier.shipped(dataset, threads)
    if shipped is not None:
        return shipped
    if not targets_of(train):
        return PrincipalComponents(train)
    path = cache_folder() / "classifiers" / f"{dataset}-{train.fingerprint[:20]}.onnx"
    try:
        return Classifier(path.read_bytes(), threads)
    except Exception:  # not there, or damaged in whatever way
        say(f"training a classifier on {dataset}, once, to look at pictures with")
    try:
        write_bytes(path, make(train, test))
    except ModuleNotFoundError as error:
        say(f"the pictures stay unmeasured: training it needs more packages ({error})")
        return None
    return Classifier(path.read_bytes(), threads)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, measure, convert and write a classifier; print its hash."""
    parser = argparse.ArgumentParser(description="Make the classifier that evaluation measures pictures with.")
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    return explained("classifier", lambda: _make(arguments))


def _make(arguments: argparse.Namespace) -> None:
    train, test = (load(arguments.dataset, arguments.data_dir, split) for split in ("train", "test"))
    data = make(train, test)
    write_bytes(arguments.output, data)
    accuracy = Classifier(data).accuracy
    print(f"{arguments.output}: {accuracy:.2%} of {len(test.images)} test pictures, {len(data)} bytes")
    print(f"sha256 {hashlib.sha256(data).hexdigest()}")


def make(train: Pictures, test: Pictures) -> bytes:
    """Train on one split, measure on the other, and convert to ONNX."""
    from ..trainer.classifier import train_classifier
    from .convert import convert_classifier

    model, targets = train_classifier(train), targets_of(train)
    facts = {HEADS_KEY: json.dumps([(target.name, target.size) for target in targets]), ACCURACY_KEY: "0"}
    logits, _ = Classifier(convert_classifier(model, test.images.shape[1:], facts)).answers(as_float(test))
    parts = np.split(logits, np.cumsum([target.size for target in targets])[:-1], axis=1)
    known = {target.name: target.values for target in targets_of(test)}
    right = [
        _balanced(part.argmax(1), known[t.name]) for part, t in zip(parts, targets, strict=True) if t.name in known
    ]
    return convert_classifier(
        model, test.images.shape[1:], facts | {ACCURACY_KEY: str(round(float(np.mean(right or [0.0])), 4))}
    )


def _balanced(found: NDArray[np.intp], values: NDArray[np.int64]) -> float:
    """The mean over classes of the share that is found."""
    return float(np.mean([(found[values == value] == value).mean() for value in np.unique(values)]))


if __name__ == "__main__":
    raise SystemExit(main())
