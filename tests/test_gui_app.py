"""The command: as its own process, without torch, without a display."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from infogan.gui import display
from infogan.gui.app import main

START = "import sys; from infogan.gui.app import main; sys.exit(main(sys.argv[1:]))"
DRIVEN = """
import sys
sys.modules.update(dict.fromkeys(["torch", "onnx", "scipy", "PIL"]))
from infogan.export import runtime
from infogan.gui import app, window
import numpy as np

class Driven(window.MainWindow):
    def __init__(self):
        super().__init__()
        self.opened.connect(self.draw)
        self.worker.answered.connect(self.look)

    def draw(self):
        digit = np.zeros((100, 100), np.float32)
        digit[20:80, 45:55] = 1
        self.take_picture(digit)

    def look(self, channel, answer):
        if channel == "preview":
            print("generated", answer.picture.shape)
        if channel == "reading" and answer.posterior:
            print("read", round(float(answer.posterior.probs["c1"].sum()), 3))
            self.close()

window.MainWindow = Driven
sys.exit(app.main(sys.argv[1:]))
"""
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR")


def run(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in DISPLAYS} | environment
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def assert_one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if "propagateSizeHints" not in line]
    assert len(lines) == 1
    assert lines[0].startswith("infogan-explorer: ")
    for word in words:
        assert word in lines[0]


def test_it_explores_and_reads_where_torch_and_onnx_cannot_be_imported(tiny_bundle_path: Path) -> None:
    result = run(DRIVEN, tiny_bundle_path, QT_QPA_PLATFORM="offscreen")
    assert result.returncode == 0, result.stderr
    assert "generated (1, 28, 28)" in result.stdout
    assert "read 1.0" in result.stdout


def test_a_screenshot(tiny_bundle_path: Path, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    result = run(START, tiny_bundle_path, "--screenshot", picture, QT_QPA_PLATFORM="offscreen")
    assert result.returncode == 0, result.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1240, 800)
    shades = {image.pixel(x, y) for x in range(0, 1240, 5) for y in range(0, 800, 5)}
    assert len(shades) > 10  # pictures are there, not only an empty window


def test_a_screenshot_that_cannot_be_written(tiny_bundle_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "no" / "folder.png"
    assert_one_sentence(run(START, tiny_bundle_path, "--screenshot", path, QT_QPA_PLATFORM="offscreen"), str(path))


@pytest.mark.parametrize("content", [None, b"garbage"])
def test_a_bundle_that_cannot_be_opened(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "m.infogan"
    if content:
        path.write_bytes(content)
    assert_one_sentence(run(START, path, QT_QPA_PLATFORM="offscreen"), str(path))


def test_no_display() -> None:
    assert_one_sentence(run(START), "no display", "desktop session")


def test_a_display_that_does_not_answer() -> None:
    """Where a library of Qt's is missing besides, that is named instead."""
    result = run(START, DISPLAY=":97531")
    assert_one_sentence(result)
    assert "':97531'" in result.stderr or "libxcb" in result.stderr


def test_a_wayland_display_that_is_not_there(tmp_path: Path) -> None:
    result = run(START, WAYLAND_DISPLAY="wayland-9", XDG_RUNTIME_DIR=str(tmp_path), QT_QPA_PLATFORM="wayland")
    assert_one_sentence(result, "wayland-9")


def test_a_platform_that_does_not_exist() -> None:
    assert_one_sentence(run(START, QT_QPA_PLATFORM="teletype"), "'teletype'")


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = "libEGL.so.1: cannot open shared object file: No such file or directory"
    sentence = display.why_no_qt(ImportError(missing))
    assert "libEGL.so.1" in sentence
    assert "apt-get install libegl1" in sentence
    assert "pip" in display.why_no_qt(ImportError("No module named 'PySide6'"))

    def load(name: str) -> None:
        raise OSError(missing.replace("libEGL.so.1", "libxcb-cursor.so.0"))

    monkeypatch.setattr(display.ctypes, "CDLL", load)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":0")
    assert "libxcb-cursor.so.0" in display.why_no_window()


def test_where_a_window_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("offscreen", "minimal", "vnc", "offscreen:scale=2"):
        monkeypatch.setenv("QT_QPA_PLATFORM", name)
        assert display.why_no_window() is None
    for name in DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    assert "no display" in display.why_no_window()
    monkeypatch.setattr(sys, "platform", "win32")
    assert display.why_no_window() is None


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--version"], 0), (["--help"], 0), (["a", "b"], 2), (["--nonsense"], 2)):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == code
    assert "infogan-explorer" in capsys.readouterr().out


def test_qt_does_not_use_up_none() -> None:
    """PySide6 6.12.0 drops a reference to None a call before Python 3.12: after some thousand calls Python aborts."""
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    before = sys.getrefcount(None)
    for _ in range(1000):
        image.fill(0)
    assert abs(sys.getrefcount(None) - before) < 500
