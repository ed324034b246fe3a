"""Which number format the matrix products use."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from .errors import UserError


def resolve_precision(requested: str, device: torch.device) -> str:
    """Resolve auto to "bf16" where the hardware multiplies it, else to "fp32": emulated bf16 is slower than that."""
    if requested != "auto":
        return requested
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return "bf16" if available and _has_bf16_instructions() else "fp32"


def _has_bf16_instructions() -> bool:
    """Whether there is avx512_bf16 or amx on x86, or bf16 on Arm; oneDNN would emulate it on plain avx512."""
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def autocast(precision: str, device: torch.device) -> AbstractContextManager[None]:
    """Run convolutions and matrix products in ``precision``; losses and statistics stay in float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16", cache_enabled=True)


def exactly(device: torch.device) -> AbstractContextManager[Any]:
    """Within autocast: what stays in float32, because the eight bits of bf16 would drown what matters."""
    available = torch.amp.is_autocast_available(device.type)  # not on the device without numbers
    return torch.autocast(device.type, enabled=False) if available else nullcontext()


def resolve_device(requested: str) -> torch.device:
    """The device that --device names; auto takes CUDA where there is one.

    Raises:
        UserError: CUDA was asked for and there is none.
    """
    if requested == "cuda" and not torch.cuda.is_available():
        raise UserError("--device cuda: no CUDA device was found; use --device cpu, or auto")
    available = requested != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if available else "cpu")
