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


class Neighbours:
    """Finds neighbours among all pictures, by distance along the principal axes of (at most 28x28) pixels.

    Args:
        images: all pictures, (n, C, H, W) uint8.
        device: where the distances are computed.
    """

    def __init__(self, images: NDArray[np.uint8], device: torch.device | str = "cpu") -> None:
        self._axes, self._mean = _principal_axes(_pixels(images[:: max(1, len(images) // _FITTED)]))
        parts = [self._project(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
        self._points = torch.cat(parts).to(device)
        self._norms = self._points.square().sum(1)[None]

    def pick(self, indices: NDArray[np.int64], rng: np.random.Generator, among: int = 5) -> NDArray[np.int64]:
        """For each picture, by its index (n,), one of its ``among`` nearest others, drawn at random: (n,)."""
        among = min(among, len(self._points) - 1)
        rows = torch.from_numpy(indices).to(self._points.device)
        distances = torch.addmm(self._norms, self._points[rows], self._points.T, alpha=-2)
        distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf
        nearest = distances.topk(among, largest=False).indices.cpu().numpy()
        chosen: NDArray[np.int64] = nearest[np.arange(len(rows)), rng.integers(among, size=len(rows))]
        return chosen

    def _project(self, images: NDArray[np.uint8]) -> Tensor:
        return (_pixels(images) - self._mean) @ self._axes


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
