"""infogan-train --seeds: a run a seed, side by side or one after the other, resumable, and a table."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from infogan.trainer import checkpoint, sweep
from infogan.trainer.cli import main as infogan_train
from infogan.trainer.errors import UserError
from tiny import TINY, assert_same, digits

FLAGS = [*TINY[2:], "--dataset", "folder", "--image-size", "28", "--trunk-norm", "batch", "--steps", "8"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty pictures in sub-folders, which are their labels."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, (image, label) in enumerate(zip(*digits(np.random.default_rng(0), 60), strict=True)):
        (folder / str(label)).mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / str(label) / f"{number:02d}.png")
    return folder


def test_seeds_are_trained_and_told_in_a_table(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*FLAGS, "--data-dir", str(pictures)]
    assert infogan_train([*flags, "--seeds", "0,2", "--jobs", "2", "--out", str(tmp_path / "sweep")]) == 0
    said = capsys.readouterr().out
    assert infogan_train([*flags, "--seed", "2", "--out", str(tmp_path / "alone")]) == 0
    runs = [checkpoint.newest(tmp_path / name)[0] for name in ("sweep/seed2", "alone")]
    assert_same(*runs)
    figures = json.loads((tmp_path / "sweep" / sweep.RESULT).read_text())
    assert figures.keys() == {"0", "2"}
    assert figures["2"].keys() == {"seconds", "mi_c1", "mi_c2", "mi_c3", "accuracy"}
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines() if not line.startswith("seed ")}
    head = next(line.split()[1:] for line in said.splitlines() if "L_I(c1)" in line)
    column = head.index("accuracy")
    accuracies = [figures[seed]["accuracy"] for seed in ("0", "2")]
    assert lines["worst"][column] == f"{min(accuracies):.2%}"
    assert lines["mean"][column] == f"{np.mean(accuracies):.2%}"
    assert lines["2"][head.index("L_I(c1)")] == f"{figures['2']['mi_c1']:.3f}"

    capsys.readouterr()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "sweep").rglob("*.pt")}
    assert infogan_train([*flags, "--seeds", "0-2", "--out", str(tmp_path / "sweep")]) == 0  # one more
    said = capsys.readouterr().out
    assert "seed 1 begins" in said
    assert "seed 0 begins" not in said
    assert before.items() <= {path: path.stat().st_mtime_ns for path in (tmp_path / "sweep").rglob("*.pt")}.items()


def test_a_seed_that_fails_does_not_keep_the_others_from_ending(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seed0").mkdir()  # in the way
    flags = [*FLAGS, "--data-dir", str(pictures), "--seeds", "0-1", "--out", str(tmp_path)]
    assert infogan_train(flags) == 1
    said = capsys.readouterr()
    assert "seed 0: infogan-train: " in said.err
    assert "seed0 exists" in said.err
    assert json.loads((tmp_path / sweep.RESULT).read_text()).keys() == {"1"}


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_signal_saves_the_run_and_the_same_command_goes_on(pictures: Path, tmp_path: Path) -> None:
    flags = [*FLAGS, "--data-dir", str(pictures), "--seeds", "5,6", "--out", str(tmp_path), "--steps", "3000"]
    command = [sys.executable, "-m", "infogan.trainer", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "seed 5 begins" in process.stdout.readline()
        for _ in range(600):
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the sweep ended: {process.wait(0.1)}")
            if checkpoint.numbered(tmp_path / "seed5"):
                break
        process.send_signal(signal.SIGTERM)
        said = "".join(process.communicate(timeout=60))
    assert process.returncode == 128 + signal.SIGTERM
    assert "and saved; go on with" in said
    stopped = checkpoint.newest(tmp_path / "seed5")[0]["step"]
    assert 0 < stopped < 3000
    assert not (tmp_path / "seed6").exists()
    shorter = [*flags[:-1], str(stopped + 4)]
    again = subprocess.run([*command[:3], *shorter], capture_output=True, text=True, timeout=300, check=True)
    assert "seed 5 goes on" in again.stdout
    assert checkpoint.newest(tmp_path / "seed5")[0]["step"] == stopped + 4


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--seeds", "a"], "--seeds a: expected a list such as 0-9 or 0,3,5-7"),
        (["--seeds", "5-3"], "--seeds 5-3: expected a list"),
        (["--seeds", "0-99999999"], "expected a list"),
        (["--seeds", "0", "--jobs", "0"], "--jobs must be at least 1, got 0"),
        (["--seeds", "0", "--resume", "run"], "leave out --resume"),
        (["--seeds", "0", "--batch-size", "1"], "--batch-size must be at least 2"),
    ],
)
def test_what_cannot_be_swept_is_a_sentence(
    flags: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert infogan_train([*flags, "--out", str(tmp_path / "sweep")]) == 1
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert not (tmp_path / "sweep").exists()


def test_runs_of_other_settings_are_not_passed_over(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*FLAGS, "--data-dir", str(pictures), "--seeds", "0", "--out", str(tmp_path)]
    assert infogan_train(flags) == 0
    assert infogan_train([*flags, "--d-lr", "0.1"]) == 1
    error = capsys.readouterr().err
    assert f"{tmp_path / 'seed0'}: --d-lr was 0.0005 when this run began and cannot become 0.1" in error


def test_lists_of_seeds() -> None:
    assert sweep.seeds_of("0-3, 7,2-4") == [0, 1, 2, 3, 7, 4]
    with pytest.raises(UserError, match="expected a list"):
        sweep.seeds_of("1,,2")
