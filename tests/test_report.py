"""infogan-report: the page through the command, its tables and curves on runs whose answer is known."""

import json
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from infogan.export.report import Run
from infogan.export.report_cli import main
from infogan.export.report_plots import _colour, _style, curve, curves, last_values, smoothed
from infogan.export.report_table import comparison, differences
from infogan.trainer.cli import main as train_main
from infogan.trainer.config import TrainConfig
from tiny import TINY, interrupt_after

VOID = {"meta", "img", "source", "br", "link"}


class Checker(HTMLParser):
    """Whether tags match, what the page would load from elsewhere, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.loaded += [value for name, value in values.items() if name in ("src", "srcset", "href") and value]
        assert tag != "img" or values.get("alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def other_run(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLP that was trained in the other recipe."""
    run = tmp_path_factory.mktemp("runs") / "a <plain> one"
    flags = ["--network", "mlp", "--recipe", "poster", "--steps", "6"]
    assert train_main([*TINY, "--data-dir", str(data_dir), "--out", str(run), *flags]) == 0
    return run


def test_the_page_stands_alone(
    tiny_run: Path, other_run: Path, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(tiny_run), str(other_run), "-o", str(tmp_path), "--data-dir", str(data_dir)]
    assert main(command) == 0
    assert f"wrote {tmp_path / 'index.html'}: 2 runs" in capsys.readouterr().out
    page = Checker()
    page.feed((tmp_path / "index.html").read_text())
    assert not page.open
    assert page.loaded
    assert all(address.startswith("data:image/png;base64,") for address in page.loaded)
    text = " ".join(page.words)
    assert "a <plain> one" in text
    assert "cnn, robust, 0" in text
    assert "mlp, poster, 0" in text
    assert "--guide-weight" in text
    assert "1 thread, fp32" in text
    assert "The columns start from the same latents" in text
    pictures = {path.name for path in tmp_path.glob("*.png")}
    assert {
        "tiny-c1.png",
        "tiny-c2.png",
        "a <plain> one-c3.png",
        "mi_total-dark.png",
        "g_loss-light.png",
    } <= pictures
    figures = json.loads((tmp_path / "tiny.json").read_text())
    assert f"{figures['categories']['accuracy']:.2%}" in text

    assert main(command) == 0  # nothing is measured twice
    assert "measuring" not in capsys.readouterr().out
    (tmp_path / "tiny.json").write_text(json.dumps({**figures, "model": {"subject": "other weights"}}))
    assert main(command) == 0
    assert "measuring tiny" in capsys.readouterr().out
    assert json.loads((tmp_path / "tiny.json").read_text())["model"] == figures["model"]


