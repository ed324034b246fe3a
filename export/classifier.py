"""The fixed classifier that evaluation looks at pictures with: shipped as ONNX, known by its hash.

Make it again with: python -m infogan.export.classifier --data-dir DIR -o assets/mnist-classifier.onnx
"""

import argparse
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..trainer.atomic import write_bytes
from ..trainer.data import load
from ..trainer.errors import UserError
from .command import explained
from .runtime import open_session

CLASSIFIERS = {
    "mnist": ("mnist-classifier.onnx", "01df7e127f785eede552095281d835283b38f98469eb7445a86135cdc850729d"),
}
ACCURACY_KEY = "infogan.test_accuracy"
_CHUNK = 500


class Seen(NamedTuple):
    """What the classifier makes of n pictures: classes (n,), and features (n, 64) float32, at least 0."""

    classes: NDArray[np.intp]
    features: NDArray[np.float32]


class Classifier:
    """A classifier loaded from ONNX.

    Attributes:
        sha256: of the file.
        accuracy: on the data set's test split, as measured when it was made.
    """

    def __init__(self, model: bytes, threads: int = 1) -> None:
        self.sha256 = hashlib.sha256(model).hexdigest()
        self._session = open_session(model, threads)
        self.accuracy = float(self._session.get_modelmeta().custom_metadata_map[ACCURACY_KEY])

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
        """Classify pictures (n, 1, H, W) float32 in [0, 1]."""
        chunks = [images[i : i + _CHUNK] for i in range(0, len(images), _CHUNK)]
        answers = [self._session.run(["logits", "features"], {"image": chunk}) for chunk in chunks]
        logits, features = (np.concatenate(parts) for parts in zip(*answers, strict=True))
        return Seen(logits.argmax(1), features)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, measure, convert and write a classifier; print its hash."""
    parser = argparse.ArgumentParser(description="Make the classifier that evaluation measures pictures with.")
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    return explained("classifier", lambda: _make(arguments))


def _make(arguments: argparse.Namespace) -> None:
    from ..trainer.classifier import train_classifier
    from .convert import convert_classifier

    model = train_classifier(load(arguments.dataset, arguments.data_dir, "train"))
    test = load(arguments.dataset, arguments.data_dir, "test")
    draft = Classifier(convert_classifier(model, test.images.shape[1:], {ACCURACY_KEY: "0"}))
    seen = draft.see(np.asarray(test.images, np.float32) / np.float32(255))
    accuracy = float((seen.classes == test.labels).mean())
    data = convert_classifier(model, test.images.shape[1:], {ACCURACY_KEY: str(round(accuracy, 4))})
    write_bytes(arguments.output, data)
    print(f"{arguments.output}: {accuracy:.2%} of {len(test.images)} test pictures, {len(data)} bytes")
    print(f"sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    raise SystemExit(main())
