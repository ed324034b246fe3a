"""infogan-explorer without a window: pictures from the command line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from driving import settled
from PIL import Image
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.app import main
from infogan.gui.latent import NoiseSource, from_json
from infogan.gui.raster import latent_in, levels
from infogan.gui.state import ExplorerState
from infogan.gui.window import MainWindow


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_it_needs_no_qt_and_no_display(tiny_bundle_path: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['PySide6'] = None; from infogan.gui.app import main; sys.exit(main(sys.argv[1:]))"
    arguments = [tiny_bundle_path, "--export", tmp_path / "one.png", "--grid", tmp_path / "many.png"]
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, timeout=60)
    assert pixels(tmp_path / "one.png").shape == (112, 112)
    assert pixels(tmp_path / "many.png").shape == (4 * (10 * 29 - 1),) * 2


def test_the_picture_is_that_of_the_code(
    qtbot: QtBot, tiny_bundle: Bundle, tiny_bundle_path: Path, tmp_path: Path, window: MainWindow
) -> None:
    path, label = tmp_path / "a.png", tiny_bundle.label("c1", 2)
    code = f"c1={label or '#2'},c2=-0.5"
    assert main([str(tiny_bundle_path), "--code", code, "--seed", "7", "--export", str(path), "--scale", "1"]) == 0
    c = tiny_bundle.latents.neutral()
    c[0, :11] = [*np.eye(10)[2], -0.5]
    expected = tiny_bundle.generate(NoiseSource(7).draw(tiny_bundle.latents), c)[0]
    assert np.array_equal(pixels(path), levels(expected))
    latent = from_json(tiny_bundle.latents, json.loads(latent_in(path)))
    assert latent.noise == NoiseSource(7)
    with settled(qtbot, window):
        window.opening.open_path(path)
    assert window.state.latent == latent  # what the command wrote opens in the window at the same place


def test_rows_and_columns_are_chosen(tiny_bundle: Bundle, tiny_bundle_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "g.png"
    flags = ["--rows", "c2", "--columns", "noise", "--seed", "5", "--scale", "1"]
    assert main([str(tiny_bundle_path), "--grid", str(path), *flags]) == 0
    shown = pixels(path)
    assert shown.shape == (9 * 29 - 1, 10 * 29 - 1)
    state = ExplorerState()
    state.open(tiny_bundle)
    start = state.c.copy()
    start[0, 10] = 2
    expected = tiny_bundle.generate(NoiseSource(8).draw(tiny_bundle.latents), start)[0]
    assert np.array_equal(shown[-28:, 3 * 29 : 3 * 29 + 28], levels(expected))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--code", "c9=1"], "expected c1, c2, c3"),
        (["--code", "c1=x"], "has no class 'x'"),
        (["--code", "c1=#10"], "has no class '#10'"),
        (["--code", "c2=much"], "c2 is 'much': expected a number"),
        (["--code", "c2=nan"], "from -2 to 2"),
        (["--seed", "-1"], "--seed is -1"),
        (["--rows", "c2", "--columns", "c2"], "expected two different ones"),
        (["--rows", "foo"], "one of c1, c2, c3, noise"),
        (["--scale", "100"], "too large"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    flags: list[str], says: str, tiny_bundle_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tiny_bundle_path), "--grid", str(tmp_path / "g.png"), *flags]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*.png"))


def test_a_missing_bundle_and_a_wrong_scale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "no.infogan"), "--export", str(tmp_path / "x.png")]) == 1
    assert "no.infogan does not exist" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["--export", "x.png", "--scale", "0"])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--export", "o.jpg"], "'o.jpg' is written as PNG"),
        (["--grid", "o"], "'o' is written as PNG"),
        (["--rows", "c1"], "--grid FILE is missing"),
        (["--export", "a.png", "--screenshot", "b.png"], "--screenshot needs a window"),
    ],
)
def test_options_that_would_mislead_are_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err


def test_a_code_without_a_value(tiny_bundle_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tiny_bundle_path), "--code", "c1", "--export", str(tmp_path / "x.png")]) == 1
    assert "gives c1 no value: expected c1=VALUE" in capsys.readouterr().err
