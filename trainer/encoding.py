"""After the game: E learns the noise of pictures, while G, D and Q stay as they are.

From real pictures, which G shall draw again (as a decoder that is fixed), and from generated ones, whose noise is known
(as the latent regressor of Donahue et al. 2017, arXiv 1605.09782, section 4). No label is used.
"""

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from . import replicas
from .latents import LatentSpec
from .networks import Posterior, frozen_statistics
from .precision import autocast
from .preview import COLUMNS, tile
from .state import TrainingState, descend

NOISE_WEIGHT = 0.05  # of the error of the noise, beside that of the pixels
FEATURE_WEIGHT = 0.02  # of the error of D's features
_ROWS = 5  # of pictures that are shown with their reconstructions
FALLING = 0.5  # share of the phase, at its end, in which the learning rate falls to zero


class Encoding:
    """The phase of ``config.encoder_steps`` steps after the game; all that it must remember is in the state."""

    def __init__(self, state: TrainingState, precision: str, ends: int) -> None:
        self.state, self.precision, self.ends = state, precision, ends
        self.training = state.begin_encoder()
        self.training.encoder.train()
        self._frozen = copy.deepcopy(state.average).eval().requires_grad_(False)

    def update(self) -> dict[str, Tensor]:
        """One step.

        Returns:
            Terms: encoder_pixels, the mean squared error per pixel of real pictures that G draws again;
            encoder_features, the same of D's features; encoder_noise, that of the noise of generated pictures.
        """
        terms = self.training.averaging(lambda: self._terms(*self._batch()))
        weighted = zip((1.0, FEATURE_WEIGHT, NOISE_WEIGHT), terms.values(), strict=True)
        self._step(torch.stack([weight * term for weight, term in weighted]).sum())
        replicas.mean_statistics(self.training.encoder)
        return {name: term.detach() for name, term in terms.items()}

    def _terms(self, real: Tensor, z: Tensor, c: Tensor) -> dict[str, Tensor]:
        frozen, encoder = self._frozen, self.training.encoder
        with autocast(self.precision, real.device):
            with torch.no_grad():
                generated = frozen.generate(z, c)
                features = frozen.trunk(real)
                codes = inferred(frozen.spec, frozen.q_head(features))
            again = frozen.generate(encoder(real), codes)
            with frozen_statistics(encoder):  # it shall read real pictures
                found = encoder(generated)
            return {
                "encoder_pixels": F.mse_loss(again, real),
                "encoder_features": F.mse_loss(frozen.trunk(again).float(), features.float()),
                "encoder_noise": F.mse_loss(found, z),
            }

    @torch.no_grad()
    def reconstructions(self) -> NDArray[np.uint8]:
        """The first pictures of the data, and beneath each row of them their reconstructions: (H, W, C) uint8."""
        frozen, encoder, images = self._frozen, self.training.encoder.eval(), self.state.batches.images
        device = next(frozen.parameters()).device
        rows, columns = [], min(COLUMNS, len(images))
        for start in range(0, len(images) // columns * columns, columns)[:_ROWS]:
            real = torch.from_numpy(images[start : start + columns].copy()).to(device).float() / 255
            codes = inferred(frozen.spec, frozen.q_head(frozen.trunk(real)))
            rows += [real, frozen.generate(encoder(real), codes)]
        encoder.train()
        return tile(torch.cat(rows).cpu().numpy(), columns)

    def _batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Real pictures of this step (n, C, H, W), and z and c of half as many generated ones.

        Drawn from the seed and the step alone, so that there is nothing to remember.
        """
        state, device = self.state, next(self._frozen.parameters()).device
        own = (replicas.rank() + 1,) if replicas.size() > 1 else ()
        rng = np.random.default_rng((state.config.seed, state.step, *own))
        images, n = state.batches.images, state.config.batch_size // replicas.size()
        real = torch.from_numpy(images[np.sort(rng.integers(len(images), size=n))]).to(device).float() / 255
        z, c = self._frozen.spec.sample(rng, max(2, n // 2))  # batch normalisation needs two
        return real, torch.from_numpy(z).to(device), torch.from_numpy(c).to(device)

    def _step(self, loss: Tensor) -> None:
        config, optimizer = self.state.config, self.training.optimizer
        left = (self.ends - self.state.step) / config.encoder_steps
        optimizer.param_groups[0]["lr"] = config.encoder_lr * min(1.0, left / FALLING)
        descend(optimizer, loss)


def inferred(spec: LatentSpec, q: Posterior) -> Tensor:
    """The codes that a posterior of n pictures says, as G takes them, (n, width): see :meth:`LatentSpec.inferred`."""
    logits, mean = q.logits.cpu(), q.mean.cpu().numpy()
    parts = {name: logits[:, part] for name, part in spec.probability_slices.items()}
    probs = {name: (part.softmax(1) if part.shape[1] > 1 else part.sigmoid()).numpy() for name, part in parts.items()}
    means = {code.name: mean[:, i] for i, code in enumerate(spec.continuous)}
    return torch.from_numpy(spec.inferred(probs, means)).to(q.logits.device)
