"""Open the explorer as a user does, and leave at its first picture: prints the seconds since the time that is given.

    python benchmarks/first_picture.py TIME

bench.py runs it: TIME is when it started the process, in seconds since 1970.
"""

import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from infogan.gui import app


def main() -> int:
    """Run infogan-explorer's own main function, with an eye on the first picture."""
    from infogan.export import runtime  # noqa: F401  # before Qt, as in the app

    started = float(sys.argv.pop())
    from PySide6.QtWidgets import QApplication

    from infogan.gui.ink import Picture
    from infogan.gui.window import MainWindow

    show = MainWindow.show_picture

    def show_picture(self: MainWindow, picture: Picture) -> None:
        show(self, picture)
        self.view.repaint()
        print(time.time() - started, flush=True)
        QApplication.exit(0)

    MainWindow.show_picture = show_picture  # type: ignore[method-assign]
    return app.main([])


if __name__ == "__main__":
    raise SystemExit(main())
