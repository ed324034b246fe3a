"""What G and Q cost in onnxruntime, beside eager torch on the same weights and beside what the machine could do."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch

from infogan.export.bundle import Bundle
from infogan.export.convert import convert
from infogan.export.manifest import Weights
from infogan.export.package import in_memory
from infogan.trainer.networks import InfoGAN
from infogan.trainer.state import TrainingState, trained_model
from machine import matrix_peak, read_bandwidth
from timing import in_turns, largest_rise, percentiles, ratio
from training import CPU, drawings, operations, settings

SHIPPED = Path(__file__).parent.parent / "assets" / "mnist-cnn.infogan"
GENERATED, READ = (1, 16, 100, 1024), (1, 100)
GRIDS = (1, 4, 16, 64, 256, 1024)
FORMATS: tuple[Weights, ...] = ("fp16", "int8")  # fp32 is stored otherwise and computed like fp16
Works = Mapping[str, Callable[[], object]]
ROUNDS = 10
_CALLS = 1000  # pictures that a measurement of one size makes, about


def measure(quick: bool) -> dict[str, Any]:
    """All figures of this file, with one thread, as the app opens bundles, for torch and for onnxruntime alike."""
    torch.set_num_threads(1)
    config = settings("robust", "cnn", encoder_steps=0)
    state = TrainingState(config, drawings(config.batch_size), CPU).to_checkpoint()
    model = trained_model(state, config)
    bundles = {weights: in_memory(state, config, "bench", weights=weights) for weights in FORMATS}
    calls = 200 if quick else _CALLS
    result: dict[str, Any] = {"open_ms": percentiles(in_turns({"open": lambda: Bundle.open(SHIPPED)}, 5)["open"])}
    rng = np.random.default_rng(0)
    for n in GENERATED:
        z, c = config.latents.sample(rng, n)

        def generate(z: torch.Tensor, c: torch.Tensor) -> object:
            with torch.inference_mode():
                return model.generate(z, c).numpy()

        eager = partial(generate, torch.from_numpy(z), torch.from_numpy(c))
        works: Works = {weights: partial(bundle.generate, z, c) for weights, bundle in bundles.items()}
        result |= compared(f"G x {n}", works, eager, calls // n)
    for n in READ:
        images = bundles["fp16"].generate(*config.latents.sample(rng, n))

        def read(images: torch.Tensor) -> object:
            with torch.inference_mode():
                return model.q_head(model.trunk(images)).logits.softmax(1).numpy()

        eager = partial(read, torch.from_numpy(images))
        works = {weights: partial(bundle.infer, images) for weights, bundle in bundles.items()}
        result |= compared(f"Q x {n}", works, eager, calls // n)
    result["limits"] = limits(model.generator, config.latents.input_width)
    result["grids"], result["grid_rise"] = grids(bundles["fp16"], rng)
    result["bytes"] = {weights: size(model, weights) for weights in get_args(Weights)}
    return result


def compared(name: str, works: Works, eager: Callable[[], object], calls: int) -> dict[str, Any]:
    """Calls of bundles, by their weights, and torch's, in turns of several."""
    seconds = in_turns({**works, "torch": eager}, ROUNDS, max(2, calls // ROUNDS))
    return {
        f"{name}, {weights}": {
            **percentiles(seconds[weights]),
            "of_torch": ratio(seconds[weights], seconds["torch"]),
        }
        for weights in works
    }


def limits(generator: torch.nn.Module, width: int) -> dict[str, float]:
    """The least milliseconds that G could take: reading its weights once, and its operations at the machine's peak."""
    weights = sum(p.numel() * p.element_size() for p in generator.parameters())
    peak = matrix_peak(torch.float32)
    with torch.inference_mode():
        flop = operations(lambda: generator(torch.zeros(100, width)))
    return {
        "G x 1, its weights read from memory": weights / read_bandwidth() * 1000,
        "G x 100, its operations": flop / peak * 1000,
    }


def size(model: InfoGAN, weights: Weights) -> int:
    """Bytes of G and Q as ONNX."""
    converted = convert(model, weights)
    return len(converted.generator) + len(converted.recognition)


def grids(bundle: Bundle, rng: np.random.Generator) -> tuple[dict[int, float], float]:
    """Milliseconds a picture of grids of so many, and by how much that rises at most."""
    latents = {n: bundle.latents.sample(rng, n) for n in GRIDS}
    seconds = in_turns({str(n): partial(bundle.generate, *pair) for n, pair in latents.items()}, 10)
    costs = {n: min(seconds[str(n)]) / n * 1000 for n in GRIDS}
    return costs, largest_rise(list(costs.values()))
