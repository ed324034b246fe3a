"""A small classifier, trained with labels: what evaluation measures with, never part of InfoGAN's training.

Frechet distance, precision, recall and the histogram of samples are taken in its feature space, since the networks
made for photographs see little in small drawings.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .augment import change
from .batches import Batches
from .config import Changes
from .pictures import Pictures, targets_of

FEATURES = 64
_BATCH = 256
_LEAST_STEPS = 500


class Classifier(nn.Module):
    """Pictures (n, C, H, W) in [0, 1], sides multiples of 4 -> logits (n, classes) and features (n, 64), at least 0."""

    def __init__(self, side: int, classes: int, channels: int = 1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 48, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(48),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(48 * (side // 4) ** 2, FEATURES, bias=False),
            nn.BatchNorm1d(FEATURES),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and features."""
        features = self.layers(image)
        return self.head(self.dropout(features)), features


def train_classifier(pictures: Pictures, epochs: int = 10, seed: int = 0) -> Classifier:
    """Train on all :func:`targets_of` some pictures at once, with slightly changed copies.

    The learning rate rises and falls to 0 (one cycle); few pictures are seen more often, for 500 steps at least.
    """
    torch.manual_seed(seed)
    targets = targets_of(pictures)
    sizes = [target.size for target in targets]
    model = Classifier(pictures.images.shape[-1], sum(sizes), pictures.images.shape[1]).train()
    rng = np.random.default_rng(seed)
    batches = Batches(pictures.images, min(_BATCH, len(pictures.images)), seed)
    steps = max(epochs * len(batches), _LEAST_STEPS)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for _ in range(steps):
        indices = batches.next_indices()
        images = torch.from_numpy(pictures.images[indices]).float() / 255
        changed = change(images, rng, Changes(rotation=10, shear=0.15, stretch=0.1, shift=0.05, elastic=0.02)).images
        logits, _ = model(changed)
        losses = [
            F.cross_entropy(part, torch.from_numpy(target.values[indices]), label_smoothing=0.05)
            for part, target in zip(logits.split(sizes, 1), targets, strict=True)
        ]
        loss = torch.stack(losses).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.eval()