def test_errors_are_one_sentence(
    tiny_run: Path, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clustering = tmp_path / "clustering"
    with monkeypatch.context() as patch:
        interrupt_after(1, patch)
        flags = ["--cluster-steps", "3", "--cluster-batch-size", "16", "--steps", "2"]
        train_main([*TINY, "--data-dir", str(data_dir), "--out", str(clustering), *flags])
    capsys.readouterr()
    for runs, expected in (
        ([tiny_run, tiny_run], "two runs are called tiny"),
        ([clustering], "has not trained G yet"),
        ([tmp_path / "nothing"], "does not exist"),
    ):
        assert main([*map(str, runs), "-o", str(tmp_path / "report"), "--data-dir", str(data_dir)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("infogan-report: ")
        assert expected in error
        assert error.count("\n") == 1


def made_up(name: str, **settings: Any) -> Run:
    """A run of 200 steps of which 100 came before the game; 3, 5 and 8 are its categories 0, 1 and 2."""
    config = TrainConfig(**{"cluster_steps": 100, "batch_size": 100, **settings})
    history = [
        {"step": step, "seconds": step / 10.0, **({"d_loss": 1.0, "mi_c1": step / 100} if step > 100 else {})}
        for step in range(10, 201, 10)
    ]
    labels = ["3", "5", "8", *"0124679"]
    confusion = np.zeros((10, 10), int)
    confusion[range(10), [int(label) for label in labels]] = 90
    confusion[0, 5], confusion[2, 3], confusion[3, 8] = 4, 6, 10  # a 5 read as 3, a 3 as 8, an 8 as 0
    figures = {
        "model": {"train_pictures": 6000},
        "categories": {"accuracy": 0.95, "labels": labels, "confusion": confusion.tolist()},
        "codes": {"c1": {"information": 2.25, "entropy": 2.303, "accuracy": 0.99}, "c2": {"effect": 0.5}},
    }
    return Run(name, config, history, "AVX2, 1 thread, fp32", figures, {})


def test_the_table_by_hand() -> None:
    cells = {name: cell for name, _, (cell,) in comparison([made_up("a")])}
    assert cells["3, 5 and 8 told apart"] == "270 + 10 + 10"
    assert cells["Trained on"] == "AVX2, 1 thread, fp32"
    assert cells["Digits read"] == "95.00%"
    assert cells["Iterations"] == "100"
    assert cells["Time an epoch"] == "6 s"  # 60 batches at a tenth of a second
    assert cells["Time before the game"] == "10 s"
    assert cells["Information of c1"] == "2.250 of 2.303"
    assert cells["Effect of c2"] == "50%"
    assert "Precision" not in cells


def test_who_reads_every_digit_as_nought_tells_none_apart() -> None:
    run = made_up("collapsed")
    confusion = np.zeros((10, 10), int)
    confusion[3] = 100  # the category that is named 0
    run.figures["categories"]["confusion"] = confusion.tolist()
    cells = {name: cell for name, _, (cell,) in comparison([run])}
    assert cells["3, 5 and 8 told apart"] == "0 + 0 + 300"


def test_only_settings_of_training_that_differ_are_shown() -> None:
    runs = [made_up("a", threads=1, d_lr=1e-3), made_up("b", threads=2, d_lr=2e-4, recipe="poster")]
    assert differences(runs) == [("recipe", ["robust", "poster"]), ("d_lr", ["0.001", "0.0002"])]
    assert differences(runs[:1]) == []
    runs = [made_up("a", steps=5, batch_size=50), made_up("b", batch_size=50)]
    assert differences(runs) == [("steps", ["5", "not set"])]


def test_curves_start_with_the_game() -> None:
    ahead = made_up("a", cluster_steps=50, pretrain_d_steps=50)
    ahead.history[5]["d_loss"] = 9.0  # at step 60: D alone
    assert ahead.curve("d_loss")[0].tolist() == list(range(10, 101, 10))
    steps, values = made_up("a").curve("mi_c1")
    assert steps.tolist() == list(range(10, 101, 10))
    assert values.tolist() == pytest.approx([1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0])
    assert len(made_up("a").curve("no such term")[0]) == 0


def test_smoothing_averages_and_keeps_the_ends() -> None:
    iterations, values = np.arange(0, 1000, 10.0), np.arange(100.0)
    assert smoothed(iterations, values, 20)[50] == 50
    assert smoothed(iterations, values, 20)[0] == 1  # of 0, 1, 2
    assert smoothed(iterations, np.full(100, 3.0), 55).tolist() == [3.0] * 100
    assert smoothed(iterations[:4], np.array([0.0, 3, 6, 0]), 1).tolist() == [1.5, 3, 3, 3]  # neighbours at least


def test_runs_of_different_length_are_smoothed_alike() -> None:
    """Over as many iterations, whatever their number and however often each was logged."""
    fine, coarse = np.arange(0, 2000, 1.0), np.arange(0, 500, 10.0)
    noise = np.sin(fine * 2 * np.pi / 40)
    assert np.abs(smoothed(fine, noise, 100)[200:1800]).max() < 0.02
    assert np.abs(smoothed(coarse, noise[:500:10], 100)[12:38]).max() < 0.06


def test_no_name_breaks_a_picture_and_many_runs_differ() -> None:
    names = ["a$\\frac$", "x" * 200, *(f"run {number}" for number in range(30))]
    runs = [made_up(name) for name in names]
    small, large = (Image.open(BytesIO(curve(some, "mi_c1", "L_I", "light"))).height for some in (runs[:2], runs))
    assert large > small + 300
    assert len({(_colour(number), _style(number)) for number in range(32)}) == 32
    assert last_values(runs[2:4], "mi_c1") == "run 0 1.95, run 1 1.95"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_curves_are_pictures_without_background(theme: str) -> None:
    runs = [made_up("a"), made_up("b", categorical=(10, 3), uniform=0)]
    assert list(curves(runs)) == ["mi_c1", "mi_c2", "mi_c3", "mi_total", "d_loss", "g_loss"]
    for term, title in curves(runs).items():
        data = curve(runs, term, title, theme)
        picture = np.asarray(Image.open(BytesIO(data)).convert("RGBA"))
        assert picture[0, 0, 3] == 0
        orange = np.abs(picture[..., :3].astype(int) - [0xD5, 0x5E, 0x00]).sum(2) < 12
        drawn = (orange & (picture[..., 3] > 200))[:450].any()  # the second run's curve, above the legend
        assert drawn == bool(len(runs[1].curve(term)[0]))
