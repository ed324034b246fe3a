"""A tiny data set in the official format, settings that train on it in a moment, and how runs are compared."""

import gzip
import hashlib
import signal
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from infogan.trainer import checkpoint, data
from infogan.trainer.state import TrainingState

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
USED = r"""
def used():  # the start of a script that asks how many MB of its memory are its own
    import pathlib, re

    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024

"""
TINY = ["--dataset", "tiny", "--channels", "4", "--hidden", "16", "--batch-size", "16", "--clusters", "12"]
TINY += [
    "--cluster-steps",
    "0",
    "--encoder-steps",
    "0",
    "--decay-epochs",
    "0",
    "--precision",
    "fp32",
    "--threads",
    "1",
    "--log-every",
    "2",
    "--save-every",
    "1",
]
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


def bars(slant: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Pictures (n, 1, 28, 28) of a bar that leans and is so wide."""
    y, x = np.mgrid[:28, :28] - 13.5
    lean = np.tan(slant)[:, None, None]
    across = (width[:, None, None] / 2 + 0.5 - np.abs(x + lean * y)).clip(0, 1)
    return np.minimum(across, (8.5 - np.abs(y)).clip(0, 1)).astype(np.float32)[:, None]


def write_data_set(folder: Path, splits: dict[str, tuple[np.ndarray, np.ndarray]]) -> data.IdxDataSet:
    """Write packed IDX files and describe them as the registry does."""
    files = {}
    for split, arrays in splits.items():
        names = f"{split}-images-idx3-ubyte", f"{split}-labels-idx1-ubyte"
        entries = []
        for name, array in zip(names, arrays, strict=True):
            content = idx(array)
            (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
            entries.append(data.Original(name, len(content), hashlib.sha256(content).hexdigest()))
        files[split] = tuple(entries)
    return data.IdxDataSet(files, mirrors=("http://127.0.0.1:9/",), licence="none")


def assert_same(first: checkpoint.State, second: checkpoint.State) -> None:
    """Bit for bit: every tensor and number but for the time that was spent."""

    def compare(a: Any, b: Any, where: str) -> None:
        assert type(a) is type(b), where
        if isinstance(a, dict):
            assert a.keys() == b.keys(), where
            for key in a.keys() - {"seconds", "config"}:
                compare(a[key], b[key], f"{where}.{key}")
        elif isinstance(a, list | tuple):
            assert len(a) == len(b), where
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                compare(x, y, f"{where}[{i}]")
        elif isinstance(a, torch.Tensor):
            assert torch.equal(a, b), where
        else:
            assert a == b, where

    compare(first, second, "state")


def interrupt_after(step: int, patch: pytest.MonkeyPatch) -> None:
    """Let SIGTERM arrive during a step of training."""
    average = TrainingState.average_weights

    def interrupted(state: TrainingState) -> None:
        if state.step == step:
            signal.raise_signal(signal.SIGTERM)
        average(state)

    patch.setattr(TrainingState, "average_weights", interrupted)
