"""infogan-report."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from .command import explained


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-report.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when interrupted; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return explained("infogan-report", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "infogan-report",
        description="Compare training runs on one HTML page: measured figures, curves, traversal grids.",
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

    runs = open_runs(arguments.runs, arguments.output, arguments.data_dir, say=print)
    page = write_report(runs, arguments.output)
    print(f"wrote {page}: {len(runs)} run{'s' if len(runs) > 1 else ''}")
