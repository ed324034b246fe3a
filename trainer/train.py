"""The training loop."""

import importlib.metadata
import json
import math
import os
import platform
import shlex
import time
from pathlib import Path

import torch

from . import checkpoint
from .atomic import write_bytes
from .clustering import Clustering
from .config import TrainConfig
from .data import Pictures, load
from .errors import UserError
from .game import update
from .interrupts import Interrupts
from .labels import draw_labelled
from .precision import resolve_device, resolve_precision
from .recording import Recorder
from .state import TrainingState
from .teachers import taught


def train(config: TrainConfig, run: Path, resumed: checkpoint.State | None = None) -> int:
    """Train until ``config.total_steps``, writing the run folder as it goes.

    Args:
        config: the settings.
        run: the run folder, made where it is missing.
        resumed: the state to go on from.

    Returns:
        0 when the last step was done; 128 + the signal's number when a signal stopped the run, which was then saved.

    Raises:
        UserError: bad data or settings, networks that diverged, a checkpoint that could not be written.
    """
    # Set up: data, networks, optimisers, and where an earlier session of this run left them.
    torch.set_num_threads(config.threads or _cores())
    device = resolve_device(config.device)
    precision = resolve_precision(config.precision, device)
    pictures = load(config.dataset, config.data_dir, "train")
    known = taught(run, pictures, config, device, precision) if config.teachers else draw_labelled(pictures, config)
    state = TrainingState(config, pictures.images, device, known)
    if resumed is not None:
        state.restore(resumed)
    total_steps = config.total_steps(len(state.batches))
    if state.step >= total_steps:
        raise UserError(f"{run} is at step {state.step} of {total_steps}; give a larger --steps or --epochs to go on")
    checkpoint.set_aside_later(run, state.step)
    _write_settings(config, run, pictures, device, precision)

    with Recorder(run, state.history, state.step, total_steps) as recorder, Interrupts() as interrupts:
        if state.step == 0:
            recorder.graph(state.model)
        started, saved = time.perf_counter() - state.seconds, state.step
        clustering = Clustering(state, precision) if state.step < config.cluster_steps else None
        while state.step < total_steps and interrupts.received is None:
            # Train: first the trunk clusters, then D goes ahead, both if asked for; then the game of D, Q and G.
            epoch = state.batches.epoch
            state.set_learning_rates(total_steps)
            if clustering is not None and state.step < config.cluster_steps:
                terms = clustering.update()
            else:
                terms = update(state, state.next_batch(), precision)
            state.step += 1
            state.average_weights()
            state.seconds = time.perf_counter() - started
            state.add(terms)

            # Log: the mean of each term since the last row.
            if state.step % config.log_every == 0 or state.step == total_steps:
                row = state.end_row(epoch)
                if not all(map(math.isfinite, row.values())):
                    raise _diverged(state, run)
                recorder.row(row)

            # At the end of an epoch: look at the codes, save, and remember the best epoch.
            if state.batches.epoch > epoch:
                best = state.end_epoch()
                _save(state, run, best)
                recorder.traversals(state.average, state.step)
                saved = state.step

        if saved < state.step:
            _save(state, run, best=state.best is None)  # until an epoch is complete, the newest is the best
            recorder.traversals(state.average, state.step)
        if interrupts.received is not None and state.step < total_steps:
            recorder.say(
                f"stopped at step {state.step} of {total_steps} and saved; "
                f"go on with: infogan-train --resume {shlex.quote(str(run))}"
            )
            return 128 + interrupts.received
        recorder.say(f"done: step {state.step}, {state.seconds:.0f} s of training, in {run}")
    return 0


def _save(state: TrainingState, run: Path, best: bool) -> None:
    """Save a checkpoint, unless the networks have diverged: that would take the place of a good one.

    Raises:
        UserError: a weight is not a finite number, or the file could not be written.
    """
    if not all(torch.isfinite(parameter).all() for parameter in state.model.parameters()):
        raise _diverged(state, run)
    checkpoint.save(run, state.to_checkpoint(), best)


def _diverged(state: TrainingState, run: Path) -> UserError:
    good = [path for _, path in checkpoint.numbered(run)]
    where = f"the last good state is {good[-1]}" if good else "nothing was saved yet"
    return UserError(
        f"the networks diverged before step {state.step}: a loss or a weight is no longer a finite number; {where}; "
        "start again with a lower --d-lr and --g-lr, or --precision fp32"
    )


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write_settings(config: TrainConfig, run: Path, pictures: Pictures, device: torch.device, precision: str) -> None:
    packages = ("infogan-explorer", "torch", "numpy")
    settings = {
        "config": config.to_json(),
        "latents": config.latents.to_json(),
        "data": {"name": config.dataset, "pictures": len(pictures.images), "sha256": pictures.fingerprint},
        "versions": {"python": platform.python_version(), **{p: importlib.metadata.version(p) for p in packages}},
        "device": device.type,
        "threads": torch.get_num_threads(),
        "precision": precision,
    }
    write_bytes(run / "config.json", (json.dumps(settings, indent=2) + "\n").encode())
