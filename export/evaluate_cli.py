"""infogan-evaluate."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..trainer import data
from ..trainer.atomic import write_bytes
from ..trainer.config import TrainConfig
from ..trainer.errors import UserError
from ..trainer.pictures import Preparation
from .bundle import Bundle
from .classifier import eye_for
from .command import command_parser, explained
from .container import SUFFIX, is_bundle
from .evaluate import evaluate
from .evaluation_table import table
from .naming import settings_of

_THREADS = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-evaluate.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when interrupted; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return explained("infogan-evaluate", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "infogan-evaluate",
        "Measure what the codes of a model have learned and how good its pictures are, on the test split.",
    )
    parser.add_argument("source", metavar="BUNDLE|RUN", type=Path, help="bundle, run folder or checkpoint")
    parser.add_argument("--dataset", help="data set to measure on; default: the one the model was trained on")
    parser.add_argument("--data-dir", type=Path, help="folder with its files; default: the run's, or the cache")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every figure to FILE as JSON")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    if arguments.json is not None and arguments.json.is_dir():
        raise UserError(f"{arguments.json} is a folder; name a file for --json")
    bundle, config, data_dir = _open(arguments.source)
    dataset = arguments.dataset or (config.dataset if config else None)
    if dataset is None:
        raise UserError(f"{arguments.source} does not say which data set it was trained on; name one with --dataset")
    prepared = config.preparation if config is not None and dataset == config.dataset else Preparation()
    folder = arguments.data_dir or data_dir
    train, test = (data.load(dataset, folder, split, preparation=prepared) for split in ("train", "test"))
    if test.images.shape[1:] != bundle.image_shape:
        raise UserError(
            f"{dataset} has pictures {test.images.shape[1:]}, {arguments.source} needs {bundle.image_shape}"
        )
    for note in train.notes + test.notes:
        print(f"infogan-evaluate: {note}", file=sys.stderr)
    report = evaluate(bundle, train, test, eye_for(dataset, train, test, _THREADS, _progress), _progress)
    print(table(report))
    if arguments.json is not None:
        write_bytes(arguments.json, (json.dumps(report, indent=1) + "\n").encode())


def _progress(text: str) -> None:
    print(f"{text} ...")


def _open(source: Path) -> tuple[Bundle, TrainConfig | None, Path | None]:
    """The networks of a bundle or a run, how they were trained as far as it says so, and where the data were."""
    if is_bundle(source):
        bundle = Bundle.open(source, _THREADS)
        return bundle, settings_of(bundle.manifest), None
    if not source.exists():
        raise UserError(f"{source} does not exist; expected a {SUFFIX} bundle, a run folder or a checkpoint")
    from ..trainer import checkpoint
    from .package import in_memory

    state, warnings = checkpoint.open_run_or_checkpoint(source)
    for warning in warnings:
        print(f"infogan-evaluate: {warning}", file=sys.stderr)
    config = checkpoint.config_of(state)
    run = checkpoint.run_of(source)
    return in_memory(state, config, (run or source).name, _THREADS), config, config.data_dir
