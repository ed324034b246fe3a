"""A grid of latents in which two things vary, each a code or the noise; the rest is fixed. No Qt."""

from dataclasses import dataclass

import numpy as np

from ..trainer.latents import Array, Bernoulli, Categorical, LatentSpec
from .state import MAX_SEED, ExplorerState, class_order, noise_of, shown_range, with_code

SEEDS = "noise seeds"
ONE = ""  # an axis along which nothing varies
VALUES = 9  # shown of a continuous code: an odd number, so that the middle is one of them
SEED_COUNT = 10


@dataclass(frozen=True)
class Axis:
    """What varies along one side of the grid: a code's name, ``SEEDS`` or ``ONE``, and its values in order."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Traversal:
    """Rows and columns, and the codes and seed that every tile has where neither varies.

    Two traversals that show the same pictures are equal: what varies is set to its neutral value in ``fixed``.
    """

    latents: LatentSpec
    rows: Axis
    columns: Axis
    fixed: tuple[float, ...]  # codes of every tile
    seed: int  # of the noise of every tile

    @classmethod
    def of(cls, state: ExplorerState, rows: str, columns: str, first_seed: int = 0) -> "Traversal":
        """The traversal around a state: ``rows`` and ``columns`` name codes, ``SEEDS`` or ``ONE``."""
        names = (rows, columns)
        fixed, neutral = state.c.copy(), state.latents.neutral()
        for name in set(names) - {SEEDS, ONE}:
            fixed[:, state.latents.slices[name]] = neutral[:, state.latents.slices[name]]
        down, across = (Axis(name, axis_values(state, name, first_seed)) for name in names)
        return cls(state.latents, down, across, tuple(fixed[0].tolist()), 0 if SEEDS in names else state.seed)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows.values), len(self.columns.values)

    def tile(self, row: int, column: int) -> tuple[Array, int]:
        """Codes (1, width) and seed of one tile."""
        c, seed = np.array([self.fixed], np.float32), self.seed
        for axis, index in ((self.rows, row), (self.columns, column)):
            if axis.name == SEEDS:
                seed = int(axis.values[index])
            elif axis.name != ONE:
                c = with_code(self.latents, c, axis.name, axis.values[index])
        return c, seed

    def row_latents(self, row: int) -> tuple[Array, Array]:
        """Noise z (columns, noise.size) and codes c (columns, width) of one row."""
        tiles = [self.tile(row, column) for column in range(self.shape[1])]
        z = np.concatenate([noise_of(self.latents, seed) for _, seed in tiles])
        return z, np.concatenate([c for c, _ in tiles])

    def find(self, state: ExplorerState) -> tuple[int, int] | None:
        """Row and column of the tile that shows the state exactly, or None."""
        row, column = _index(self.rows, state), _index(self.columns, state)
        return None if row is None or column is None else (row, column)


def axis_names(latents: LatentSpec) -> list[str]:
    """What can vary in a traversal: every code, and the noise where there is any."""
    return [code.name for code in latents.codes] + ([SEEDS] if latents.noise.size else [])


def axis_values(state: ExplorerState, name: str, first_seed: int) -> tuple[float, ...]:
    """All classes, both sides of a coin, nine values of a continuous code, or ten seeds."""
    if name == ONE:
        return (0,)
    if name == SEEDS:
        first = min(first_seed, MAX_SEED - SEED_COUNT + 1)
        return tuple(range(first, first + SEED_COUNT))
    code = state.latents[name]
    if isinstance(code, Categorical | Bernoulli):
        return tuple(class_order(state.bundle, code))
    return tuple(np.linspace(*shown_range(code), VALUES, dtype=np.float32).tolist())


def _index(axis: Axis, state: ExplorerState) -> int | None:
    value = 0.0 if axis.name == ONE else float(state.seed) if axis.name == SEEDS else state.value(axis.name)
    return next((index for index, other in enumerate(axis.values) if abs(other - value) < 1e-6), None)
