"""A run survives: other processes, a full disk, being killed."""

import json
import signal
import sys
from pathlib import Path

import pytest
from test_train import child, failure

from infogan.trainer import checkpoint, train
from infogan.trainer.cli import main
from infogan.trainer.run_folder import locked
from tiny import TINY, assert_same


@pytest.fixture
def run(data_dir: Path, tmp_path: Path) -> Path:
    """The folder of a run of two steps."""
    assert main([*TINY, "--data-dir", str(data_dir), "--steps", "2", "--out", str(tmp_path / "run")]) == 0
    return tmp_path / "run"


def test_a_folder_belongs_to_one_process(run: Path, data_dir: Path) -> None:
    flags = "--resume", str(run), "--steps", "4"
    with locked(run), child(data_dir, *flags) as process:
        text = process.communicate(timeout=60)[1]
    assert f"infogan-train: {run} is being trained by another process" in text
    assert process.returncode == 1
    assert checkpoint.newest(run)[0]["step"] == 2
    assert main(["--resume", str(run), "--data-dir", str(data_dir), "--steps", "4"]) == 0


def test_what_a_killed_process_left_is_removed(run: Path, data_dir: Path) -> None:
    left = [run / ".config.json-1.part", run / "checkpoints" / ".step-00000004.pt-1.part"]
    mine = run / ".notes"
    for path in (*left, mine):
        path.touch()
    assert main(["--resume", str(run), "--data-dir", str(data_dir), "--steps", "4"]) == 0
    assert not any(path.exists() for path in left)
    assert mine.exists()


def test_other_bits_are_announced(run: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = json.loads((run / "config.json").read_text())
    settings["versions"]["torch"], settings["threads"] = "1.0", 7
    (run / "config.json").write_text(json.dumps(settings))
    capsys.readouterr()
    assert main(["--resume", str(run), "--data-dir", str(data_dir), "--steps", "4"]) == 0
    text = capsys.readouterr().err
    assert "not bit for bit what it would have been: threads: 7, now 1" in text
    assert "torch 1.0" in text
    assert main(["--resume", str(run), "--data-dir", str(data_dir), "--steps", "6"]) == 0
    assert "bit for bit" not in capsys.readouterr().err


def test_what_is_set_aside_is_said(run: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--data-dir", str(data_dir), "--steps", "4"]
    assert main(["--resume", str(run), *flags]) == 0
    capsys.readouterr()
    assert main(["--resume", str(run / "checkpoints" / "step-00000002.pt"), *flags]) == 0
    assert "goes on from step 2: step-00000004.pt" in capsys.readouterr().err


def test_a_folder_without_a_checkpoint_is_no_run(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    text = failure(capsys, *TINY, "--data-dir", str(data_dir), "--out", str(tmp_path / "run"))
    assert "remove it, for it holds no checkpoint" in text


def test_clustering_is_saved(data_dir: Path, tmp_path: Path) -> None:
    flags = [*TINY, "--cluster-steps", "2", "--steps", "2", "--data-dir", str(data_dir)]
    assert main([*flags, "--out", str(tmp_path / "run")]) == 0
    assert [step for step, _ in checkpoint.numbered(tmp_path / "run")] == [2, 4]


def test_networks_that_are_too_large_are_refused(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = [*TINY, "--data-dir", str(data_dir), "--out", str(tmp_path / "run")]
    with monkeypatch.context() as patch:
        patch.setattr(train, "MOST_WEIGHTS", 1000)
        assert "a bundle holds 1,000 at most" in failure(capsys, *flags)

    def too_much(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")

    monkeypatch.setattr(train, "load", too_much)
    assert "not enough memory" in failure(capsys, *flags)
    assert not (tmp_path / "run").exists()


FULL = """
import resource, signal
from infogan.trainer import train
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
update, calls = train.update, []
def updated(*arguments):
    calls.append(1)
    if len(calls) in (full, room):
        size = resource.RLIM_INFINITY if len(calls) == room else 300
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return update(*arguments)
train.update = updated
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit on this system")
@pytest.mark.parametrize("room", [12, 1000])
def test_a_full_disk_costs_no_work(data_dir: Path, tmp_path: Path, room: int) -> None:
    """From the seventh step on no file can grow beyond 300 bytes, to the twelfth step or to the end."""
    straight, full = tmp_path / "straight", tmp_path / "full"
    flags = [*TINY, "--steps", "15", "--data-dir", str(data_dir)]
    assert main([*flags, "--out", str(straight)]) == 0
    first = f"full, room = 7, {room}\n{FULL}"
    with child(data_dir, *flags, "--out", str(full), first=first) as process:
        text = process.communicate(timeout=120)[1]
    assert "File too large" in text
    assert "saving is tried again" in text
    assert "Traceback" not in text
    assert not list(full.rglob("*.part"))
    if room == 12:
        assert process.returncode == 0
        assert "step 12 is saved" in text
        assert_same(checkpoint.newest(straight)[0], checkpoint.newest(full)[0])
        steps = [json.loads(line)["step"] for line in (full / "metrics.jsonl").read_text().splitlines()]
        assert steps == [2, 4, 6, 8, 10, 12, 14, 15]
    else:
        assert process.returncode == 1
        assert text.splitlines()[-1].startswith("infogan-train: cannot write")
        assert checkpoint.newest(full)[0]["step"] == 5


KILLED = """
import os, signal
real, calls = os.{call}, []
def killing(*arguments, **keywords):
    calls.append(1)
    if len(calls) == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **keywords)
os.{call} = killing
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize(("call", "number"), [("fsync", 7), ("fsync", 9), ("chmod", 5), ("replace", 6)])
def test_a_killed_run_goes_on_as_if_nothing_had_been(data_dir: Path, tmp_path: Path, call: str, number: int) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    flags = [*TINY, "--steps", "12", "--data-dir", str(data_dir)]
    assert main([*flags, "--out", str(straight)]) == 0
    first = KILLED.format(call=call, number=number)
    with child(data_dir, *flags, "--out", str(killed), first=first) as process:
        process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    before = [step for step, _ in checkpoint.numbered(killed)]
    assert before
    assert before[-1] < 12
    assert main(["--resume", str(killed), "--data-dir", str(data_dir), "--steps", "12"]) == 0
    assert_same(checkpoint.newest(straight)[0], checkpoint.newest(killed)[0])
    assert not list(killed.rglob("*.part"))
