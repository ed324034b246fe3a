"""Batches of an array without end, each epoch in an order of its own."""

import numpy as np
from numpy.typing import NDArray

from .errors import UserError


class Batches:
    """Batches of a uint8 array without end, each epoch in a new order that follows from seed and epoch alone.

    An epoch has ``len(images) // batch_size`` batches; what is left over sits out, so that every batch is full.
    ``epoch`` and ``index`` (of the next batch) are the whole state: set them to go on from a checkpoint.

    Raises:
        UserError: fewer pictures than one batch.
    """

    def __init__(self, images: NDArray[np.uint8], batch_size: int, seed: int) -> None:
        if len(images) < batch_size:
            raise UserError(f"{len(images)} pictures do not fill one batch; use --batch-size {len(images)} or less")
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self.index = 0
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(self.images) // self.batch_size

    def next(self) -> NDArray[np.uint8]:
        """The next batch, (batch_size, C, H, W) uint8, copied."""
        return self.images[self.next_indices()]

    def next_indices(self) -> NDArray[np.int64]:
        """Which pictures the next batch holds, (batch_size,), in the order of the data set."""
        indices = self.indices(self.epoch * len(self) + self.index)
        self.index += 1
        if self.index == len(self):
            self.epoch, self.index = self.epoch + 1, 0
        return indices

    def indices(self, number: int) -> NDArray[np.int64]:
        """Which pictures the batch of this number holds, counted from the first epoch on, wherever ``next`` stands."""
        epoch, index = divmod(number, len(self))
        first = index * self.batch_size
        return np.sort(self._permutation(epoch)[first : first + self.batch_size])

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.images))
        return self._order[1]
