"""D's own layers on the trunk that it shares with Q, and what lets it compare the pictures of a batch."""

import torch
from torch import Tensor, nn

DEVIATION_SCALE = 0.5  # of the deviation within a batch, beside D's other features
KERNEL_DIMENSIONS = 5  # of a kernel of minibatch discrimination, as in the code of its paper


def discriminator_head(
    hidden: int, leaky_slope: float, packing: int = 1, kernels: int = 0, deviation: bool = False
) -> nn.Module:
    """D's own layers: one linear layer, unless something that compares pictures goes before it.

    PacGAN (Lin et al. 2018, arXiv 1712.04086) packs pictures into the input. Here Q shares the trunk and must read
    single pictures, so their features are packed, and a hidden layer lets D compare them.
    """
    layers: list[nn.Module] = []
    width = hidden
    if deviation:
        layers.append(BatchDeviation())
        width += 1
    if kernels:
        layers.append(MinibatchDiscrimination(width, kernels))
        width += kernels
    if packing > 1:
        layers += [Pack(packing), nn.Linear(packing * width, hidden), nn.LeakyReLU(leaky_slope)]
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, 1)) if layers else nn.Linear(width, 1)


class Pack(nn.Module):
    """Features (n, hidden) -> (n / size, size * hidden)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, features: Tensor) -> Tensor:
        """Rows that follow each other become one."""
        return features.reshape(len(features) // self.size, -1)


class BatchDeviation(nn.Module):
    """Appends to each picture's features how much they vary over its batch: the mean of their standard deviations.

    Karras et al. 2018, arXiv 1710.10196, section 3: the least that lets D see that G repeats itself.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Features (n, hidden) -> (n, hidden + 1)."""
        variance = features.float().var(0, unbiased=False)
        deviation = (variance + 1e-8).sqrt().mean() * DEVIATION_SCALE
        return torch.cat((features, deviation.to(features.dtype).expand(len(features), 1)), 1)


class MinibatchDiscrimination(nn.Module):
    """Appends to each picture's features how near the other pictures of its batch are.

    Salimans et al. 2016, arXiv 1606.03498, section 3.2: M = f(x) T, a matrix of kernels times dimensions a picture, and
    o(x_i)_b = sum over j of exp(-|M_ib - M_jb|_1).
    """

    def __init__(self, hidden: int, kernels: int) -> None:
        super().__init__()
        self.shape = kernels, KERNEL_DIMENSIONS
        self.tensor = nn.Linear(hidden, kernels * KERNEL_DIMENSIONS, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Features (n, hidden) -> (n, hidden + kernels)."""
        rows = self.tensor(features).float().unflatten(1, self.shape)
        distances = (rows[:, None] - rows[None]).abs().sum(3)  # (n, n, kernels)
        return torch.cat((features, (-distances).exp().sum(1).to(features.dtype)), 1)
