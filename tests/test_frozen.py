"""The app as a folder that needs no Python; where PyInstaller is installed."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tiny import ROOT


@pytest.mark.skipif(find_spec("PyInstaller") is None, reason="needs PyInstaller: pip install pyinstaller")
def test_the_frozen_app_starts_and_exports(tmp_path: Path) -> None:
    folders = ["--distpath", str(tmp_path / "dist"), "--workpath", str(tmp_path / "work")]
    build = [sys.executable, "-m", "PyInstaller", "--noconfirm", *folders, str(ROOT / "infogan-explorer.spec")]
    subprocess.run(build, check=True, cwd=tmp_path, capture_output=True)
    program = tmp_path / "dist" / "infogan-explorer" / "infogan-explorer"
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""}
    for flag, width in (("--screenshot", 1240), ("--export", 112)):
        picture = tmp_path / f"{width}.png"
        subprocess.run([program, flag, picture], check=True, timeout=120, env=env)
        assert QImage(str(picture)).width() == width
