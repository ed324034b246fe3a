"""What a data set is once it has been read: one uint8 array, with what is known of each picture."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]
Colour = Literal["auto", "grey", "rgb"]
_NEARLY_ALL = 0.98


class Crop(NamedTuple):
    """Which part of a picture's largest square is taken.

    Attributes:
        share: of its side, in (0, 1].
        lowered: how far the part's centre lies below the middle, in the same unit.
    """

    share: float = 1.0
    lowered: float = 0.0


WHOLE = Crop()
# The inner three quarters hold the face; the centre of the aligned faces lies a little below the middle.
CELEBA_FACE = Crop(0.75, 1 / 64)


class Preparation(NamedTuple):
    """How pictures of any size become those that a network takes; each data set heeds what applies to it.

    Attributes:
        image_size: pixels a side; None: the data set's own choice.
        colour: "grey" or "rgb"; "auto": grey where all pictures are.
        invert: dark on light becomes light on dark.
        alphabets: names of those to take; empty: all.
    """

    image_size: int | None = None
    colour: Colour = "auto"
    invert: bool = False
    alphabets: tuple[str, ...] = ()


class Attribute(NamedTuple):
    """Something known of every picture: values (n,) int64, and the name of each value."""

    values: NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Pictures:
    """One split of a data set.

    Attributes:
        images: (n, channels, height, width) uint8, ink = 255, mapped from the disk.
        labels: (n,) integers from 0 on, used for evaluation and for naming categories, never by the losses; None where
            unknown.
        fingerprint: SHA-256 of the pictures' file.
        label_names: what each label is called; empty where it is the number itself.
        attributes: what else is known of each picture, by name; for evaluation only.
        notes: what a user should know, such as which files could not be read.
    """

    images: NDArray[np.uint8]
    labels: NDArray[Any] | None
    fingerprint: str
    label_names: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Target(NamedTuple):
    """Something to be told of each picture: what it is called, values (n,) from 0 on, and how many there are."""

    name: str
    values: NDArray[np.int64]
    size: int


def targets_of(pictures: Pictures) -> list[Target]:
    """The labels and the attributes that are known; of the latter none that is the same for nearly every picture."""
    known = [Target(name, values, len(names)) for name, (values, names) in pictures.attributes.items()]
    known = [t for t in known if np.bincount(t.values).max() <= _NEARLY_ALL * len(t.values)]
    if pictures.labels is not None:
        labels = np.asarray(pictures.labels, np.int64)
        known.insert(0, Target("label", labels, int(labels.max()) + 1))
    return known


def is_grey(pixels: NDArray[np.uint8]) -> bool:
    """Whether a picture (h, w, 3) has no colour but what a JPEG's rounding leaves: 2 levels of 255 on average."""
    levels = pixels.astype(np.int16)
    return bool((levels.max(2) - levels.min(2)).mean() <= 2)
