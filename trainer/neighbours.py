"""Near neighbours of a picture in its own data set: pictures that most likely show the same thing.

They are compared pixel by pixel, after a shear has set each upright. In MNIST 97.4 % of the pairs that are
picked (rank 3) then show the same digit, without the shear 96.7 %.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .augment import upright

_DIMENSIONS = 64
_LARGEST_SIDE = 28
_FITTED = 5000  # pictures that the axes are fitted on
_CHUNK = 1000


class Neighbours:
    """Finds neighbours among all pictures, by distance along the principal axes of (at most 28x28) pixels.

    Args:
        images: all pictures, (n, C, H, W) uint8; two at least.
        seed: of the order in which they stand; parts of it are searched.
        device: where the distances are computed.
    """

    def __init__(self, images: NDArray[np.uint8], seed: int, device: torch.device | str = "cpu") -> None:
        own = np.random.SeedSequence(seed).spawn(1)[0]  # the seed itself begins the order of the batches
        self._order = np.random.default_rng(own).permutation(len(images))
        self._places = self._order.argsort()
        self._axes, self._mean = _principal_axes(_pixels(images[:: max(1, len(images) // _FITTED)]))
        parts = [self._project(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
        points = torch.cat(parts)[self._order]
        # |p - q|^2 less |q|^2 is one product, of (p, |p|^2) and (-2 q, 1).
        points = torch.cat((points, points.square().sum(1, keepdim=True)), 1)
        self._ring = torch.cat((points, points[: _part(len(points), 2)])).to(device)  # no part needs to go round

    def pick(self, indices: NDArray[np.int64], rng: np.random.Generator, rank: int = 3) -> NDArray[np.int64]:
        """For each picture, by its index (n,), the nearest other in a random part, one in ``rank`` of all: (n,).

        Of many pictures that is the nearest of all with probability 1/rank, else the second with about the same
        probability, and so on: the ``rank``-th on average. To draw one of its nearest evenly, all would have to be
        searched. A call draws one part, for all its pictures: what follows a random place in the order of all. So a
        picture meets about 2 rank neighbours in the long run. ``rank`` is 2 or more.
        """
        total = len(self._order)
        part, start = _part(total, rank), int(rng.integers(total))
        places = self._places[indices]
        wanted = -2 * self._ring[torch.from_numpy(places).to(self._ring.device)]
        wanted[:, -1] = 1
        distances = wanted @ self._ring[start : start + part].T
        columns = (places - start) % total
        (own,) = np.nonzero(columns < part)
        distances[own, columns[own]] = torch.inf
        on_cpu = distances.device.type == "cpu"  # where numpy's argmin takes a third of the time of torch's
        nearest = distances.numpy().argmin(1) if on_cpu else distances.argmin(1).cpu().numpy()
        chosen: NDArray[np.int64] = self._order[(start + nearest) % total]
        return chosen

    def _project(self, images: NDArray[np.uint8]) -> Tensor:
        return (_pixels(images) - self._mean) @ self._axes


def _part(total: int, rank: int) -> int:
    """How many of all pictures are one part of ``rank``; two at least, so that one is another."""
    return max(2, -(-total // rank))


def _pixels(images: NDArray[np.uint8]) -> Tensor:
    """(n, C, H, W) uint8 -> (n, d) float32 in [0, 1], set upright, large pictures made smaller."""
    pictures = upright(torch.from_numpy(np.array(images)).float() / 255)
    height, width = (min(length, _LARGEST_SIDE) for length in pictures.shape[2:])
    return F.adaptive_avg_pool2d(pictures, (height, width)).flatten(1)


def _principal_axes(points: Tensor) -> tuple[Tensor, Tensor]:
    """(d, k) axes of largest variance, and the mean (d,)."""
    mean = points.mean(0)
    centred = (points - mean).double()  # in float32 a few pictures leave a matrix too ill-conditioned
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    return vectors[:, -_DIMENSIONS:].float(), mean
