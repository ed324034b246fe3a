"""What a step of training costs, beside a textbook loop and beside the machine's peak."""

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from infogan.trainer import game, memory
from infogan.trainer.config import TrainConfig
from infogan.trainer.precision import resolve_precision
from infogan.trainer.recipes import defaults
from infogan.trainer.state import TrainingState
from loops import Loop, Step, taking_turns
from machine import VECTOR_UNITS, has_matrix_units
from textbook import Textbook

PICTURES = 60_000
WELL_BEGUN = 200  # steps of the game; the first are dearer
RECIPES = ("poster", "robust")
CPU = torch.device("cpu")


class Engine:
    """Steps of the game as the training loop takes them.

    Attributes:
        state: of a run that has begun its game.
    """

    def __init__(self, config: TrainConfig, images: NDArray[np.uint8], device: torch.device = CPU) -> None:
        memory.keep()
        self.state = TrainingState(config, images, device)
        self.state.step = config.steps_before_game + WELL_BEGUN
        self.precision = resolve_precision(config.precision, device)

    def step(self) -> None:
        """One step, with all that the loop does after each."""
        state = self.state
        state.set_learning_rates(10**6)
        terms = game.update(state, state.next_batch(), self.precision)
        state.step += 1
        state.average_weights()
        state.add(terms)


def settings(recipe: str, network: str, **changed: Any) -> TrainConfig:
    """Those of MNIST in a recipe, but for what is changed."""
    return dataclasses.replace(defaults(recipe, network, "mnist"), **changed)


def drawings(n: int) -> NDArray[np.uint8]:
    """Pictures (n, 1, 28, 28) as dark and as sparse as digits; what they show does not change what a step costs."""
    rng = np.random.default_rng(0)
    images = np.zeros((n, 1, 28, 28), np.uint8)
    images[:, :, 8:20, 8:20] = rng.integers(1, 256, (n, 1, 12, 12), np.uint8)
    return images


def operations(step: Callable[[], object]) -> int:
    """Floating-point operations of all matrix products and convolutions in a step, by the shapes of what they take."""
    with FlopCounterMode(display=False) as counter:
        step()
    return int(counter.get_total_flops())


def measure(threads: int, quick: bool) -> dict[str, Any]:
    """Both networks."""
    return {network: against_textbook(network, threads, 3 if quick else 12) for network in ("cnn", "mlp")}


def against_textbook(network: str, threads: int, rounds: int) -> dict[str, Any]:
    """Both recipes, poster without bf16 too, and two textbook loops in turns, and the machine's peak with them.

    Where the processor has matrix units (AMX), poster's share of its peak is also taken without them.
    """
    flop = {recipe: operations(Engine(settings(recipe, network), drawings(1000)).step) for recipe in RECIPES}
    poster, exact = settings("poster", network), settings("poster", network, precision="fp32")
    begun = {
        "poster": partial(engine, poster, PICTURES),
        "robust": partial(engine, settings("robust", network), PICTURES),
        "poster, fp32": partial(engine, exact, PICTURES),
        "textbook": partial(textbook, poster, PICTURES, True),
        "textbook, G run once": partial(textbook, poster, PICTURES, False),
    }
    precision = resolve_precision("auto", CPU)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    with ExitStack() as stack:
        loops = {name: stack.enter_context(Loop(begin, threads)) for name, begin in begun.items()}
        works = {name: loop.turn for name, loop in loops.items()}
        works["peak"] = partial(loops["poster"].peak, dtype)
        if has_matrix_units():
            vector = stack.enter_context(Loop(begun["poster"], threads, VECTOR_UNITS))
            works |= {"poster, vector units": vector.turn, "peak, vector units": partial(vector.peak, dtype)}
        turns = taking_turns(works, rounds)
    share = {recipe: float(np.median(flop[recipe] / turns[recipe] / turns["peak"])) for recipe in RECIPES}
    figures = {
        "precision": precision,
        "images_per_second": {name: round(poster.batch_size / float(np.median(turns[name]))) for name in begun},
        "gflop_per_step": {recipe: round(count / 1e9, 2) for recipe, count in flop.items()},
        "against_textbook": {name: float(np.median(turns["textbook"] / turns[name])) for name in begun},
        "peak_gflops": round(turns["peak"].max() / 1e9),
        "share_of_peak": share,
        "robust_extra": float(np.median(turns["robust"] / turns["poster"])) - 1,
    }
    if "poster, vector units" in turns:
        peaks = turns["peak, vector units"]
        figures["share_of_vector_peak"] = float(np.median(flop["poster"] / turns["poster, vector units"] / peaks))
        figures["vector_peak_gflops"] = round(peaks.max() / 1e9)
    return figures


def engine(config: TrainConfig, pictures: int) -> Step:
    """The step of infogan-train's loop."""
    return Engine(config, drawings(pictures)).step


def textbook(config: TrainConfig, pictures: int, again: bool) -> Step:
    """The step of the textbook loop."""
    return Textbook(config, drawings(pictures), again).step
