"""What was done, so that it can be undone. No Qt."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Snapshot = TypeVar("Snapshot")
LIMIT = 200  # steps that are remembered


class History(Generic[Snapshot]):
    """Snapshots before each step, and after those that were undone; while it is held, changes are one step."""

    def __init__(self) -> None:
        self._past: deque[tuple[str, Snapshot]] = deque(maxlen=LIMIT)
        self._future: list[tuple[str, Snapshot]] = []
        self._held = self._joined = False

    @property
    def undoes(self) -> str | None:
        """What the last step changed, or None where there is nothing to undo."""
        return self._past[-1][0] if self._past else None

    @property
    def before(self) -> Snapshot | None:
        """The snapshot before the last step, or None."""
        return self._past[-1][1] if self._past else None

    @property
    def redoes(self) -> str | None:
        """What the step changed that was undone last, or None."""
        return self._future[-1][0] if self._future else None

    def record(self, what: str, before: Snapshot) -> None:
        """Remember what it was like before a step; steps that were undone are forgotten."""
        self._future.clear()
        if not self._joined:
            self._past.append((what, before))
        self._joined = self._held

    def hold(self) -> None:
        """From now on all changes belong to one step: a drag has begun."""
        self._held, self._joined = True, False

    def release(self) -> None:
        """The drag is over."""
        self._held = self._joined = False

    def undo(self, present: Snapshot) -> Snapshot:
        """The snapshot before the last step; an IndexError where there is none."""
        what, before = self._past.pop()
        self._future.append((what, present))
        self._joined = False  # what a drag does from here on is a step of its own
        return before

    def redo(self, present: Snapshot) -> Snapshot:
        """The snapshot after the step that was undone last; an IndexError where there is none."""
        what, after = self._future.pop()
        self._past.append((what, present))
        self._joined = False
        return after

    def change(self, change: Callable[[Snapshot], Snapshot]) -> None:
        """Put another snapshot in the place of each."""
        self._past = deque(((what, change(snapshot)) for what, snapshot in self._past), LIMIT)
        self._future = [(what, change(snapshot)) for what, snapshot in self._future]

    def clear(self) -> None:
        """Forget everything."""
        self._past.clear()
        self._future.clear()
        self._joined = False
