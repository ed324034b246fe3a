"""What the codes are: categories get labels fitted on labelled pictures, continuous codes the factor they follow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import metrics
from ..trainer.config import TrainConfig
from ..trainer.errors import UserError
from ..trainer.latents import Categorical
from ..trainer.pictures import Pictures
from .bundle import Bundle, Posterior
from .manifest import Manifest

NAMED_FACTORS = ("slant", "thickness", "width", "height")  # length and area follow from these
LEAST_CORRELATION = 0.5  # below it a continuous code gets no name


@dataclass(frozen=True)
class Naming:
    """Names of one categorical code's classes, fitted one to one on a training split.

    Attributes:
        code: its name.
        mapping: the label's index of each class; -1 where there are more classes than labels.
        counts: how often each class met each label in the training split, (classes, labels).
        names: what each label is called; empty where it is the number itself.
    """

    code: str
    mapping: NDArray[np.int64]
    counts: NDArray[np.int64]
    names: tuple[str, ...] = ()

    @property
    def right(self) -> int:
        """How many pictures of the training split met the label of their class."""
        named = self.mapping >= 0
        return int(self.counts[named, self.mapping[named]].sum())

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The label of each class as text; None where it has none."""
        return tuple(None if k < 0 else self.names[k] if self.names else str(k) for k in self.mapping)


def name_categories(bundle: Bundle, pictures: Pictures) -> Naming | None:
    """Fit the map on ``pictures`` (the training split, so that the test split stays unseen).

    The categorical code whose classes match the labels best is the one that is named. None where the bundle has no
    categorical code or the pictures have no labels.
    """
    names = [code.name for code in bundle.latents.codes if isinstance(code, Categorical)]
    if pictures.labels is None or not names:
        return None
    posterior = infer(bundle, pictures)
    namings = [_fit(name, posterior.probs[name], pictures) for name in names]
    return max(namings, key=lambda naming: naming.right)


def name_continuous(section: dict[str, Any]) -> dict[str, str]:
    """What each continuous code follows, such as "slant, r = 0.93", from the evaluation's section on them.

    The figure is the partial correlation on test pictures. A code that reaches 0.5 with nothing is left out.
    """
    names = {}
    for code, figures in section.items():
        factor, r = strongest(figures["test"])
        if abs(r) >= LEAST_CORRELATION:
            names[code] = f"{factor}, r = {r:.2f}"
    return names


def strongest(correlations: dict[str, float]) -> tuple[str, float]:
    """The factor that a code follows most, and how closely."""
    return max(((name, correlations[name]) for name in NAMED_FACTORS), key=lambda item: abs(item[1]))


def settings_of(manifest: Manifest) -> TrainConfig | None:
    """The settings that a bundle says it was trained with; None where it does not say, or in no way that is known."""
    known = manifest.provenance.get("config")
    data_set = manifest.provenance.get("data")
    name = data_set.get("name") if isinstance(data_set, dict) else None
    if not isinstance(name, str):
        return None
    try:
        return TrainConfig.from_json({**(known if isinstance(known, dict) else {}), "dataset": name})
    except UserError:
        return TrainConfig(dataset=name)


def infer(bundle: Bundle, pictures: Pictures) -> Posterior:
    """Q's answer for all pictures, read a thousand at a time so that they need not fit into memory as float32."""
    parts = [bundle.infer(as_float(pictures, i, i + 1000)) for i in range(0, len(pictures.images), 1000)]
    return Posterior(
        *(
            {name: np.concatenate([getattr(part, kind)[name] for part in parts]) for name in getattr(parts[0], kind)}
            for kind in ("probs", "mean", "std")
        )
    )


def as_float(pictures: Pictures, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
    """Some pictures as the networks take them, (n, C, H, W) float32 in [0, 1]."""
    return np.asarray(pictures.images[start:stop], np.float32) / np.float32(255)


def _fit(code: str, probs: NDArray[np.float32], pictures: Pictures) -> Naming:
    assert pictures.labels is not None
    counts = metrics.confusion(probs.argmax(1), pictures.labels, probs.shape[1], int(pictures.labels.max()) + 1)
    return Naming(code, metrics.one_to_one(counts), counts, pictures.label_names)
