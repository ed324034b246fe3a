"""The seed's two networks: a CNN (InfoGAN, Chen et al. 2016, appendix C.1, Table 1) and an MLP.

D and Q share a trunk; each has its own head. Batch normalisation comes before the activation, as in the paper's code,
so the layer before it needs no bias; the activation overwrites it, for nothing else needs it. Weights start as N(0,
0.02), biases at 0.
"""

import contextlib
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .convolutions import DoublingConv2d, Flatten, HalvingConv2d
from .discriminator import discriminator_head
from .errors import UserError
from .latents import LatentSpec
from .precision import exactly
from .spectral import spectrally_normalised

Shape = tuple[int, int, int]  # channels, height, width
BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d
Q_HIDDEN = 128
_SHARED = 512  # pictures in a batch up to which several share a pass; what three larger ones need fits no cache
_SMALLEST_SIDE = 4  # of a picture within the CNN


class Posterior(NamedTuple):
    """What Q says of n pictures, codes in the order of the latent spec.

    Attributes:
        logits: (n, sum of discrete widths): a categorical code's class logits, a Bernoulli's logit of P(c = 1).
        mean: (n, continuous codes).
        log_std: (n, continuous codes), natural logarithm of the standard deviation.
    """

    logits: Tensor
    mean: Tensor
    log_std: Tensor


class InfoGAN(nn.Module):
    """G, and D and Q on their shared trunk.

    Attributes:
        generator: (n, spec.input_width) -> picture logits (n, C, H, W); a sigmoid makes them pixels.
        trunk: pictures (n, C, H, W) in [0, 1] -> features (n, hidden).
        packing: pictures that D judges together; n must be a multiple of it wherever D judges.
        d_head: features -> logits (n / packing, 1), high for real.
        q_head: features -> :class:`Posterior`.
        cluster_heads: features -> logits (n, heads, clusters) for the auxiliary clustering loss; None without it.

    Raises:
        UserError: a picture size that the CNN cannot halve twice.
    """

    def __init__(
        self,
        spec: LatentSpec,
        shape: Shape,
        network: str = "cnn",
        channels: int = 64,
        hidden: int = 1024,
        leaky_slope: float = 0.1,
        std_range: tuple[float, float] = (0.1, 1.0),
        clusters: tuple[int, int] | None = None,
        packing: int = 1,
        minibatch_kernels: int = 0,
        trunk_norm: str = "batch",
        batch_deviation: bool = False,
    ) -> None:
        super().__init__()
        self.spec = spec
        self.shape = shape
        if network == "cnn" and (shape[1] % 4 or shape[2] % 4):
            raise UserError(f"the CNN needs pictures whose sides are multiples of 4, got {shape[1]}x{shape[2]}")
        if network == "cnn":
            self.generator = cnn_generator(spec.input_width, shape, channels, hidden)
            self.trunk = cnn_trunk(shape, channels, hidden, leaky_slope)
        else:
            self.generator = mlp_generator(spec.input_width, shape, hidden)
            self.trunk = mlp_trunk(shape, hidden, leaky_slope)
        self.packing = packing
        self.d_head = discriminator_head(hidden, leaky_slope, packing, minibatch_kernels, batch_deviation)
        self.q_head = QHead(spec, hidden, leaky_slope, std_range)
        self.cluster_heads = ClusterHeads(hidden, *clusters) if clusters else None
        self.apply(initialise)
        self.spectral = trunk_norm == "spectral"
        if self.spectral:
            self.trunk = spectrally_normalised(self.trunk)

    def generate(self, z: Tensor, c: Tensor) -> Tensor:
        """z (n, noise) and c (n, codes) -> pictures (n, C, H, W) in [0, 1]."""
        logits: Tensor = self.generator(torch.cat((z, c), 1))
        return logits.float().sigmoid()

    def features(self, *batches: Tensor) -> list[Tensor]:
        """The trunk's features (n, hidden) of each batch of n pictures, in training.

        Each is normalised by itself, and only the first counts in the running statistics. Small batches share a pass:
        weights are read and their gradients written once. A spectral norm follows its weights by a step at each pass,
        so there each batch has its own.
        """
        first, *others = batches
        if self.spectral or len(first) > _SHARED:
            features = [self.trunk(first)]
            with frozen_statistics(self):
                return features + [self.trunk(other) for other in others]
        sizes = [len(batch) for batch in batches]
        x = torch.cat(batches)
        for layer in self.trunk:
            x = _each_by_itself(layer, x, sizes) if isinstance(layer, BatchNorm) else layer(x)
        return list(x.split(sizes))  # type: ignore[no-untyped-call]

    def discriminator_parameters(self) -> list[nn.Parameter]:
        """Parameters of trunk, D and Q: all but G's."""
        generator = {id(p) for p in self.generator.parameters()}
        return [p for p in self.parameters() if id(p) not in generator]


