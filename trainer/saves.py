"""When a run saves: a disk that is full does not end hours of work; saving is tried again until there is room."""

from collections.abc import Callable
from pathlib import Path

import torch

from . import checkpoint, replicas
from .errors import UserError
from .memory import give_back
from .state import TrainingState


class Saves:
    """Saves the state of a run, and remembers whether it could.

    Attributes:
        step: the last one that was saved, or that a resumed run began with; -1 where nothing was saved yet.
    """

    def __init__(self, run: Path, state: TrainingState, say: Callable[[str], object]) -> None:
        self.step = state.step or -1
        self._run, self._state, self._say = run, state, say
        self._failure: UserError | None = None
        self._best = False

    def save(self, best: bool) -> None:
        """Save a checkpoint, as the best too if it is; where that fails, say so and let the run go on.

        Raises:
            UserError: a weight is not a finite number: that would take the place of a good checkpoint.
        """
        networks = [self._state.model, *([self._state.encoding.encoder] if self._state.encoding else [])]
        if not all(torch.isfinite(parameter).all() for network in networks for parameter in network.parameters()):
            raise diverged(self._state, self._run)
        told, self._best = self._failure is not None, best or self._best
        give_back()  # of the last steps; writing takes some itself
        try:
            if replicas.rank() == 0:
                checkpoint.save(self._run, self._state.to_checkpoint(), self._best)
        except UserError as error:
            self._failure = error
            if not told:
                self._say(f"{error}; training goes on, and saving is tried again: make room")
            return
        if told:
            self._say(f"step {self._state.step} is saved")
        self.step, self._failure, self._best = self._state.step, None, False

    def retry(self) -> None:
        """Save now if the last attempt failed."""
        if self._failure is not None:
            self.save(self._best)

    def finish(self) -> None:
        """Raise what the last attempt failed with, if it did."""
        if self._failure is not None:
            raise self._failure


def diverged(state: TrainingState, run: Path) -> UserError:
    """The sentence for networks whose numbers are no longer finite."""
    good = [path for _, path in checkpoint.numbered(run)]
    where = f"the last good state is {good[-1]}" if good else "nothing was saved yet"
    instead = "start again with a lower --d-lr and --g-lr, or --precision fp32"
    if state.encoding is not None:
        instead = "go on from there with a lower --encoder-lr"
    return UserError(
        f"the networks diverged before step {state.step}: a loss or a weight is no longer a finite number; {where}; "
        f"{instead}"
    )
