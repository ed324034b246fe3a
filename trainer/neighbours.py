"""Near neighbours of a picture in its own data set: pictures that most likely show the same thing.

They are compared pixel by pixel, after a shear has set each upright. Of the five nearest of a digit of MNIST 96.4 %
then show the same digit, without the shear 95.3 %.
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
_GROUP = 100  # pictures of which only the nearest is looked at first


class Neighbours:
    """Finds neighbours among all pictures, by distance along the principal axes of (at most 28x28) pixels.

    Args:
        images: all pictures, (n, C, H, W) uint8.
        device: where the distances are computed.
    """

    def __init__(self, images: NDArray[np.uint8], device: torch.device | str = "cpu") -> None:
        self._axes, self._mean = _principal_axes(_pixels(images[:: max(1, len(images) // _FITTED)]))
        parts = [self._project(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
        points = torch.cat(parts)
        self._most = len(points) - 1
        # |p - q|^2 less |q|^2 is one product, of (p, |p|^2) and (-2 q, 1); what fills the last group is infinitely far.
        points = torch.cat((points, points.square().sum(1, keepdim=True)), 1)
        self._points = F.pad(points, (0, 0, 0, -len(points) % _GROUP))
        self._points[len(points) :, -1] = torch.inf
        self._points = self._points.to(device)

    def pick(self, indices: NDArray[np.int64], rng: np.random.Generator, among: int = 5) -> NDArray[np.int64]:
        """For each picture, by its index (n,), one of its ``among`` nearest others, drawn at random: (n,)."""
        among = min(among, self._most)
        rows = torch.from_numpy(indices).to(self._points.device)
        wanted = -2 * self._points[rows]
        wanted[:, -1] = 1
        distances = wanted @ self._points.T
        distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf
        nearest = smallest(distances, among).cpu().numpy()
        chosen: NDArray[np.int64] = nearest[np.arange(len(rows)), rng.integers(among, size=len(rows))]
        return chosen

    def _project(self, images: NDArray[np.uint8]) -> Tensor:
        return (_pixels(images) - self._mean) @ self._axes


def smallest(values: Tensor, k: int) -> Tensor:
    """Columns (n, k) of the k smallest values (n, m) of each row; m is a multiple of 100.

    They lie in those k groups whose own smallest values are smallest: one reading of all values instead of a search.
    """
    groups = values.view(len(values), -1, _GROUP)
    chosen = groups.amin(2).topk(min(k, groups.shape[1]), largest=False).indices
    candidates = groups.gather(1, chosen[:, :, None].expand(-1, -1, _GROUP)).flatten(1)
    places = candidates.topk(k, largest=False).indices
    columns: Tensor = chosen.gather(1, places // _GROUP) * _GROUP + places % _GROUP
    return columns


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
