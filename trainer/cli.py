"""infogan-train."""

import argparse
import contextlib
import dataclasses
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .config import TrainConfig, check_resumable
from .errors import UserError
from .recipes import defaults
from .version import installed_version

NO_MEMORY = (
    "infogan-train: there is not enough memory for this; use a smaller --batch-size, --channels or --hidden, or close "
    "other programs; checkpoints that were complete are kept"
)
LEFT = (
    "infogan-train: another process of this run is gone, and may have said why; checkpoints that were complete are "
    "kept: go on with as many processes and --resume, or let torchrun do that with --max-restarts"
)
MISSING = (
    "{command} needs more packages ({error}); run in the project's folder: pip install -c constraints.txt '.[train]'"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-train.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 or 143 when a signal stopped the run (it is saved).
        A usage error exits with 2.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except UserError as error:
        print(f"infogan-train: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(MISSING.format(command="infogan-train", error=error), file=sys.stderr)
    except (MemoryError, RuntimeError) as error:
        if not _wants_memory(error) and not _was_left(error):
            raise
        print(NO_MEMORY if _wants_memory(error) else LEFT, file=sys.stderr)
    except OSError as error:
        print(f"infogan-train: {error.strerror or error}: {error.filename or 'a file of the run'}", file=sys.stderr)
    except KeyboardInterrupt:
        print("infogan-train: interrupted at once; checkpoints that were complete are kept", file=sys.stderr)
        return 128 + signal.SIGINT
    return 1


def _run(arguments: list[str]) -> int:
    from . import checkpoint, replicas

    first = _first_pass(arguments)
    if first.seeds is not None:
        return _sweep(arguments, first)
    run = checkpoint.run_of(first.resume) if first.resume is not None else None
    with replicas.connected(first.device or _device_of(run)), _alone(run):
        return _train(arguments, first, run)


def _alone(run: Path | None) -> contextlib.AbstractContextManager[None]:
    """Nobody may go on with a run between our reading its checkpoint and our going on with it."""
    from . import checkpoint, replicas
    from .run_folder import locked

    there = run is not None and checkpoint.folder(run).is_dir()
    return locked(run) if run is not None and there and replicas.rank() == 0 else contextlib.nullcontext()


def _device_of(run: Path | None) -> str:
    """The --device that a run was begun with."""
    try:
        return str(json.loads((run / "config.json").read_bytes())["config"]["device"]) if run is not None else "auto"
    except (OSError, ValueError, KeyError, TypeError):
        return "auto"


def _sweep(arguments: list[str], first: argparse.Namespace) -> int:
    """Train a run for each of --seeds."""
    from . import replicas
    from .sweep import seeds_of, sweep

    if first.resume is not None:
        raise UserError("--seeds goes on with its runs by itself: leave out --resume")
    if replicas.started_by_torchrun():
        raise UserError("--seeds starts processes of its own: leave out torchrun, or train one seed")
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for flag in ("--seeds", "--jobs", "--out", "--seed"):
        own.add_argument(flag)
    _, flags = own.parse_known_args(arguments)
    config = _settings(flags, first, defaults(first.recipe, first.network, first.dataset))
    folder = first.out or Path("runs") / f"{config.dataset}-{config.network}-{config.recipe}"
    return sweep(flags, config, seeds_of(first.seeds), first.jobs, folder)


def _train(arguments: list[str], first: argparse.Namespace, run: Path | None) -> int:
    """Train a new run, or go on with the one that holds what --resume names."""
    from . import checkpoint, replicas
    from .train import train

    resumed, default = None, defaults(first.recipe, first.network, first.dataset)
    if first.resume is not None:
        resumed, warnings = checkpoint.open_run_or_checkpoint(first.resume)
        for warning in warnings:
            print(f"infogan-train: {warning}", file=sys.stderr)
        if run is None:
            raise UserError(f"{first.resume} is not in the checkpoints folder of a run; put it back to resume from it")
        default = checkpoint.config_of(resumed)
    config = _settings(arguments, first, default)
    if resumed is None or run is None:
        run = config.out or Path("runs") / f"{config.dataset}-{config.network}-{config.recipe}-seed{config.seed}"
        if replicas.begun_before() and checkpoint.numbered(run):
            again = [*arguments, "--resume", str(run)]
            with _alone(run):
                return _train(again, _first_pass(again), run)
        if replicas.rank() == 0 and not replicas.begun_before():
            _check_new(run)
        replicas.note_beginning()
        return train(config, run)
    check_resumable(default, config)
    return train(config, run, resumed)


def _settings(arguments: list[str], first: argparse.Namespace, default: TrainConfig) -> TrainConfig:
    """The settings that the command line makes of their defaults."""
    import tyro

    if first.epochs is not None:  # who asks for epochs no longer means the steps of before, nor those of a data set
        default = dataclasses.replace(default, steps=None)
    config = tyro.cli(TrainConfig, prog="infogan-train", description=_DESCRIPTION, default=default, args=arguments)
    config.check()
    # A run may be resumed and exported from another folder.
    config = dataclasses.replace(config, teachers=tuple(path.resolve() for path in config.teachers))
    if config.data_dir is not None:
        config = dataclasses.replace(config, data_dir=config.data_dir.absolute())
    return config


def _was_left(error: Exception) -> bool:
    """Whether another process that trains the same run ended: torch says so in many ways."""
    from torch import distributed

    return isinstance(error, distributed.DistError) or any(
        text in str(error) for text in ("Connection closed by peer", "Connection reset by peer", "Broken pipe")
    )


def _wants_memory(error: Exception) -> bool:
    """Whether memory has run out: torch says so by a RuntimeError, on a CPU of no special type."""
    text = str(error)
    return isinstance(error, MemoryError) or "can't allocate memory" in text or "out of memory" in text


_DESCRIPTION = (
    "Train an InfoGAN. A run folder with checkpoints, metrics and traversal pictures is written to --out. "
    "--seeds 0-9 trains a run for each of these seeds, --jobs 2 of them at a time, and makes a table of how they "
    "ended; the same command goes on. --version says which version this is."
)


def _first_pass(arguments: list[str]) -> argparse.Namespace:
    """--recipe, --network, --dataset and --resume decide the defaults of all other flags, so they are read first."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--recipe", default="robust")
    parser.add_argument("--network", default="cnn")
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--epochs")
    parser.add_argument("--device")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--version", action="version", version=f"infogan-train {installed_version()}")
    return parser.parse_known_args(arguments)[0]


def _check_new(run: Path) -> None:
    if run.exists():
        from . import checkpoint

        saved = run.is_dir() and any(checkpoint.folder(run).glob("*.pt"))
        instead = f"continue it with --resume {run}" if saved else "remove it, for it holds no checkpoint"
        raise UserError(f"{run} exists; choose another --out, or {instead}")
