"""The training loop."""

import importlib.metadata
import json
import math
import os
import platform
import shlex
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import checkpoint
from .atomic import write_bytes
from .augment import change
from .clustering import Clustering
from .config import TrainConfig
from .data import Pictures, load
from .errors import UserError
from .interrupts import Interrupts
from .latents import Categorical
from .losses import (
    discriminator_loss,
    generator_loss,
    guide_loss,
    heads_information,
    information_loss,
    mutual_information,
    paired_information,
)
from .networks import Posterior, frozen_statistics
from .precision import autocast, resolve_device, resolve_precision
from .recording import Recorder
from .state import TrainingState

GUIDED = 2  # continuous codes that the guide teaches: slant, then width


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
    state = TrainingState(config, pictures.images, device)
    if resumed is not None:
        state.restore(resumed)
    total_steps = config.total_steps(len(state.batches))
    if state.step >= total_steps:
        raise UserError(f"{run} is at step {state.step} of {total_steps}; give a larger --steps or --epochs to go on")
    checkpoint.set_aside_later(run, state.step)
    _write_settings(config, run, pictures, precision)

    with Recorder(run, state.history, state.step, total_steps) as recorder, Interrupts() as interrupts:
        if state.step == 0:
            recorder.graph(state.model)
        started, saved = time.perf_counter() - state.seconds, state.step
        clustering = Clustering(state, precision) if state.step < config.cluster_steps else None
        while state.step < total_steps and interrupts.received is None:
            # Train: first the trunk clusters; then the game, one update of D, its trunk and Q, and one of G.
            epoch = state.batches.epoch
            state.set_learning_rates()
            if clustering is not None and state.step < config.cluster_steps:
                terms = clustering.update()
            else:
                terms = update(state, state.batches.next(), precision)
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


def update(state: TrainingState, batch: np.ndarray[Any, np.dtype[np.uint8]], precision: str) -> dict[str, Tensor]:
    """One iteration of InfoGAN's game: D, its trunk and Q first, then G against them.

    Args:
        state: networks and optimisers, updated in place.
        batch: real pictures, (n, C, H, W) uint8.
        precision: "fp32" or "bf16".

    Returns:
        The terms of the objective, scalars: d_loss, g_loss, mi_* (nats), and those of the label-free terms in use.
    """
    config, model, spec = state.config, state.model, state.model.spec
    device = next(model.parameters()).device

    # 1. Real pictures, and latents from the prior.
    real = torch.from_numpy(batch).to(device).float() / 255  # (n, C, H, W) in [0, 1]
    z, c = (torch.from_numpy(part).to(device) for part in spec.sample(state.rng, len(batch)))

    # 2. Generate. One pass through G serves both updates.
    with autocast(precision, device):
        fake = model.generate(z, c)

        # 3. D and Q look at the real batch, which alone counts in the running statistics.
        real_features = model.trunk(real)
        q_real = model.q_head(real_features)

    with autocast(precision, device), frozen_statistics(model):
        # 4. D judges both batches, each under its own batch statistics, and Q reads the codes back.
        fake_features = model.trunk(fake.detach())
        d_loss = discriminator_loss(model.d_head(real_features), model.d_head(fake_features))
        q_features = fake_features if config.trunk_information else fake_features.detach()
        information = mutual_information(spec, model.q_head(q_features), c)
        loss = d_loss + information_loss(spec, information, config.lambda_discrete, config.lambda_continuous)

        # 5. Q and the auxiliary clusters agree on real pictures and changed copies of them (recipe robust).
        real_terms = _real_picture_terms(state, real, real_features, q_real)
        loss = loss + sum(weight * term for weight, term in real_terms.values())

    # 6. Update D, the trunk and Q.
    state.d_optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    state.d_optimizer.step()

    # 7. Update G against the new D and Q; their weights need no gradient here.
    for parameter in model.discriminator_parameters():
        parameter.requires_grad_(False)
    with autocast(precision, device), frozen_statistics(model):
        features = model.trunk(fake)
        g_loss = generator_loss(model.d_head(features))
        g_information = mutual_information(spec, model.q_head(features), c)
        loss = g_loss + information_loss(spec, g_information, config.lambda_discrete, config.lambda_continuous)
    state.g_optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    state.g_optimizer.step()
    for parameter in model.discriminator_parameters():
        parameter.requires_grad_(True)

    unweighted = {name: term for name, (_, term) in real_terms.items()}
    terms = {"d_loss": d_loss, "g_loss": g_loss, **_information_terms(state, g_information), **unweighted}
    return {name: term.detach() for name, term in terms.items()}


def _real_picture_terms(
    state: TrainingState, real: Tensor, features: Tensor, q: Posterior
) -> dict[str, tuple[float, Tensor]]:
    """(weight, term) of each label-free term that is switched on, given what the networks see; terms are minimised."""
    config, model, spec = state.config, state.model, state.model.spec
    if not (config.iic_weight or config.cluster_weight or config.guide_weight):
        return {}
    with torch.autocast(real.device.type, enabled=False):
        changed = change(real, state.rng, config.changes)
    changed_features = model.trunk(changed.images)
    q_changed: Posterior = model.q_head(changed_features)
    terms = {}
    if config.iic_weight:
        slices = [spec.probability_slices[code.name] for code in spec.discrete if isinstance(code, Categorical)]
        pairs = [paired_information(q.logits[:, s], q_changed.logits[:, s]) for s in slices]
        if pairs:
            terms["iic"] = config.iic_weight, -torch.stack(pairs).sum()
    if model.cluster_heads is not None and config.cluster_weight:
        clusters = model.cluster_heads(features), model.cluster_heads(changed_features)
        terms["cluster_iic"] = config.cluster_weight, -heads_information(*clusters)
    if config.guide_weight:
        guided = min(GUIDED, len(spec.continuous))
        guide = guide_loss(q.mean[:, :guided], q_changed.mean[:, :guided], changed.expected[:, :guided])
        terms["guide"] = config.guide_weight, guide
    return terms


def _information_terms(state: TrainingState, information: dict[str, Tensor]) -> dict[str, Tensor]:
    """L_I of each code, and its sums over discrete codes, over continuous codes, and over all."""
    spec, zero = state.model.spec, torch.zeros(())
    discrete = sum((information[code.name] for code in spec.discrete), zero)
    continuous = sum((information[code.name] for code in spec.continuous), zero)
    each = {f"mi_{name}": value for name, value in information.items()}
    return {**each, "mi_categorical": discrete, "mi_continuous": continuous, "mi_total": discrete + continuous}


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


def _write_settings(config: TrainConfig, run: Path, pictures: Pictures, precision: str) -> None:
    packages = ("infogan-explorer", "torch", "numpy")
    settings = {
        "config": config.to_json(),
        "latents": config.latents.to_json(),
        "data": {"name": config.dataset, "pictures": len(pictures.images), "sha256": pictures.fingerprint},
        "versions": {"python": platform.python_version(), **{p: importlib.metadata.version(p) for p in packages}},
        "threads": torch.get_num_threads(),
        "precision": precision,
    }
    write_bytes(run / "config.json", (json.dumps(settings, indent=2) + "\n").encode())
