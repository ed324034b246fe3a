"""The command infogan-explorer: opens the window on a bundle, without one on the included MNIST model."""

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from ..trainer.errors import UserError
from ..trainer.version import installed_version
from .display import why_no_qt, why_no_window

if TYPE_CHECKING:
    from ..export.bundle import Bundle

COMMAND = "infogan-explorer"
SHIPPED = "mnist-cnn.infogan"
TRIAL = "--try-bundle"  # how a frozen app starts itself for the trial of a bundle


def main(argv: Sequence[str] | None = None) -> int:
    """Show the window until it is closed.

    Returns:
        0, or 1 after one sentence on stderr: nothing to draw on, or a bundle that cannot be opened.
    """
    if sys.argv[1:2] == [TRIAL]:
        from ..export import trial

        return trial.main(sys.argv[2:])
    arguments = _arguments(argv)
    if arguments.export or arguments.grid:
        return _export(arguments)
    reason = why_no_window()
    if reason:
        return _fail(reason)
    try:
        # onnxruntime first: on Windows it fails to load after Qt has brought an older C++ runtime into the process.
        from ..export import runtime  # noqa: F401
    except ImportError as error:
        return _fail(why_no_qt(error))
    with ExitStack() as stack:
        path = _bundle_path(arguments, stack)
        opened = None if arguments.bundle else _opening(path)
        try:
            from .session import Session
        except ImportError as error:
            return _fail(why_no_qt(error))
        return Session(arguments, _fail).run(path, opened)


def _bundle_path(arguments: argparse.Namespace, stack: ExitStack) -> Path:
    shipped: Path = arguments.bundle or stack.enter_context(as_file(files("infogan.assets") / SHIPPED))
    return shipped


def _opening(path: Path) -> Callable[[], "Bundle"]:
    """Begin to open the included model, which needs no trial, while Qt is imported and the window made."""

    def opened() -> "Bundle":
        from ..export.bundle import Bundle

        return Bundle.open(path)

    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="infogan-opening")
    waiting = [pool.submit(opened)]
    pool.shutdown(wait=False)
    return lambda: waiting.pop().result()  # held here it would stay in memory when another model is opened


def _export(arguments: argparse.Namespace) -> int:
    """Write pictures without a window: neither Qt nor a display is needed."""
    from ..export.bundle import Bundle
    from ..export.trial import open_tried
    from . import headless

    with ExitStack() as stack:
        try:
            path = _bundle_path(arguments, stack)
            bundle = open_tried(path) if arguments.bundle else Bundle.open(path)
            state = headless.state_of(bundle, arguments.code, arguments.seed)
            if arguments.export:
                headless.export_picture(arguments.export, state, arguments.scale)
                print(f"wrote {arguments.export}")
            if arguments.grid:
                headless.export_grid(arguments.grid, state, arguments.rows, arguments.columns, arguments.scale)
                print(f"wrote {arguments.grid}")
        except UserError as error:
            return _fail(str(error))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says; options that would change nothing are an error."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if (arguments.rows or arguments.columns) and not arguments.grid:
        parser.error("--rows and --columns say what varies in a grid: --grid FILE is missing")
    if arguments.screenshot and (arguments.export or arguments.grid):
        parser.error("--screenshot needs a window, --export and --grid open none: run them one after the other")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Explore the latent codes of a trained InfoGAN, and let it read what you draw."
    )
    parser.add_argument(
        "bundle", metavar="BUNDLE", nargs="?", type=Path, help="file or folder (default: the included MNIST model)"
    )
    start = parser.add_argument_group("where to begin")
    start.add_argument(
        "--code", metavar="CODES", default="", help='such as "c1=7,c2=-0.5"; a class by its label or "#3"'
    )
    start.add_argument("--seed", metavar="N", type=int, default=0, help="seed of the noise (default: 0)")
    out = parser.add_argument_group("without a window")
    out.add_argument("--export", metavar="FILE", type=_png, help="write the picture as PNG, its code inside, and quit")
    out.add_argument("--grid", metavar="FILE", type=_png, help="write a traversal as PNG and quit")
    out.add_argument("--rows", metavar="CODE", help='what varies down the grid, a code or "noise" (default: the first)')
    out.add_argument("--columns", metavar="CODE", help='what varies across the grid (default: "noise")')
    out.add_argument("--scale", metavar="N", type=_scale, default=4, help="times that pixels are enlarged (default: 4)")
    parser.add_argument("--screenshot", metavar="FILE", type=_png, help="save the window as PNG and quit")
    parser.add_argument("--version", action="version", version=f"%(prog)s {installed_version()}")
    return parser


def _png(text: str) -> Path:
    """The path of a file that is written as PNG, and says so."""
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{text!r} is written as PNG: its name must end in .png")
    return path


def _scale(text: str) -> int:
    """A whole number from 1 to 100."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 100")
    return int(text)


def _fail(reason: str) -> int:
    print(f"{COMMAND}: {reason}", file=sys.stderr)
    return 1
