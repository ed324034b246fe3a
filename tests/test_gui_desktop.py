"""The app as on a desktop: a real X server, a window manager, a pointer and a keyboard that are moved from outside."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infogan.gui.raster import latent_in

PATIENCE = 60  # seconds, after which an app that says nothing is ended
TOOLS = ("Xvfb", "openbox", "xdotool")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not all(map(shutil.which, TOOLS)),
    reason=f"needs {', '.join(TOOLS)} (Debian: xvfb openbox xdotool)",
)
# The app itself, in a process that says in a line of JSON what it shows: it is driven from outside only.
TALKING = """
import json, sys
from PySide6.QtWidgets import QApplication
from infogan.gui import session, window

class Talking(window.MainWindow):
    def __init__(self):
        super().__init__()
        self.worker.idle.connect(self.tell)
        self.tabs.currentChanged.connect(self.tell)
        self.statusBar().messageChanged.connect(self.tell)
        QApplication.instance().focusChanged.connect(self.tell)

    def tell(self, *_):
        pad, tab = self.draw_tab.pad, self.draw_tab
        corner = pad.mapToGlobal(pad.area().topLeft().toPoint())
        probs = tab.reading.posterior.probs["c1"][0] if tab.reading.posterior else None
        focus = QApplication.focusWidget()
        print(json.dumps({
            "tab": self.tabs.currentIndex(),
            "pad": [corner.x(), corner.y(), int(pad.area().width())],
            "read": None if probs is None else self.state.bundle.label("c1", int(probs.argmax())),
            "class": self.state.bundle and self.state.bundle.label("c1", int(self.state.value("c1"))),
            "c2": self.state.value("c2"),
            "status": self.statusBar().currentMessage(),
            "focus": focus.accessibleName() if focus else "",
            "front": focus.window().windowTitle() if focus else "",
        }), flush=True)

session.MainWindow = Talking
from infogan.gui import app
sys.exit(app.main(sys.argv[1:]))
"""


class Desktop:
    """An X server with a window manager and the app in it."""

    def __init__(self, folder: Path) -> None:
        reading, writing = os.pipe()
        screen = ["-screen", "0", "1280x900x24", "-nolisten", "tcp", "-displayfd", str(writing)]
        self._processes = [subprocess.Popen(["Xvfb", *screen], pass_fds=[writing], stderr=subprocess.DEVNULL)]
        os.close(writing)
        with os.fdopen(reading) as pipe:
            display = f":{pipe.readline().strip()}"
        unwanted = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "QT_SCALE_FACTOR")
        self._env = {name: value for name, value in os.environ.items() if name not in unwanted}
        self._env |= {"DISPLAY": display, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        self._start("openbox")
        self.app = self._start(sys.executable, "-c", TALKING, stdout=subprocess.PIPE, text=True)
        self._watchdog = threading.Timer(PATIENCE, self.app.kill)
        self._watchdog.start()

    def until(self, wanted: Any) -> dict[str, Any]:
        """What the app says, as soon as it says what is wanted."""
        for line in self.app.stdout:
            said = json.loads(line)
            if wanted(said):
                return said
        pytest.fail("the app has ended")

    def do(self, *arguments: object) -> None:
        """Let xdotool act."""
        subprocess.run(["xdotool", *map(str, arguments)], env=self._env, check=True, timeout=30)

    def close(self) -> None:
        """End everything, the app first."""
        self._watchdog.cancel()
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        if self.app.stdout:
            self.app.stdout.close()

    def _start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(command, env=self._env, stderr=subprocess.DEVNULL, **options)
        self._processes.append(process)
        return process


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    desktop = Desktop(tmp_path)
    desktop.until(lambda said: said["class"] is not None and said["front"])
    yield desktop
    desktop.close()


def strokes(digit: int) -> list[np.ndarray]:
    """One kept drawing, in the unit square."""
    drawings = json.loads((Path(__file__).parent / "data" / "strokes.json").read_text())
    found = next(drawing["strokes"] for drawing in drawings if drawing["label"] == digit)
    points = np.concatenate([np.array(stroke) for stroke in found])
    low, extent = points.min(0), np.ptp(points, axis=0).max()
    return [0.2 + 0.6 * (np.array(stroke) - low) / extent for stroke in found]


def test_a_digit_that_is_drawn_by_hand_is_read(desktop: Desktop) -> None:
    desktop.do("key", "alt+d")
    left, top, side = desktop.until(lambda said: said["tab"] == 1)["pad"]
    for stroke in strokes(3):
        places = [(left + round(x * side), top + round(y * side)) for x, y in stroke]
        places = [place for place, before in zip(places, [None, *places[:-1]], strict=True) if place != before]
        moves = [["mousemove", "--sync", *place] for place in places]  # a hand is never in two places at once
        desktop.do(*moves[0], "mousedown", 1, *(part for move in moves[1:] for part in move), "mouseup", 1)
    assert desktop.until(lambda said: said["read"] == "3")
    desktop.do("key", "ctrl+z")
    desktop.until(lambda said: said["read"] != "3" or len(strokes(3)) > 1)


def test_the_keyboard_alone_suffices(desktop: Desktop, tmp_path: Path) -> None:
    """Choose a category, move a slider, export the picture."""
    desktop.do("key", "7")
    desktop.until(lambda said: said["class"] == "7")
    focus = ""
    for _ in range(40):
        desktop.do("key", "Tab")
        focus = desktop.until(lambda said, last=focus: said["focus"] != last)["focus"]
        if focus.startswith("Slant · c2") and focus.endswith("slider"):
            break
    desktop.do("key", "Right")
    assert desktop.until(lambda said: said["c2"] != 0)["c2"] == pytest.approx(0.05, abs=1e-6)
    path = tmp_path / "by-keyboard.png"
    desktop.do("key", "ctrl+s")
    desktop.until(lambda said: said["front"] == "Save picture")
    desktop.do("type", "--delay", 5, path)
    desktop.do("key", "Return")
    desktop.until(lambda said: said["front"] == "")
    desktop.until(lambda said: said["front"] == "Save picture")
    desktop.do("key", "Return")
    desktop.until(lambda said: said["status"] == f"Saved {path.name}")
    latent = json.loads(latent_in(path))
    assert latent["codes"]["c2"] == pytest.approx(0.05, abs=1e-6)
