"""What the machine itself can do: the ceiling that every figure is seen against."""

import os
import platform
from functools import partial
from pathlib import Path

import numpy as np
import torch

from infogan.trainer.precision import resolve_precision
from timing import in_turns

VECTOR_UNITS = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"}  # the environment of a process without matrix units
_SIDES = (1024, 2048, 3072)  # of the matrices; the best counts
_READ = 512 << 20  # bytes, more than caches hold
_ROUNDS = 5


def described(threads: int) -> dict[str, object]:
    """The processor by name, how much of it is used, and the precision that infogan-train takes on it."""
    return {
        "processor": _processor(),
        "system": platform.system(),
        "threads": threads,
        "precision": resolve_precision("auto", torch.device("cpu")),
        "torch": torch.__version__,
    }


def matrix_peak(dtype: torch.dtype, rounds: int = _ROUNDS) -> float:
    """The most floating-point operations a second that a product of two square matrices reaches, of several sizes."""
    pairs = {str(side): tuple(torch.randn(side, side).to(dtype) for _ in range(2)) for side in _SIDES}
    seconds = in_turns({name: partial(torch.mm, *pair) for name, pair in pairs.items()}, rounds)
    return max(2 * int(name) ** 3 / min(times) for name, times in seconds.items())


def has_matrix_units() -> bool:
    """Whether the processor multiplies tiles of bf16 matrices (AMX), not only vectors."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def read_bandwidth(rounds: int = _ROUNDS) -> float:
    """Bytes a second at which one core reads from memory."""
    numbers = np.ones(_READ // 4, np.float32)
    return _READ / min(in_turns({"read": numbers.max}, rounds)["read"])


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} x {names[0]}" if names else platform.processor()
