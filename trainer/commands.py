"""What a user types."""

import shutil
import sys
from pathlib import Path


def typed(command: str) -> str:
    """How to start a command: by its name where the shell finds it, else by its path beside the one that runs."""
    beside = Path(sys.argv[0]).with_name(command)
    return str(beside) if shutil.which(command) is None and beside.is_file() else command
