"""What all commands of this package do: say their version, and what went wrong in a sentence and an exit code."""

import argparse
import signal
import sys
from collections.abc import Callable

from ..trainer.cli import MISSING
from ..trainer.errors import UserError
from ..trainer.version import installed_version


def command_parser(command: str, description: str) -> argparse.ArgumentParser:
    """The parser of a command that says its version."""
    parser = argparse.ArgumentParser(command, description=description)
    parser.add_argument("--version", action="version", version=f"%(prog)s {installed_version()}")
    return parser


def explained(command: str, action: Callable[[], None], interrupted: str = "nothing was written") -> int:
    """Run ``action`` and say in one sentence what stopped it.

    Args:
        command: its name.
        action: what it does.
        interrupted: what then is so when Ctrl-C stopped it.

    Returns:
        0 on success, 1 on a failure explained on stderr, 130 when it was interrupted.
    """
    try:
        action()
    except UserError as error:
        print(f"{command}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(MISSING.format(command=command, error=error), file=sys.stderr)
    except OSError as error:
        print(f"{command}: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{command}: interrupted; {interrupted}", file=sys.stderr)
        return 128 + signal.SIGINT
    else:
        return 0
    return 1
