"""What a step of training costs, beside a textbook loop and beside the machine's peak."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from infogan.trainer import game
from infogan.trainer.config import TrainConfig
from infogan.trainer.precision import resolve_precision
from infogan.trainer.recipes import defaults
from infogan.trainer.state import TrainingState
from machine import matrix_peak
from textbook import Textbook
from timing import in_turns, least_of_turns

PICTURES = 60_000
STEPS_IN_A_ROW = 8  # of one loop before the next has its turn; the first finds caches that hold the others' weights
CPU = torch.device("cpu")


class Engine:
    """Steps of the game as the training loop takes them.

    Attributes:
        state: of a run that is about to begin its game.
    """

    def __init__(self, config: TrainConfig, images: NDArray[np.uint8], device: torch.device = CPU) -> None:
        self.state = TrainingState(config, images, device)
        self.state.step = config.steps_before_game
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
    torch.set_num_threads(threads)
    return {network: against_textbook(network, drawings(PICTURES), 3 if quick else 12) for network in ("cnn", "mlp")}


def against_textbook(network: str, images: NDArray[np.uint8], rounds: int) -> dict[str, Any]:
    """Both recipes, poster without bf16 too, and two textbook loops in turns, and the machine's peak with them."""
    engines = {recipe: Engine(settings(recipe, network), images) for recipe in ("poster", "robust")}
    batch, precision = engines["poster"].state.config.batch_size, engines["poster"].precision
    flop = {recipe: operations(engine.step) for recipe, engine in engines.items()}
    engines["poster, fp32"] = Engine(settings("poster", network, precision="fp32"), images)
    works: dict[str, Callable[[], object]] = {name: engine.step for name, engine in engines.items()}
    for name, again in (("textbook", True), ("textbook, G run once", False)):
        works[name] = Textbook(settings("poster", network), images, again).step
    peaks, seconds = [], {name: list[float]() for name in works}
    for _ in range(rounds):
        peaks.append(matrix_peak(torch.bfloat16 if precision == "bf16" else torch.float32, 2))
        for name, times in in_turns(works, 1, STEPS_IN_A_ROW).items():
            seconds[name] += times
    peak, turns = max(peaks), {name: least_of_turns(times, STEPS_IN_A_ROW) for name, times in seconds.items()}
    typical = {name: float(np.median(times)) for name, times in turns.items()}
    return {
        "precision": precision,
        "images_per_second": {name: round(batch / time) for name, time in typical.items()},
        "gflop_per_step": {recipe: round(count / 1e9, 2) for recipe, count in flop.items()},
        "against_textbook": {name: float(np.median(turns["textbook"] / turns[name])) for name in works},
        "peak_gflops": round(peak / 1e9),
        "share_of_peak": {recipe: count / typical[recipe] / peak for recipe, count in flop.items()},
        "robust_extra": float(np.median(turns["robust"] / turns["poster"])) - 1,
    }
