"""A grid of latents in which two things vary, each a code or the noise; the rest is fixed. No Qt."""

from dataclasses import dataclass, replace

import numpy as np

from ..trainer.latents import Array, Bernoulli, Categorical, LatentSpec
from .latent import MAX_SEED, Latent, as_codes, shown_range
from .state import ExplorerState, class_order

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
    """Rows and columns, and the latent that every tile has where neither varies.

    Two traversals that show the same pictures are equal: what varies is set to its neutral value in ``fixed``.
    """

    latents: LatentSpec
    rows: Axis
    columns: Axis
    fixed: Latent

    @classmethod
    def of(
        cls, state: ExplorerState, rows: str, columns: str, first_seed: int = 0, count: int | None = None
    ) -> "Traversal":
        """The traversal around a state.

        Args:
            state: what all tiles have in common.
            rows: the name of a code, ``SEEDS`` or ``ONE``.
            columns: likewise.
            first_seed: where seeds begin.
            count: of the values of a continuous code, and of seeds; by default nine and ten.
        """
        down, across = (Axis(name, axis_values(state, name, first_seed, count)) for name in (rows, columns))
        fixed = state.latent
        for name in (rows, columns):
            fixed = _placed(state.latents, fixed, name, _neutral_value(state.latents, name))
        return cls(state.latents, down, across, fixed)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows.values), len(self.columns.values)

    def tile(self, row: int, column: int) -> Latent:
        """What one tile shows."""
        latent = _placed(self.latents, self.fixed, self.rows.name, self.rows.values[row])
        return _placed(self.latents, latent, self.columns.name, self.columns.values[column])

    def row_latents(self, row: int) -> tuple[Array, Array]:
        """Noise z (columns, noise.size) and codes c (columns, width) of one row."""
        tiles = [self.tile(row, column) for column in range(self.shape[1])]
        z = np.concatenate([tile.noise.draw(self.latents) for tile in tiles])
        return z, np.concatenate([tile.c for tile in tiles])

    def find(self, state: ExplorerState) -> tuple[int, int] | None:
        """Row and column of the tile that shows the state exactly, or None."""
        row, column = _index(self.rows, state), _index(self.columns, state)
        return None if row is None or column is None else (row, column)


def axis_names(latents: LatentSpec) -> list[str]:
    """What can vary in a traversal: every code, and the noise where there is any."""
    return [code.name for code in latents.codes] + ([SEEDS] if latents.noise.size else [])


def axis_values(state: ExplorerState, name: str, first_seed: int, count: int | None = None) -> tuple[float, ...]:
    """All classes, both sides of a coin, so many values of a continuous code, or so many seeds."""
    if name == ONE:
        return (0,)
    if name == SEEDS:
        seeds = count or SEED_COUNT
        first = min(first_seed, MAX_SEED - seeds + 1)
        return tuple(range(first, first + seeds))
    code = state.latents[name]
    if isinstance(code, Categorical | Bernoulli):
        return tuple(class_order(state.bundle, code))
    return tuple(np.linspace(*shown_range(code), count or VALUES, dtype=np.float32).tolist())


def _neutral_value(latents: LatentSpec, name: str) -> float:
    return 0 if name in (SEEDS, ONE) else Latent(as_codes(latents.neutral())).value(latents, name)


def _placed(latents: LatentSpec, latent: Latent, name: str, value: float) -> Latent:
    """A latent with the value of an axis in place of its own."""
    if name == SEEDS:
        return replace(latent, noise=latent.noise.seeded(int(value)))
    return latent if name == ONE else latent.with_code(latents, name, value)


def _index(axis: Axis, state: ExplorerState) -> int | None:
    if axis.name == SEEDS and state.noise.own:
        return None
    value = 0.0 if axis.name == ONE else float(state.noise.seed) if axis.name == SEEDS else state.value(axis.name)
    return next((index for index, other in enumerate(axis.values) if abs(other - value) < 1e-6), None)
