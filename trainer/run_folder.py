"""A run's folder: one process at a time, no leftovers, and config.json, which says what trained it."""

import contextlib
import importlib.metadata
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import torch

from . import replicas
from .atomic import discard_unfinished, write_bytes
from .config import TrainConfig
from .errors import UserError
from .pictures import Pictures

_LOCK, _SETTINGS = ".lock", "config.json"
_PACKAGES = ("infogan-explorer", "torch", "numpy")
# What equal bits depend on, beside the settings.
_DECISIVE = ("versions", "device", "processor", "threads", "precision")


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold a run's folder, made where it is missing; what a killed process left half-written there is removed.

    The operating system lets go of the lock when the process ends, however it ends. Who holds it may hold it again.

    Raises:
        UserError: another process holds it, or it cannot be made.
    """
    lock = filelock.FileLock(run / _LOCK, is_singleton=True)
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise UserError(f"{run} is being trained by another process; wait for it, or choose another --out") from error
    except OSError as error:
        raise UserError(f"cannot write {run}: {error.strerror or error}; choose another --out") from error
    try:
        for folder in (run, *(path for path in run.iterdir() if path.is_dir())):
            discard_unfinished(folder)
        yield
    finally:
        lock.release()  # the file stays: who removes it could remove the one that another process has just locked


def settings_of(config: TrainConfig, pictures: Pictures, device: torch.device, precision: str) -> dict[str, Any]:
    """What config.json holds: the settings, the data, and what else the figures depend on."""
    return {
        "config": config.to_json(),
        "latents": config.latents.to_json(),
        "data": {"name": config.dataset, "pictures": len(pictures.images), "sha256": pictures.fingerprint},
        "versions": {"python": platform.python_version(), **{p: importlib.metadata.version(p) for p in _PACKAGES}},
        "device": device.type,
        "processor": torch.cuda.get_device_name(device) if device.type == "cuda" else _instructions(),
        "threads": torch.get_num_threads(),
        "replicas": replicas.size(),
        "precision": precision,
    }


def write_settings(run: Path, settings: dict[str, Any]) -> None:
    """Write config.json.

    Raises:
        UserError: it could not be written.
    """
    write_bytes(run / _SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())


def changes(run: Path, settings: dict[str, Any]) -> list[str]:
    """What equal bits depend on and config.json says otherwise, such as "threads: 2, now 1"; [] without that file."""
    try:
        before = json.loads((run / _SETTINGS).read_bytes())
        pairs = [(key, before.get(key, settings[key]), settings[key]) for key in _DECISIVE]
    except (OSError, ValueError, AttributeError):
        return []
    return [f"{key}: {_text(old)}, now {_text(new)}" for key, old, new in pairs if old != new]


def _instructions() -> str:
    """The widest instructions of this processor that torch uses, such as "AVX512"."""
    return str(torch.backends.cpu.get_cpu_capability())


def _text(value: Any) -> str:
    return ", ".join(f"{key} {entry}" for key, entry in value.items()) if isinstance(value, dict) else str(value)
