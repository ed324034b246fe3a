"""Runs that learn what other runs agree on, through the command."""

import dataclasses
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from infogan.export.bundle import Bundle
from infogan.export.cli import main as export_main
from infogan.export.container import CARD, read_members
from infogan.trainer import checkpoint, data
from infogan.trainer.cli import main
from infogan.trainer.config import TrainConfig
from infogan.trainer.errors import UserError
from infogan.trainer.metrics import confusion, one_to_one
from infogan.trainer.teachers import KEPT, agreed
from tiny import TINY, assert_same, interrupt_after

Learn = Callable[..., int]

LEARNING = ["--cluster-steps", "20", "--cluster-batch-size", "32", "--clusters", "20"]
LEARNING += ["--channels", "8", "--hidden", "64", "--d-lr", "0.003", "--q-lr", "0.01"]


@pytest.fixture(scope="module")
def teachers(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs of different seeds."""
    folder = tmp_path_factory.mktemp("teachers")
    for seed in (0, 1):
        where = ["--data-dir", str(data_dir), "--out", str(folder / str(seed))]
        assert main([*TINY, *LEARNING, *where, "--steps", "40", "--seed", str(seed)]) == 0
    return [folder / "0", folder / "1"]


def settings(teachers: list[Path]) -> TrainConfig:
    return TrainConfig(dataset="tiny", teachers=tuple(teachers))


def read_with(run: Path, images: np.ndarray) -> np.ndarray:
    """The categories that a run gives to pictures, through its bundle."""
    output = run.parent / f"{run.name}.infogan"
    if not output.exists():
        assert export_main([str(run), "-o", str(output), "--weights", "fp32"]) == 0
    return Bundle.open(output).infer(images.astype(np.float32) / 255).probs["c1"].argmax(1)


def ask(teachers: list[Path], pictures: data.Pictures) -> tuple[np.ndarray, np.ndarray]:
    return agreed(pictures, settings(teachers), torch.device("cpu"), "fp32")


def test_only_what_all_say_is_taught(teachers: list[Path], data_dir: Path) -> None:
    """The second one's categories are numbered as those of the first that they meet most."""
    pictures = data.load("tiny", data_dir, "train")
    first, second = (read_with(run, pictures.images) for run in teachers)
    numbers = one_to_one(confusion(second, first, 10, 10))
    same = numbers[second] == first
    assert (first == second).sum() < same.sum() < len(same)
    indices, categories = ask(teachers, pictures)
    assert (indices == np.flatnonzero(same)).all()
    assert (categories == first[same]).all()


def test_one_teacher_says_it_all(teachers: list[Path], data_dir: Path) -> None:
    pictures = data.load("tiny", data_dir, "train")
    indices, categories = ask(teachers[1:], pictures)
    assert (indices == np.arange(len(pictures.images))).all()
    assert (categories == read_with(teachers[1], pictures.images)).all()


def test_labels_have_no_influence(teachers: list[Path], data_dir: Path) -> None:
    pictures = data.load("tiny", data_dir, "train")
    assert pictures.labels is not None
    other = data.Pictures(pictures.images, pictures.labels[::-1].copy(), pictures.fingerprint)
    assert all((a == b).all() for a, b in zip(ask(teachers, pictures), ask(teachers, other), strict=True))


@pytest.fixture
def learn(teachers: list[Path], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learn:
    """Trains a run on what copies of the teachers, in the folder where it is started, agree on; its exit code."""
    for run in teachers:
        shutil.copytree(run, tmp_path / run.name)
    monkeypatch.chdir(tmp_path)

    def command(out: str, *flags: str) -> int:
        return main([*TINY, "--data-dir", str(data_dir), "--out", out, "--teachers", "0", "1", *flags])

    return command


@pytest.mark.parametrize("clustering", ["0", "20"])
def test_the_pupil_takes_the_categories_of_its_teachers(
    clustering: str, learn: Learn, teachers: list[Path], data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbered as the first one's, with clustering before the game and without."""
    assert learn("run", *LEARNING, "--steps", "80", "--cluster-steps", clustering) == 0
    said, run = capsys.readouterr().out, Path("run").absolute()
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["teachers"] < 0.5 * np.log(10)
    train = data.load("tiny", data_dir, "train")
    indices, categories = ask(teachers, train)
    assert f"they agree on {len(indices)} of 80 pictures" in said
    assert (read_with(run, train.images[indices]) == categories).mean() > 0.8
    card = read_members(run.with_suffix(".infogan"))[CARD].decode()
    assert "No label was used in training. c1 learned the categories on which its teachers agree: 0, 1." in card
    assert str(run.parent) not in card


def test_it_resumes_bit_identically_without_its_teachers(
    learn: Learn, teachers: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn("straight", "--steps", "6") == 0
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        assert learn("resumed", "--steps", "6") == 128 + signal.SIGTERM
    for run in teachers:
        shutil.rmtree(run.name)
    path = Path("resumed") / KEPT
    kept = path.read_bytes()
    for damaged in (kept[:-5], b"", kept[:200] + bytes(20) + kept[220:]):
        path.write_bytes(damaged)
        assert main(["--resume", "resumed"]) == 1
        assert f"{path} cannot be read" in capsys.readouterr().err
    path.write_bytes(kept)
    assert main(["--resume", "resumed"]) == 0
    assert_same(*(checkpoint.newest(Path(run))[0] for run in ("straight", "resumed")))


def test_a_report_names_teachers_without_their_paths() -> None:
    config = settings([Path("/home/me/runs/a"), Path("/home/me/runs/b/checkpoints/best.pt")])
    assert config.without_paths()["teachers"] == ["a", "b/best.pt"]
    assert "/home" not in json.dumps(config.without_paths())


def test_teachers_that_cannot_be(
    teachers: list[Path],
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused(*flags: object) -> str:
        where = ["--data-dir", str(data_dir), "--out", str(tmp_path / "pupil"), "--steps", "1"]
        assert main([*TINY, *where, *map(str, flags)]) == 1
        assert not (tmp_path / "pupil").exists()
        return capsys.readouterr().err

    labelled = tmp_path / "labelled"
    assert main([*TINY, "--data-dir", str(data_dir), "--out", str(labelled), "--steps", "1", "--labels", "10"]) == 0
    started = tmp_path / "started"
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        early = ["--data-dir", str(data_dir), "--out", str(started), "--cluster-steps", "20"]
        assert main([*TINY, *LEARNING, *early]) == 128 + signal.SIGTERM
    assert "stopped before its game began" in refused("--teachers", started)
    for same in (teachers[0], teachers[0] / ".." / teachers[0].name, teachers[0] / "checkpoints" / "best.pt"):
        assert "names a run twice" in refused("--teachers", teachers[0], same)
    assert "was trained with --labels" in refused("--teachers", labelled)
    assert "use one of them" in refused("--teachers", teachers[0], "--labels", "10")
    assert "no first categorical code of 4 classes" in refused("--teachers", teachers[0], "--categorical", "4")
    assert "use --categorical 10" in refused("--teachers", teachers[0], "--categorical")
    assert "expected a run folder or a checkpoint" in refused("--teachers", tmp_path / "nowhere")
    other = dataclasses.replace(settings(teachers), dataset="mnist")
    with pytest.raises(UserError, match="was trained on tiny; give runs on mnist"):
        agreed(data.load("tiny", data_dir, "train"), other, torch.device("cpu"), "fp32")


def test_a_damaged_teacher_is_spoken_of(
    teachers: list[Path], data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "teacher"
    shutil.copytree(teachers[0], copy)
    _, newest = checkpoint.numbered(copy)[-1]
    newest.write_bytes(newest.read_bytes()[:-1])
    agreed(data.load("tiny", data_dir, "train"), settings([copy]), torch.device("cpu"), "fp32")
    assert f"{newest} is damaged" in capsys.readouterr().err


def test_settings_survive_json() -> None:
    config = settings([Path("a"), Path("b")])
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    with pytest.raises(UserError, match="setting teachers cannot be"):
        TrainConfig.from_json({"teachers": [1]})
