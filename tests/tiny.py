"""A tiny data set in the official format, and settings that train on it in a moment."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np

from infogan.trainer import data

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
TINY = ["--dataset", "tiny", "--channels", "4", "--hidden", "16", "--batch-size", "16", "--clusters", "12"]
TINY += ["--cluster-steps", "0", "--precision", "fp32", "--threads", "1", "--log-every", "2"]
TRAIN_PICTURES, TEST_PICTURES = 80, 40


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in MNIST's file format."""
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def digits(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """28x28 pictures of a bar whose place is the label."""
    labels = rng.integers(10, size=n).astype(np.uint8)
    images = np.zeros((n, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] = rng.integers(128, 256)
    return images, labels


def write_data_set(folder: Path, splits: dict[str, tuple[np.ndarray, np.ndarray]]) -> data.IdxDataSet:
    """Write packed IDX files and describe them as the registry does."""
    files = {}
    for split, arrays in splits.items():
        names = f"{split}-images-idx3-ubyte", f"{split}-labels-idx1-ubyte"
        entries = []
        for name, array in zip(names, arrays, strict=True):
            content = idx(array)
            (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
            entries.append(data.IdxFile(name, len(content), hashlib.sha256(content).hexdigest()))
        files[split] = tuple(entries)
    return data.IdxDataSet(files, mirrors=("http://127.0.0.1:9/",), licence="none")
