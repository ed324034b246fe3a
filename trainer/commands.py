"""What a user types."""

import shlex
import shutil
import sys
from pathlib import Path


def typed(command: str) -> str:
    """How to start a command: by its name where the shell finds it, else by its path beside the one that runs."""
    if shutil.which(command) is None:
        for beside in (Path(sys.argv[0]).with_name(command), Path(sys.executable).with_name(command)):
            if beside.is_file():
                return shlex.quote(str(beside))
    return command
