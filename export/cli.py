"""infogan-export."""

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ..trainer.cli import MISSING
from ..trainer.errors import UserError
from .container import SUFFIX


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-export.

    Returns:
        0 on success, 1 on a failure explained on stderr; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    try:
        _run(arguments)
    except UserError as error:
        print(f"infogan-export: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(MISSING.format(command="infogan-export", error=error), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"infogan-export: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("infogan-export: interrupted; nothing was written", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "infogan-export",
        description="Turn a trained InfoGAN into one .infogan file: G and Q as ONNX, checked against torch.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("source", metavar="RUN|CHECKPOINT", type=Path, help="run folder (its newest checkpoint) or .pt")
    parser.add_argument("-o", "--output", type=Path, help="file NAME.infogan, or a folder; default: RUN.infogan here")
    parser.add_argument("--weights", choices=("fp32", "fp16"), default="fp16", help="how weights are stored")
    parser.add_argument(
        "--data-dir", type=Path, help="labelled training data, to name the categories; default: the run's"
    )
    parser.add_argument("--name", help="what the model is called; default: the output's name")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    from ..trainer import checkpoint
    from .package import export_bundle

    state, warnings = checkpoint.open_run_or_checkpoint(arguments.source)
    for warning in warnings:
        print(f"infogan-export: {warning}", file=sys.stderr)
    run = checkpoint.run_of(arguments.source)
    output = arguments.output or Path(f"{run.resolve().name if run else arguments.source.stem}{SUFFIX}")
    bundle = export_bundle(state, output, arguments.weights, arguments.data_dir, arguments.name, say=print)
    print(f"wrote {output}: {bundle.name}, step {state['step']}")
    print(f"open it with: infogan-explorer {shlex.quote(str(output))}")
