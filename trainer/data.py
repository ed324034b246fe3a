"""Data sets by name: where their pictures come from, and their licences.

MNIST and its kin come in IDX files (big-endian header, then the bytes of all pictures). An unpacked IDX file *is* a
binary array, so it is what the cache keeps and what is mapped into memory. All others are converted once to such an
array.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .celeba import CelebA
from .converted import Source, converted
from .errors import UserError
from .omniglot import Omniglot
from .originals import Original, located, read_idx
from .own_pictures import OwnPictures
from .pictures import Pictures, Preparation, Split
from .small_photos import Cifar10, Svhn


class IdxDataSet(NamedTuple):
    """A data set in IDX files: (pictures, labels) of each split, and the addresses that serve them as NAME.gz."""

    files: dict[Split, tuple[Original, Original]]
    mirrors: tuple[str, ...]
    licence: str
    label_names: tuple[str, ...] = ()
    shareable: bool = True


class PictureDataSet(NamedTuple):
    """A data set that is converted.

    Attributes:
        source: opens it, given a folder (None: none is named), what is asked for, and whether what is missing may be
            downloaded.
        licence: of the pictures.
        shareable: whether what was trained on them may be given to others under a licence of one's own.
    """

    source: Callable[[Path | None, Preparation, bool], Source]
    licence: str
    shareable: bool = False


FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

# Sizes and hashes are those of the original files, unpacked: the .gz around them differs from mirror to mirror.
DATA_SETS: dict[str, IdxDataSet | PictureDataSet] = {
    "mnist": IdxDataSet(
        files={
            "train": (
                Original(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                ),
                Original(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                ),
            ),
            "test": (
                Original(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                ),
                Original(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                ),
            ),
        },
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    ),
    "fashion-mnist": IdxDataSet(
        files={
            "train": (
                Original(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                ),
                Original(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                ),
            ),
            "test": (
                Original(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                ),
                Original(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                ),
            ),
        },
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        licence="MIT, Zalando SE",
        label_names=FASHION,
    ),
    "omniglot": PictureDataSet(Omniglot, "MIT, Brenden Lake", shareable=True),
    "celeba": PictureDataSet(
        lambda folder, preparation, download: CelebA(folder, preparation),
        "non-commercial research only, no copies of anything derived from it",
    ),
    "svhn": PictureDataSet(Svhn, "non-commercial use only, Stanford University"),
    "cifar-10": PictureDataSet(Cifar10, "no licence stated, Alex Krizhevsky"),
    "folder": PictureDataSet(
        lambda folder, preparation, download: OwnPictures(folder, preparation),
        "licence not stated: the pictures are the user's own",
    ),
}


def load(
    name: str,
    data_dir: Path | None,
    split: Split,
    download: bool = True,
    preparation: Preparation = Preparation(),  # noqa: B008 # it cannot be changed
) -> Pictures:
    """Find, verify and map one split of a data set.

    Args:
        name: a key of ``DATA_SETS``.
        data_dir: searched first, for each original file; for "folder" the folder or zip of pictures. None: only the
            cache is searched.
        split: "train" or "test".
        download: fetch what is missing into the cache, unless $INFOGAN_OFFLINE is set; otherwise a missing file is
            an error.
        preparation: how pictures of any size are made to fit; those of IDX files are taken as they are.

    Raises:
        UserError: unknown data set, a file that is missing, truncated or altered, pictures and labels of different
            number, or a download that failed at every address.
    """
    data_set = described(name)
    if data_dir is not None and not data_dir.is_dir() and name != "folder":
        raise UserError(f"{data_dir} is not a folder; give --data-dir the folder with {name}'s files")
    if isinstance(data_set, PictureDataSet):
        return converted(name, data_set.source(data_dir, preparation, download), split)
    _check_as_they_are(name, preparation)
    image_file, label_file = data_set.files[split]
    images, labels = (
        read_idx(located(name, file, data_set.mirrors, data_dir, download), dimensions)
        for file, dimensions in ((image_file, 3), (label_file, 1))
    )
    if len(images) != len(labels):
        raise UserError(
            f"{name}: {image_file.name} holds {len(images)} pictures but {label_file.name} {len(labels)} labels; "
            "they must come from the same release"
        )
    return Pictures(images[:, None], np.asarray(labels), image_file.sha256, data_set.label_names)


def _check_as_they_are(name: str, preparation: Preparation) -> None:
    for flag, value in zip(("image-size", "colour", "invert", "alphabets"), preparation, strict=True):
        if value not in (None, "auto", False, ()):
            raise UserError(f"--{flag} does not apply to {name}, whose pictures are taken as they are; leave it out")


def described(name: str) -> IdxDataSet | PictureDataSet:
    """Where the pictures of a data set come from, and its licence.

    Raises:
        UserError: there is none of this name.
    """
    if name not in DATA_SETS:
        raise UserError(f"unknown data set {name!r}, expected one of: {', '.join(DATA_SETS)}")
    return DATA_SETS[name]