class QHead(nn.Module):
    """Q(c | x): FC 128, then the parameters of a factored posterior.

    The standard deviation lies in ``std_range``: its logarithm is squashed by a sigmoid, since a hard clamp has no
    gradient outside. A range of one value fixes it.
    """

    def __init__(self, spec: LatentSpec, hidden: int, leaky_slope: float, std_range: tuple[float, float]) -> None:
        super().__init__()
        self.logits_width = sum(code.width for code in spec.discrete)
        self.continuous = len(spec.continuous)
        self.log_std_range = (math.log(std_range[0]), math.log(std_range[1]))
        self.layers = nn.Sequential(
            nn.Linear(hidden, Q_HIDDEN, bias=False),
            nn.BatchNorm1d(Q_HIDDEN),
            nn.LeakyReLU(leaky_slope, inplace=True),
            nn.Linear(Q_HIDDEN, self.logits_width + 2 * self.continuous),
        )

    def forward(self, features: Tensor) -> Posterior:
        """Features (n, hidden) -> posterior of n pictures, in float32 whatever the precision of the layers."""
        outputs = self.layers(features).float()
        logits, mean, squashed = outputs.split((self.logits_width, self.continuous, self.continuous), 1)
        low, high = self.log_std_range
        return Posterior(logits, mean, low + (high - low) * squashed.sigmoid())


class ClusterHeads(nn.Module):
    """Auxiliary heads: features (n, hidden) -> logits (n, heads, clusters), more clusters than there are categories.

    Each head clusters on its own, and the trunk learns from all; several make it likely that one does well.

    Attributes:
        groups: (heads, clusters) int64, the group that each cluster was merged into; all 0 before that.
    """

    def __init__(self, hidden: int, heads: int, clusters: int) -> None:
        super().__init__()
        self.shape = heads, clusters
        self.linear = nn.Linear(hidden, heads * clusters)
        self.groups: Tensor
        self.register_buffer("groups", torch.zeros(heads, clusters, dtype=torch.int64))

    def forward(self, features: Tensor) -> Tensor:
        """Logits of all heads."""
        logits: Tensor = self.linear(features).unflatten(1, self.shape)
        return logits

    def group_shares(self, logits: Tensor, groups: int) -> Tensor:
        """P(group | x) as the heads vote, from their logits (n, heads, clusters): (n, groups) float32."""
        members = F.one_hot(self.groups, groups).float()
        with exactly(logits.device):  # bf16 shares would not sum to one
            return torch.einsum("nhk,hkg->ng", logits.float().softmax(2), members) / len(members)


def _each_by_itself(norm: BatchNorm, x: Tensor, sizes: list[int]) -> Tensor:
    """Batch normalisation of each part of a batch; the first alone counts in the running statistics."""
    first, *others = x.split(sizes)  # type: ignore[no-untyped-call]
    apart = (F.batch_norm(other, None, None, norm.weight, norm.bias, training=True, eps=norm.eps) for other in others)
    return torch.cat((norm(first), *apart))


