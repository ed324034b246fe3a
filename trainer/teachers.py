"""What other runs agree on about the pictures, for runs that ask for it with --teachers.

On rare forms, a nine with a curl or a seven with a bar, runs from other seeds differ: about two digits of MNIST in a
hundred are read in more than one way by five runs. Where all say the same, they are right more often than each alone.
"""

import io
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from . import checkpoint
from .atomic import write_bytes
from .config import TrainConfig
from .errors import UserError, first_line
from .metrics import confusion, one_to_one
from .networks import InfoGAN
from .pictures import Pictures
from .precision import autocast
from .state import trained_model

KEPT = "teachers.npz"
_CHUNK = 500  # pictures at a time

Taught = tuple[NDArray[np.uint8], NDArray[np.int64]]


def taught(run: Path, pictures: Pictures, config: TrainConfig, device: torch.device, precision: str) -> Taught:
    """What :func:`agreed` says, kept in the run folder: a run that is resumed does not need its teachers again.

    Returns:
        (n, C, H, W) uint8 and (n,) int64.

    Raises:
        UserError: as :func:`agreed`; what was kept cannot be read.
    """
    path = run / KEPT
    if not path.exists():
        buffer = io.BytesIO()
        indices, categories = agreed(pictures, config, device, precision)
        np.savez_compressed(buffer, indices=indices, categories=categories)
        write_bytes(path, buffer.getvalue())
    try:
        with np.load(io.BytesIO(path.read_bytes())) as kept:
            return pictures.images[kept["indices"]], kept["categories"]
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({first_line(error)}); delete it to ask the teachers again") from error


def agreed(
    pictures: Pictures, config: TrainConfig, device: torch.device, precision: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pictures whose first categorical code is the same to all ``config.teachers``, and its category.

    The first teacher's categories count; those of the others are numbered after them, one to one, by the pictures that
    they have in common. No label is looked at, and no teacher may have seen one.

    Args:
        pictures: the training pictures.
        config: with at least one teacher, each a run folder or a checkpoint.
        device: where the teachers read.
        precision: "fp32" or "bf16".

    Returns:
        Which pictures, (n,), and their categories, (n,).

    Raises:
        UserError: a teacher cannot be read or does not fit this run, or they agree on nothing.
    """
    runs = [checkpoint.run_of(path) or path for path in config.teachers]
    if len({run.resolve() for run in runs}) < len(runs):
        raise UserError("--teachers names a run twice; name each once")
    first = config.latents.first_categorical
    if first is None:
        raise UserError("--teachers need a first categorical code to teach; use --categorical 10, or leave them out")
    for path in config.teachers:
        if not path.exists():
            raise UserError(f"--teachers {path} does not exist; expected a run folder or a checkpoint")
    votes: list[NDArray[np.int64]] = []
    for number, path in enumerate(config.teachers, 1):
        print(f"asking teacher {number} of {len(config.teachers)}: {path}", flush=True)  # it takes seconds each
        found = categories_of(_teacher(path, config, first.size).to(device), pictures.images, precision)
        votes.append(found if not votes else one_to_one(confusion(found, votes[0], first.size, first.size))[found])
    same = np.all(np.stack(votes) == votes[0], axis=0)
    if not same.any():
        raise UserError("--teachers agree on no picture; give runs that have learned something")
    print(f"they agree on {same.sum()} of {len(same)} pictures", flush=True)
    return np.flatnonzero(same), votes[0][same]


def _teacher(path: Path, config: TrainConfig, categories: int) -> InfoGAN:
    """The networks of a teacher, once it is clear that it can teach this run."""
    state, warnings = checkpoint.open_run_or_checkpoint(path)
    for warning in warnings:
        print(f"infogan-train: {warning}", file=sys.stderr)
    its = checkpoint.config_of(state)
    if its.dataset != config.dataset:
        raise UserError(f"--teachers {path} was trained on {its.dataset}; give runs on {config.dataset}")
    if its.labels:
        raise UserError(f"--teachers {path} was trained with --labels; give runs that have seen none")
    if state["step"] <= its.steps_before_game:
        raise UserError(f"--teachers {path} stopped before its game began; go on with it first, with --resume {path}")
    code = its.latents.first_categorical
    if code is None or code.size != categories:
        raise UserError(f"--teachers {path} has no first categorical code of {categories} classes; give runs that do")
    return trained_model(state, its)


@torch.inference_mode()
def categories_of(model: InfoGAN, images: NDArray[np.uint8], precision: str) -> NDArray[np.int64]:
    """The most likely category of each picture (n, C, H, W) under the first categorical code, (n,)."""
    code, device = model.spec.first_categorical, next(model.parameters()).device
    assert code is not None
    part = model.spec.probability_slices[code.name]
    found = []
    for start in range(0, len(images), _CHUNK):
        batch = torch.from_numpy(np.array(images[start : start + _CHUNK])).to(device).float() / 255
        with autocast(precision, device):
            found.append(model.q_head(model.trunk(batch)).logits[:, part].argmax(1).cpu())
    return np.asarray(torch.cat(found).numpy())
