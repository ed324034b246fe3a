"""One iteration of InfoGAN's game: D, its trunk and Q first, then G against them."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .augment import Change, augmented, change, deformed
from .config import TrainConfig
from .latents import Categorical, LatentSpec
from .losses import (
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
    guide_loss,
    heads_information,
    information_loss,
    mode_seeking_loss,
    mutual_information,
    paired_information,
)
from .networks import InfoGAN, Posterior, frozen_statistics
from .precision import autocast
from .state import TrainingState, descend, held

GUIDED = 2  # continuous codes that the guide teaches: slant, then width
_LABELLED = 64  # pictures with labels, or of the teachers, that a step looks at

Terms = dict[str, Tensor]


def trains_generator(state: TrainingState) -> bool:
    """Whether the step to come updates G too: not while D is trained before the game, then every ``d_steps`` th."""
    config, step = state.config, state.step
    alone = config.cluster_steps <= step < config.steps_before_game
    return not alone and (step - config.steps_before_game + 1) % config.d_steps == 0


def update(state: TrainingState, batch: NDArray[np.uint8], precision: str) -> Terms:
    """One iteration.

    Args:
        state: networks and optimisers, updated in place.
        batch: real pictures, (n, C, H, W) uint8.
        precision: "fp32" or "bf16".

    Returns:
        The terms of the objective, scalars: d_loss and those of the label-free terms in use; where G was updated,
        g_loss, mode_seeking if in use, and mi_* (nats).
    """
    model, for_generator = state.model, trains_generator(state)
    device = next(model.parameters()).device

    # 1. Real pictures, and latents from the prior.
    if model.packing > 1:  # batches are in the order of the data set, and a pack should be drawn at random
        batch = state.rng.permutation(batch)
    real = torch.from_numpy(batch).to(device).float() / 255  # (n, C, H, W) in [0, 1]
    if state.config.deformation:
        real = deformed(real, state.rng, state.config.changes, state.config.deformation)
    z, c = _latents(state, len(batch), device)

    # 2. Generate. One pass through G serves both updates.
    with autocast(precision, device), torch.set_grad_enabled(for_generator):
        fake = state.g_averaging(lambda: model.generate(z, c))

    terms = _update_discriminator(state, real, fake.detach(), c, precision)
    if for_generator:
        terms |= _update_generator(state, real, fake, z, c, precision)
    return {name: term.detach() for name, term in terms.items()}


def _latents(state: TrainingState, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Noise and codes from the prior; where G is to heed its noise, the second half repeats the codes of the first."""
    z, c = (torch.from_numpy(part).to(device) for part in state.model.spec.sample(state.rng, n))
    if state.config.mode_seeking:
        c[n // 2 : n // 2 * 2] = c[: n // 2]
    return z, c


def _update_discriminator(state: TrainingState, real: Tensor, fake: Tensor, c: Tensor, precision: str) -> Terms:
    """Update D, the trunk and Q."""
    loss, terms = state.d_averaging(lambda: discriminator_objective(state, real, fake, c, precision))
    descend(state.d_optimizer, loss)  # 6. Take the step.
    return terms


def discriminator_objective(
    state: TrainingState, real: Tensor, fake: Tensor, c: Tensor, precision: str
) -> tuple[Tensor, Terms]:
    """What D, the trunk and Q minimise, and the terms of it that are logged."""
    config, model, spec = state.config, state.model, state.model.spec
    real, fake = _as_seen(state, real), _as_seen(state, fake)
    changed = _changed(state, real)
    copies = [] if changed is None else [changed.images]

    # One context for all passes: the weights are converted once, and their gradients added up before they are.
    with autocast(precision, real.device):
        # 3. D and Q look at all pictures; the real batch alone counts in the running statistics.
        real_features, fake_features, *copied_features = model.features(real, fake, *copies)
        q_real = model.q_head(real_features)

        with frozen_statistics(model):
            # 4. D judges both batches, each under its own batch statistics unless they are to be compared, and Q reads
            # the codes back.
            together = config.judges_together
            on_real, on_fake = _side_by_side(model, real, fake) if together else (real_features, fake_features)
            d_loss = discriminator_loss(model.d_head(on_real), model.d_head(on_fake), config.label_smoothing)
            q_features = fake_features if config.trunk_information else fake_features.detach()
            information = mutual_information(spec, _left_to_information(model.q_head(q_features), c, config, spec), c)
            loss = d_loss + information_loss(spec, information, config.lambda_discrete, config.lambda_continuous)

            # 5. Q and the auxiliary clusters agree on real pictures and changed copies of them (recipe robust).
            terms = {}
            if changed is not None:
                terms = _real_picture_terms(state, (real_features, *copied_features), q_real, changed)
            weighted = {**terms, **_label_term(state)}
            loss = loss + sum(weight * term for weight, term in weighted.values())
    return loss, {"d_loss": d_loss, **{name: term for name, (_, term) in weighted.items()}}


def _update_generator(state: TrainingState, real: Tensor, fake: Tensor, z: Tensor, c: Tensor, precision: str) -> Terms:
    """7. Update G against the new D and Q; their weights need no gradient here."""
    config, model, spec = state.config, state.model, state.model.spec
    seeking = {"mode_seeking": mode_seeking_loss(fake, z)} if config.mode_seeking else {}
    real, fake = _as_seen(state, real), _as_seen(state, fake)
    with autocast(precision, real.device), frozen_statistics(model), held(state.d_optimizer):
        features = model.trunk(fake)
        if config.generator_loss == "feature-matching":
            g_loss = feature_matching_loss(*_side_by_side(model, real, fake))
        else:
            judged = _side_by_side(model, real, fake)[1] if config.judges_together else features
            g_loss = generator_loss(model.d_head(judged))
        information = mutual_information(spec, model.q_head(features), c)
        loss = g_loss + information_loss(spec, information, config.lambda_discrete, config.lambda_continuous)
        loss = loss + sum(config.mode_seeking * term for term in seeking.values())
    descend(state.g_optimizer, loss)
    return {"g_loss": g_loss, **seeking, **_information_terms(state, information)}


def _as_seen(state: TrainingState, pictures: Tensor) -> Tensor:
    """Pictures as D and Q see them."""
    strength = state.config.augmentation
    return augmented(pictures, state.rng, strength) if strength else pictures


def _left_to_information(q: Posterior, c: Tensor, config: TrainConfig, spec: LatentSpec) -> Posterior:
    """What L_I may teach of Q's reading of generated pictures: of guided means only their constant in each category.

    The guide leaves that open. Within a category it knows better: G draws a slanted digit a little wide, say, and a Q
    that reads its code back from that mixes width into its slant.
    """
    if not config.guide_weight:
        return q
    code = spec.first_categorical
    given = torch.ones_like(c[:, :1]) if code is None else c[:, spec.slices[code.name]]  # (n, K), rows sum to one
    guided, free = q.mean[:, :GUIDED], q.mean[:, GUIDED:]
    constants = (given[:, :, None] * guided[:, None]).sum(0) / given.sum(0).clamp_min(1)[:, None]  # (K, k)
    constant = (given[:, :, None] * constants).sum(1)
    return q._replace(mean=torch.cat((guided.detach() + constant - constant.detach(), free), 1))


def _side_by_side(model: InfoGAN, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """D's features of both batches under common batch statistics, (n, hidden) each.

    Under its own statistics a batch that is darker than the other, or less varied, would look like it: where pictures
    or mean features are compared, that must show.
    """
    first, second = model.trunk(torch.cat((real, fake))).chunk(2)
    return first, second


def _changed(state: TrainingState, real: Tensor) -> Change | None:
    """Changed copies of real pictures (n, C, H, W), where a term looks at them."""
    config = state.config
    if not (config.iic_weight or config.cluster_weight or config.guide_weight):
        return None
    return change(real, state.rng, config.changes)


def _real_picture_terms(
    state: TrainingState, features: tuple[Tensor, ...], q: Posterior, changed: Change
) -> dict[str, tuple[float, Tensor]]:
    """(weight, term) of each label-free term that is switched on; terms are minimised.

    Args:
        state: networks and settings.
        features: the trunk's, of real pictures and of their changed copies.
        q: Q of the real pictures.
        changed: the copies.
    """
    config, model, spec = state.config, state.model, state.model.spec
    q_changed: Posterior = model.q_head(features[1])
    terms = {}
    if config.iic_weight:
        slices = [spec.probability_slices[code.name] for code in spec.discrete if isinstance(code, Categorical)]
        pairs = [paired_information(q.logits[:, s], q_changed.logits[:, s]) for s in slices]
        if pairs:
            terms["iic"] = config.iic_weight, -torch.stack(pairs).sum()
    if model.cluster_heads is not None and config.cluster_weight:
        terms["cluster_iic"] = config.cluster_weight, -heads_information(*map(model.cluster_heads, features))
    if config.guide_weight:
        k = min(GUIDED, len(spec.continuous))
        means, measured = torch.cat((q.mean, q_changed.mean)), torch.cat((changed.before, changed.after))
        guide = guide_loss(means[:, :k], measured[:, :k], _categories(spec, q.logits).repeat(2, 1))
        terms["guide"] = config.guide_weight, guide
    return terms


def _categories(spec: LatentSpec, logits: Tensor) -> Tensor:
    """Q's first categorical code of n pictures, (n, K); one category for all where there is no such code."""
    code = spec.first_categorical
    if code is None:
        return torch.ones(len(logits), 1, device=logits.device)
    return logits[:, spec.probability_slices[code.name]].float().softmax(1)


def _label_term(state: TrainingState) -> dict[str, tuple[float, Tensor]]:
    """(weight, cross-entropy) of the first categorical code with labels or with what teachers say, where there are any.

    As in semi-supervised InfoGAN (Spurr et al. 2017, arXiv 1707.04487) they train Q and what it shares with D.
    """
    if state.labelled is None:
        return {}
    model, (pictures, labels) = state.model, state.labelled
    device = next(model.parameters()).device
    chosen = state.rng.integers(len(labels), size=_LABELLED)
    images = torch.from_numpy(pictures[chosen]).to(device).float() / 255
    code = model.spec.first_categorical
    assert code is not None
    logits = model.q_head(model.trunk(images)).logits[:, model.spec.probability_slices[code.name]]
    targets = torch.from_numpy(labels[chosen].astype(np.int64)).to(device)
    name = "teachers" if state.config.teachers else "labels"
    return {name: (state.config.label_weight, F.cross_entropy(logits, targets))}


def _information_terms(state: TrainingState, information: Terms) -> Terms:
    """L_I of each code, and its sums over discrete codes, over continuous codes, and over all."""
    spec, zero = state.model.spec, torch.zeros((), device=next(state.model.parameters()).device)
    discrete: Any = sum((information[code.name] for code in spec.discrete), zero)
    continuous: Any = sum((information[code.name] for code in spec.continuous), zero)
    each = {f"mi_{name}": value for name, value in information.items()}
    return {**each, "mi_categorical": discrete, "mi_continuous": continuous, "mi_total": discrete + continuous}
