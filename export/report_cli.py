"""infogan-report."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..trainer.errors import UserError
from .command import command_parser, explained
from .container import is_bundle


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-report.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when interrupted; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return explained("infogan-report", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "infogan-report", "Compare training runs on one HTML page: measured figures, curves, traversal grids."
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path, help="run folder")
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, required=True, help="folder for index.html and its pictures"
    )
    parser.add_argument(
        "--data-dir", type=Path, help="folder with the labelled data; default: each run's, or the cache"
    )
    return parser


def _run(arguments: argparse.Namespace) -> None:
    from .report import open_runs
    from .report_page import write_report

    if arguments.output.exists() and not arguments.output.is_dir():
        raise UserError(f"{arguments.output} is a file; name a folder for -o")
    for run in filter(is_bundle, arguments.runs):
        raise UserError(f"{run} is a bundle, which has no curves: name the run that it came from")
    runs = open_runs(arguments.runs, arguments.output, arguments.data_dir, say=print)
    page = write_report(runs, arguments.output)
    print(f"wrote {page}: {len(runs)} run{'s' if len(runs) > 1 else ''}")
