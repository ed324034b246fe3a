"""infogan-encode."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..trainer.converted import left_out
from ..trainer.cores import cores
from ..trainer.errors import UserError
from .bundle import Bundle
from .code_table import writer_for
from .command import command_parser, explained
from .encode import encode
from .picture_source import open_source

_EVERY = 5.0  # seconds from one line to the next


def main(argv: Sequence[str] | None = None) -> int:
    """Run infogan-encode.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when interrupted; a usage error exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return explained(
        "infogan-encode", lambda: _run(arguments), "what is encoded is kept, the same command goes on from there"
    )


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "infogan-encode",
        "Infer the codes of any number of pictures and write them as a table, a row for each picture. Pictures that "
        "cannot be read are named and left out. Stopped at any moment, the same command goes on.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="an .infogan file")
    parser.add_argument(
        "source",
        metavar="SOURCE",
        type=Path,
        help="folder or zip of pictures of any size, prepared as in the app; or an IDX file, or a .npy array, uint8 or "
        "in [0, 1], of pictures as the networks take them",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="FILE.parquet (needs pyarrow), FILE.csv or FILE.npz"
    )
    parser.add_argument(
        "--noise", action="store_true", help="also z, the noise from which G draws each picture again: by the encoder"
    )
    parser.add_argument("--threads", type=int, default=cores(), help="threads of the networks; default: one a core")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    if arguments.threads < 1:
        raise UserError(f"--threads {arguments.threads}: expected at least 1")
    if arguments.output.is_dir():
        raise UserError(f"{arguments.output} is a folder; name a file for -o")
    write = writer_for(arguments.output)
    bundle = Bundle.open(arguments.bundle, arguments.threads)
    if arguments.noise and not bundle.has_encoder:
        raise UserError(f"--noise: {arguments.bundle} has no encoder; leave it out, or train with --encoder-steps")
    source = open_source(arguments.source, bundle.image_shape, bundle.framing)
    unread = encode(bundle, source, arguments.output, write, arguments.noise, _Progress())
    for note in left_out(unread):
        print(f"infogan-encode: {note}", file=sys.stderr)
    print(f"wrote {arguments.output}: the codes of {source.total - len(unread):,} pictures")


class _Progress:
    """Says how far it is, now and then, and how long it will take."""

    def __init__(self) -> None:
        self._began: tuple[float, int] | None = None
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._began is None:
            self._began = now, done
            if done:
                print(f"going on from picture {done:,} of {total:,} ...", file=sys.stderr)
        elif now - self._said >= _EVERY and done < total:
            began, first = self._began
            rate = (done - first) / (now - began)
            print(f"{done:,} of {total:,}, {rate:,.0f} a second, {(total - done) / rate:,.0f} s left", file=sys.stderr)
            self._said = now
