"""Undo and redo: whatever is done, what was can be had again. No Qt needed."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from infogan.gui.history import LIMIT
from infogan.gui.state import ExplorerState
from infogan.gui.strokes import Drawing


class Undoing(RuleBasedStateMachine):
    """The state beside a plain list of what it was after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ExplorerState()
        self.steps: list[tuple[Any, ...]] = [self.shown()]
        self.at = 0
        self.holds = self.joins = False

    def shown(self) -> tuple[Any, ...]:
        return self.state.latent, self.state.drawing

    def done(self, before: tuple[Any, ...]) -> None:
        """What the model expects after something was done."""
        if self.shown() == before:
            return
        del self.steps[self.at + 1 :]
        if self.joins:
            self.steps[self.at] = self.shown()
        else:
            self.steps.append(self.shown())
            self.at += 1
        self.joins = self.holds

    @rule(name=st.sampled_from(["c2", "c3"]), value=st.sampled_from([-2, 0, 0.5]))
    def move(self, name: str, value: float) -> None:
        before = self.shown()
        self.state.set_code(name, value)
        self.done(before)

    @rule(seed=st.integers(0, 3))
    def reseed(self, seed: int) -> None:
        before = self.shown()
        self.state.set_noise(seed=seed)
        self.done(before)

    @rule()
    def draw(self) -> None:
        before = self.shown()
        self.state.draw(Drawing())
        self.done(before)

    @rule()
    def hold(self) -> None:
        self.state.hold()
        self.holds, self.joins = True, False

    @rule()
    def release(self) -> None:
        self.state.release()
        self.holds = self.joins = False

    @rule()
    def undo(self) -> None:
        self.state.undo()
        if self.at > 0:
            self.at -= 1
            self.joins = False

    @rule()
    def redo(self) -> None:
        self.state.redo()
        if self.at < len(self.steps) - 1:
            self.at += 1
            self.joins = False

    @invariant()
    def shows_the_step(self) -> None:
        assert self.shown() == self.steps[self.at]
        assert (self.state.history.undoes is not None) == (self.at > 0)
        assert (self.state.history.redoes is not None) == (self.at < len(self.steps) - 1)


TestUndoing = Undoing.TestCase
TestUndoing.settings = settings(max_examples=60, stateful_step_count=30)


def test_old_steps_are_forgotten() -> None:
    state = ExplorerState()
    for seed in range(1, LIMIT + 10):
        state.set_noise(seed=seed)
    for _ in range(LIMIT + 10):
        state.undo()
    assert state.noise.seed == 9


def test_steps_are_called_by_what_they_change() -> None:
    state = ExplorerState()
    state.set_code("c1", 3)
    assert state.history.undoes == "c1"
    state.set_codes({"c1": 1, "c2": 0.5})
    assert state.history.undoes == "codes"
    state.set_noise(scale=0.5)
    assert state.history.undoes == "noise"
    state.draw(Drawing().begun((0.5, 0.5, 1)))
    assert state.history.undoes == "drawing"
    state.undo()
    assert (state.history.undoes, state.history.redoes) == ("noise", "drawing")
