"""Open the explorer as a user does, and leave at its first picture: prints the seconds since the time that is given.

    python benchmarks/first_picture.py TIME

bench.py runs it: TIME is when it started the process, in seconds since 1970.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from infogan.gui import app

if TYPE_CHECKING:
    from infogan.export.bundle import Bundle


def main() -> int:
    """Run infogan-explorer's own main function, with an eye on the first picture."""
    started, begin = float(sys.argv.pop()), app._opening

    def opening(path: Path) -> Callable[[], "Bundle"]:
        opened = begin(path)  # before Qt is imported
        watch(started)
        return opened

    app._opening = opening
    return app.main([])


def watch(started: float) -> None:
    """Print the seconds at the first picture, and leave."""
    from PySide6.QtWidgets import QApplication

    from infogan.export.ink import Picture
    from infogan.gui.window import MainWindow

    show = MainWindow.show_picture

    def show_picture(self: MainWindow, picture: Picture) -> None:
        show(self, picture)
        self.view.repaint()
        print(time.time() - started, flush=True)
        QApplication.exit(0)

    MainWindow.show_picture = show_picture  # type: ignore[method-assign]


if __name__ == "__main__":
    raise SystemExit(main())
