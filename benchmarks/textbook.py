"""InfoGAN's training loop as tutorials write it: what infogan-train is measured against.

The networks and the objective of recipe poster, but: float32; a DataLoader that makes one tensor of each picture;
gradients of everything that a loss touches; an Adam that goes from tensor to tensor; memory as the C library hands it
out; and G run again for its own update, as in algorithm 1 of Goodfellow et al. (2014). Those who keep G's pictures for
that spare a pass: both are measured.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from infogan.trainer.config import TrainConfig
from infogan.trainer.latents import Categorical
from infogan.trainer.state import build_model


class Pictures(Dataset[Tensor]):
    """Single pictures (C, H, W) in [0, 1], each made when it is asked for."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return torch.from_numpy(self.images[index]).float() / 255


class Textbook:
    """Networks, optimisers and data of one training.

    Attributes:
        model: G, D and Q, with the weights that infogan-train begins with.
        again: whether G is run again for its own update.
    """

    def __init__(self, config: TrainConfig, images: NDArray[np.uint8], again: bool = True) -> None:
        self.config, self.spec, self.again = config, config.latents, again
        self.model = build_model(config, images.shape[1:])
        betas = config.beta1, config.beta2
        d_parameters = self.model.discriminator_parameters()
        self.d_optimizer = torch.optim.Adam(d_parameters, config.d_lr, betas, foreach=False, fused=False)
        g_parameters = list(self.model.generator.parameters())
        self.g_optimizer = torch.optim.Adam(g_parameters, config.g_lr, betas, foreach=False, fused=False)
        self.rng = np.random.default_rng(config.seed)
        self._batches = self._epochs(DataLoader(Pictures(images), config.batch_size, shuffle=True, drop_last=True))

    def step(self) -> tuple[float, float]:
        """One iteration on the next batch; the losses of D and of G."""
        real = next(self._batches)
        z, c = (torch.from_numpy(part) for part in self.spec.sample(self.rng, len(real)))
        return self.update(real, z, c)

    def update(self, real: Tensor, z: Tensor, c: Tensor) -> tuple[float, float]:
        """One iteration on real pictures (n, C, H, W), noise (n, noise) and codes (n, width)."""
        model = self.model
        fake = model.generate(z, c)
        on_real = model.d_head(model.trunk(real))
        features = model.trunk(fake.detach())
        on_fake = model.d_head(features)
        d_loss = F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
        d_loss = d_loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
        self.d_optimizer.zero_grad()
        (d_loss + self._reading_loss(features, c)).backward()  # type: ignore[no-untyped-call]
        self.d_optimizer.step()

        features = model.trunk(model.generate(z, c) if self.again else fake)
        on_fake = model.d_head(features)
        g_loss = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
        self.g_optimizer.zero_grad()
        (g_loss + self._reading_loss(features, c)).backward()  # type: ignore[no-untyped-call]
        self.g_optimizer.step()
        return d_loss.item(), g_loss.item()

    def _reading_loss(self, features: Tensor, c: Tensor) -> Tensor:
        """How badly Q reads the codes: cross-entropies and Gaussian negative log-likelihoods, weighed by lambda."""
        q, spec, config = self.model.q_head(features), self.spec, self.config
        loss = torch.zeros(())
        for code in spec.discrete:
            assert isinstance(code, Categorical)
            logits, target = q.logits[:, spec.probability_slices[code.name]], c[:, spec.slices[code.name]]
            loss = loss + config.lambda_discrete * F.cross_entropy(logits, target.argmax(1))
        for i, number in enumerate(spec.continuous):
            target = c[:, spec.slices[number.name]][:, 0]
            variance = (2 * q.log_std[:, i]).exp()
            loss = loss + config.lambda_continuous * F.gaussian_nll_loss(q.mean[:, i], target, variance, eps=0)
        return loss

    def _epochs(self, loader: "DataLoader[Tensor]") -> Iterator[Tensor]:
        return itertools.chain.from_iterable(itertools.repeat(loader))
