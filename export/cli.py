"""infogan-export."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from ..trainer.commands import typed
from ..trainer.errors import UserError
from .command import command_parser, explained
from .container import SUFFIX, is_bundle
from .manifest import Weights


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-export.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when interrupted; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return explained("infogan-export", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "infogan-export",
        "Turn a trained InfoGAN into one .infogan file: G and Q as ONNX, checked against torch. Where labelled data is "
        "at hand it is measured first, as infogan-evaluate does.",
    )
    parser.add_argument("source", metavar="RUN|CHECKPOINT", type=Path, help="run folder (its newest checkpoint) or .pt")
    parser.add_argument("-o", "--output", type=Path, help="file NAME.infogan, or a folder; default: RUN.infogan here")
    parser.add_argument(
        "--weights",
        choices=get_args(Weights),
        default="fp16",
        help="how large weights are stored: fp16 (default) in half the space, as far as no output changes by 0.001; "
        "int8 those of fully connected layers in a quarter, which is faster too and changes most outputs by "
        "thousandths, none that was compared by 0.1; fp32 as they are",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="labelled training data, to name the categories; default: the run's"
    )
    parser.add_argument("--name", help="what the model is called; default: the output's name")
    parser.add_argument("--note", help="a sentence for the model card, such as how this run was chosen")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    from ..trainer import checkpoint
    from .package import export_bundle

    if is_bundle(arguments.source):
        raise UserError(
            f"{arguments.source} is a bundle already: open it with infogan-explorer, or name the run that it came from"
        )
    state, warnings = checkpoint.open_run_or_checkpoint(arguments.source)
    for warning in warnings:
        print(f"infogan-export: {warning}", file=sys.stderr)
    run = checkpoint.run_of(arguments.source)
    output = arguments.output or Path(f"{run.resolve().name if run else arguments.source.stem}{SUFFIX}")
    bundle = export_bundle(state, output, arguments.weights, arguments.data_dir, arguments.name, arguments.note, print)
    print(f"wrote {output}: {bundle.name}, step {state['step']}")
    print(f"open it with: {typed('infogan-explorer')} {shlex.quote(str(output))}")
