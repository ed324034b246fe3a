"""Seconds that an epoch of MNIST takes on a device: absolute times, for a GPU above all.

    python benchmarks/epoch.py --device cuda

An epoch is 468 steps of 128 pictures, of the game alone; some steps are timed after some that warm up. To compare: a
plain CNN epoch takes under 3 s on one H100. The pictures are of random shades, which cost what digits cost.
"""

import argparse
import time

import torch

from infogan.trainer.precision import resolve_device
from training import Engine, drawings, settings

STEPS_AN_EPOCH = 468
WARM = 10


def main() -> None:
    """Time both recipes of both networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--steps", type=int, default=200, help="steps that are timed")
    arguments = parser.parse_args()
    device = resolve_device(arguments.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    for network in ("cnn", "mlp"):
        for recipe in ("poster", "robust"):
            engine = Engine(settings(recipe, network), drawings(60_000), device)
            seconds = timed(engine, arguments.steps) * STEPS_AN_EPOCH
            print(f"{name}, {network}, {recipe}, {engine.precision}: {seconds:.2f} s an epoch", flush=True)


def timed(engine: Engine, steps: int) -> float:
    """Seconds a step; each ends with its terms on the CPU, so there is nothing left to wait for."""
    for _ in range(WARM):
        engine.step()
    started = time.perf_counter()
    for _ in range(steps):
        engine.step()
    return (time.perf_counter() - started) / steps


if __name__ == "__main__":
    main()
