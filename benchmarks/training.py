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
        pictures: real ones that a step takes.
    """

    def __init__(self, config: TrainConfig, images: NDArray[np.uint8], device: torch.device = CPU) -> None:
        self.state = TrainingState(config, images, device)
        self.state.step = config.steps_before_game + WELL_BEGUN
        self.precision = resolve_precision(config.precision, device)
        self.pictures = config.batch_size

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

    Where the processor has matrix units (AMX), poster is also run with its vector units alone.
    """
    flop = {recipe: operations(Engine(settings(recipe, network), drawings(1000)).step) for recipe in RECIPES}
    poster, exact = settings("poster", network), settings("poster", network, precision="fp32")
    begun = {
        "poster": partial(engine_step, poster, PICTURES),
        "robust": partial(engine_step, settings("robust", network), PICTURES),
        "poster, fp32": partial(engine_step, exact, PICTURES),
        "textbook": partial(textbook_step, poster, PICTURES, True),
        "textbook, G run once": partial(textbook_step, poster, PICTURES, False),
    }
    precision = resolve_precision("auto", CPU)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    with ExitStack() as stack:
        loops = {name: stack.enter_context(Loop(begin, threads)) for name, begin in begun.items()}
        works = {name: loop.turn for name, loop in loops.items()}
        works["peak"] = partial(loops["poster"].peak, dtype)
        if has_matrix_units():
            vector = stack.enter_context(Loop(begun["poster"], threads, VECTOR_UNITS))
            works["vector units"] = vector.turn
            works["their peak"] = partial(vector.peak, dtype)
            works["their peak, fp32"] = partial(vector.peak, torch.float32)
        turns = taking_turns(works, rounds)
    peak = float(turns["peak"].max())
    figures = {
        "precision": precision,
        "images_per_second": {name: round(poster.batch_size / float(np.median(turns[name]))) for name in begun},
        "gflop_per_step": {recipe: round(count / 1e9, 2) for recipe, count in flop.items()},
        "against_textbook": {name: float(np.median(turns["textbook"] / turns[name])) for name in begun},
        "peak_gflops": round(peak / 1e9),
        "share_of_peak": {recipe: flop[recipe] / float(np.median(turns[recipe])) / peak for recipe in RECIPES},
        "robust_extra": float(np.median(turns["robust"] / turns["poster"])) - 1,
    }
    if "vector units" in turns:
        figures["vector_units"] = {
            "gflops": round(flop["poster"] / float(np.median(turns["vector units"])) / 1e9),
            "peak_gflops": round(float(turns["their peak"].max()) / 1e9),
            "peak_gflops_fp32": round(float(turns["their peak, fp32"].max()) / 1e9),
        }
    return figures


def engine_step(config: TrainConfig, pictures: int) -> Step:
    """The step of infogan-train's loop, in a process that keeps its memory as it does."""
    memory.keep()
    return Engine(config, drawings(pictures)).step


def textbook_step(config: TrainConfig, pictures: int, again: bool) -> Step:
    """The step of the textbook loop, with memory as the C library hands it out."""
    return Textbook(config, drawings(pictures), again).step