@contextlib.contextmanager
def frozen_statistics(module: nn.Module) -> Iterator[None]:
    """Leave the running statistics of batch normalisation as they are; batches are still normalised by their own.

    D and Q see real, changed and generated pictures. What is exported must read real ones, and a mixture of all would
    misread them where G is still far from the data, as the MLP's long is.

    Without batch normalisation in the trunk, real and generated features differ in their means. Batches that are each
    normalised by themselves would hide that from Q until it is exported, so there the statistics of real pictures serve
    for all.
    """
    if isinstance(module, InfoGAN) and module.spectral:
        module.q_head.eval()
        try:
            yield
        finally:
            module.q_head.train()
        return
    layers = [layer for layer in module.modules() if isinstance(layer, BatchNorm)]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum


def cnn_widths(shape: Shape, channels: int) -> list[int]:
    """Channels after each stride-2 convolution, twice as many each time.

    A picture is halved as long as it can be and keeps sides of four pixels or more: 28x28 twice, to 7x7 (Table 1 of
    the paper's appendix), 32x32 three times and 64x64 four times, to 4x4.
    """
    widths, sides = [channels], [side // 2 for side in shape[1:]]
    while all(side % 2 == 0 and side >= 2 * _SMALLEST_SIDE for side in sides) or len(widths) < 2:
        widths.append(2 * widths[-1])
        sides = [side // 2 for side in sides]
    return widths


def _innermost(shape: Shape, widths: list[int]) -> Shape:
    return widths[-1], shape[1] >> len(widths), shape[2] >> len(widths)


def cnn_generator(input_width: int, shape: Shape, channels: int, hidden: int) -> nn.Sequential:
    """FC hidden, FC to the innermost shape, stride-2 up-convolutions."""
    widths = cnn_widths(shape, channels)
    inner = _innermost(shape, widths)
    layers = [
        nn.Linear(input_width, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, math.prod(inner), bias=False),
        nn.BatchNorm1d(math.prod(inner)),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, inner),
    ]
    for wide, narrow in itertools.pairwise(reversed(widths)):
        layers += [DoublingConv2d(wide, narrow, bias=False), nn.BatchNorm2d(narrow), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, DoublingConv2d(channels, shape[0]))


def cnn_trunk(shape: Shape, channels: int, hidden: int, leaky_slope: float) -> nn.Sequential:
    """Stride-2 convolutions, then FC hidden; no batch normalisation on the first layer."""
    widths = cnn_widths(shape, channels)
    layers = [HalvingConv2d(shape[0], channels), nn.LeakyReLU(leaky_slope, inplace=True)]
    for narrow, wide in itertools.pairwise(widths):
        layers += [
            HalvingConv2d(narrow, wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.LeakyReLU(leaky_slope, inplace=True),
        ]
    return nn.Sequential(
        *layers,
        Flatten(),
        nn.Linear(math.prod(_innermost(shape, widths)), hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.LeakyReLU(leaky_slope, inplace=True),
    )


def mlp_generator(input_width: int, shape: Shape, hidden: int) -> nn.Sequential:
    """Two hidden layers, batch normalisation on both."""
    return nn.Sequential(
        nn.Linear(input_width, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, math.prod(shape)),
        nn.Unflatten(1, shape),
    )


def mlp_trunk(shape: Shape, hidden: int, leaky_slope: float) -> nn.Sequential:
    """Two hidden layers, no batch normalisation on the first."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(math.prod(shape), hidden),
        nn.LeakyReLU(leaky_slope, inplace=True),
        nn.Linear(hidden, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.LeakyReLU(leaky_slope, inplace=True),
    )


def initialise(module: nn.Module) -> None:
    """Weights of linear layers and convolutions as N(0, 0.02), biases 0."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
