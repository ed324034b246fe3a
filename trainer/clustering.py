"""Before the game: the trunk learns what belongs together, and Q's categories start from that, without any label.

What plain InfoGAN's categories mean is settled within its first few hundred steps, when G draws nothing yet, and so is
left to chance. Here an over-clustering of real pictures comes first, as in IIC's auxiliary heads (Ji et al. 2019, arXiv
1807.06653, section 3.3): a picture belongs together with a changed copy of itself or of a near neighbour. The clusters
are then merged into as many groups as the first categorical code has classes, and Q learns to tell these groups.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import replicas
from .augment import change
from .batches import Batches
from .config import TrainConfig
from .latents import Categorical
from .losses import heads_information
from .merging import consensus
from .metrics import confusion, one_to_one
from .neighbours import Neighbours
from .precision import autocast
from .replicas import Averaging
from .state import TrainingState, descend

TEACHING_SHARE = 0.2  # of the phase: its last part, in which Q learns the merged clusters
_CHUNK = 500  # labelled pictures at a time
_NUMBERED = 5000  # of them, at most, say how to number the groups
_MERGED_BATCHES = 40  # that the merging looks at
_MERGED_RANK = 15  # mean rank of the neighbours that it looks at


class Clustering:
    """The phase of ``config.cluster_steps`` steps before the game; all that it must remember is in the state."""

    def __init__(self, state: TrainingState, precision: str) -> None:
        self.state = state
        self.precision = precision
        self._neighbours = Neighbours(state.batches.images, state.config.seed, next(state.model.parameters()).device)
        images, wanted = state.batches.images, state.config.cluster_batch_size
        most = min(wanted, len(images))
        self._batches = Batches(images, most - most % replicas.size(), state.config.seed)
        networks = state.model.trunk, state.model.cluster_heads
        self._averaging = {False: Averaging(*networks), True: Averaging(*networks, state.model.q_head)}

    def update(self) -> dict[str, Tensor]:
        """One step: the trunk and the auxiliary heads, and in the last part of the phase Q's own layers.

        Returns:
            Terms in nats: cluster_iic, minus the information between a picture's cluster and its copy's; and in the
            last part q_groups, the cross-entropy of Q's categories with the merged clusters.
        """
        state, model, code = self.state, self.state.model, self.state.model.spec.first_categorical
        heads = model.cluster_heads
        assert heads is not None
        teaching = code is not None and state.step >= first_teaching_step(state.config)
        if code is not None and state.step == first_teaching_step(state.config):
            heads.groups.copy_(torch.from_numpy(consensus(*self._shares(), code.size)))
            self._number_as_labels(code.size)
            replicas.same(heads.groups)  # each has drawn others

        terms = self._averaging[teaching](lambda: self._terms(self._pair(state.step), code if teaching else None))
        descend(state.d_optimizer, torch.stack(list(terms.values())).sum())
        return {name: term.detach() for name, term in terms.items()}

    def _terms(self, pair: Tensor, taught: Categorical | None) -> dict[str, Tensor]:
        """What the step minimises; Q's own layers learn the code that is taught."""
        model = self.state.model
        heads = model.cluster_heads
        assert heads is not None
        with autocast(self.precision, pair.device):
            features = model.trunk(pair)
            first, second = heads(features).chunk(2)
            terms = {"cluster_iic": -heads_information(first, second)}
            if taught is not None:
                shares = heads.group_shares(first.detach(), taught.size).repeat(2, 1)
                logits = model.q_head(features.detach()).logits[:, model.spec.probability_slices[taught.name]]
                terms["q_groups"] = -(shares * logits.log_softmax(1)).sum(1).mean()
        return terms

    def _pair(self, step: int) -> Tensor:
        """Pictures and then their partners, (2n, C, H, W) in [0, 1]: changed copies of themselves or of neighbours."""
        config, rng, images = self.state.config, self.state.rng, self._batches.images
        indices = replicas.share(self._batches.indices(step))
        partners, near = indices.copy(), rng.random(len(indices)) < config.neighbours
        partners[near] = self._neighbours.pick(indices[near], rng)
        device = next(self.state.model.parameters()).device
        pictures, partner = (torch.from_numpy(images[i]).to(device).float() / 255 for i in (indices, partners))
        return torch.cat((pictures, change(partner, rng, config.changes).images))

    @torch.no_grad()
    def _number_as_labels(self, groups: int) -> None:
        """Where labels or teachers speak of pictures, number each group as they do, one to one, for most of these."""
        if self.state.labelled is None:
            return
        model, apart = self.state.model, -(-len(self.state.labelled[1]) // _NUMBERED)
        pictures, labels = (part[::apart] for part in self.state.labelled)
        assert model.cluster_heads is not None
        model.trunk.eval()
        found = []
        device = model.cluster_heads.groups.device
        for i in range(0, len(pictures), _CHUNK):
            part = torch.from_numpy(pictures[i : i + _CHUNK]).to(device).float() / 255
            logits = model.cluster_heads(model.trunk(part))
            found.append(model.cluster_heads.group_shares(logits, groups).argmax(1).cpu())
        model.trunk.train()
        counts = confusion(torch.cat(found).numpy(), labels, groups, groups)
        model.cluster_heads.groups.copy_(torch.from_numpy(one_to_one(counts))[model.cluster_heads.groups.cpu()])

    @torch.no_grad()
    def _shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(cluster | x) of some pictures and of a neighbour of each, (n, heads, k) both.

        The heads were trained to part clusters that are alike, so changed copies say little of which belong together.
        The pixels of neighbours do: most of a crossed seven's neighbours in other clusters are sevens.
        """
        model, rng, images = self.state.model, self.state.rng, self._batches.images
        assert model.cluster_heads is not None
        device = next(model.parameters()).device
        parts = []
        for step in range(_MERGED_BATCHES):
            indices = self._batches.indices(step)
            neighbours = self._neighbours.pick(indices, rng, _MERGED_RANK)
            pair = torch.from_numpy(images[np.concatenate((indices, neighbours))]).to(device).float() / 255
            with autocast(self.precision, device):
                logits = model.cluster_heads(model.trunk(pair))
            parts.append(logits.double().softmax(2).unflatten(0, (2, -1)).cpu())
        first, second = torch.cat(parts, 1).numpy()
        return first, second


def first_teaching_step(config: TrainConfig) -> int:
    """The step at which the clusters are merged and Q begins to learn them; the last one at the latest."""
    return min(round(config.cluster_steps * (1 - TEACHING_SHARE)), config.cluster_steps - 1)
