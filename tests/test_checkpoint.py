"""Checkpoints: what is kept, what is refused, what is fallen back on."""

import errno
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from infogan.trainer import checkpoint
from infogan.trainer.checkpoint import CheckpointError, DamagedCheckpointError
from infogan.trainer.errors import UserError


def state(step: int) -> checkpoint.State:
    return {"step": step, "weights": torch.arange(1000.0) + step}


def names(run: Path) -> list[str]:
    return sorted(path.name for path in checkpoint.folder(run).iterdir())


def test_round_trip(tmp_path: Path) -> None:
    path = checkpoint.save(tmp_path, state(7), best=False)
    assert path.name == "step-00000007.pt"
    read = checkpoint.read(path)
    assert read["step"] == 7
    assert torch.equal(read["weights"], state(7)["weights"])


def test_the_newest_two_and_the_best_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3, 4):
        checkpoint.save(tmp_path, state(step), best=step == 2)
    assert names(tmp_path) == ["best.pt", "step-00000003.pt", "step-00000004.pt"]
    assert checkpoint.read(checkpoint.folder(tmp_path) / "best.pt")["step"] == 2
    assert checkpoint.newest(tmp_path)[0]["step"] == 4


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "garbage"])
def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_is_used(tmp_path: Path, damage: str) -> None:
    checkpoint.save(tmp_path, state(1), best=True)
    path = checkpoint.save(tmp_path, state(2), best=False)
    good = path.read_bytes()
    middle = len(good) // 2
    path.write_bytes(
        {
            "flip": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
            "truncate": good[:middle],
            "empty": b"",
            "garbage": b"\x80\x02garbage" * 100,
        }[damage]
    )
    read, warnings = checkpoint.newest(tmp_path)
    assert read["step"] == 1
    assert len(warnings) == 1
    assert str(path) in warnings[0]
    assert names(tmp_path) == ["best.pt", "step-00000001.pt", "step-00000002.pt.corrupt"]


def test_when_nothing_is_left_that_is_said(tmp_path: Path) -> None:
    path = checkpoint.save(tmp_path, state(1), best=False)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="no usable checkpoint"):
        checkpoint.newest(tmp_path)


def test_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = checkpoint.save(tmp_path, state(1), best=False)
    path.write_bytes(path.read_bytes().replace(b"infogan-checkpoint 2 ", b"infogan-checkpoint 9 ", 1))
    with pytest.raises(CheckpointError, match="version 9, this program reads version 2"):
        checkpoint.newest(tmp_path)
    assert path.exists()


def test_a_foreign_pickle_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    torch.save({"step": 1}, path)
    with pytest.raises(DamagedCheckpointError, match="not an infogan checkpoint"):
        checkpoint.read(path)


def test_any_damage_is_detected(tmp_path: Path) -> None:
    """Cut at two hundred places, and with one byte changed at five hundred."""
    path, rng = checkpoint.save(tmp_path, state(1), best=False), random.Random(0)
    good = path.read_bytes()
    damaged = [good[: len(good) * part // 200] for part in range(200)]
    for _ in range(500):
        place = rng.choice([rng.randrange(len(good)), rng.randrange(100)])
        damaged.append(good[:place] + bytes([good[place] ^ rng.randrange(1, 256)]) + good[place + 1 :])
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(CheckpointError):
            checkpoint.read(path)


ASKED = {  # what a save asks of the system
    "tempfile.mkstemp": tempfile.mkstemp,
    "os.fdopen": os.fdopen,
    "os.fsync": os.fsync,
    "os.open": os.open,
    "pathlib.Path.chmod": Path.chmod,
    "pathlib.Path.replace": Path.replace,
    "pathlib.Path.unlink": Path.unlink,
}


class Faults:
    """Lets one call fail, counted over everything that a save asks of the system.

    Attributes:
        calls: how many there were so far.
    """

    def __init__(self, patch: pytest.MonkeyPatch, failing: int, number: int) -> None:
        self.calls, self._failing, self._number = 0, failing, number
        for target, function in ASKED.items():
            patch.setattr(target, self._counted(function))

    def _counted(self, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **keywords: object) -> object:
            self.calls += 1
            if self.calls == self._failing:
                raise OSError(self._number, os.strerror(self._number))
            return function(*arguments, **keywords)

        return counted


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_whichever_step_of_a_save_fails_there_is_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The first step fails, then the second, and so on until a save has fewer steps."""
    failing, whole = 0, False
    while not whole:
        failing += 1
        run = tmp_path / str(failing)
        for step in (1, 2, 3):
            checkpoint.save(run, state(step), best=True)
        with monkeypatch.context() as patch:
            faults = Faults(patch, failing, number)
            try:
                checkpoint.save(run, state(4), best=True)
                whole = faults.calls < failing
            except UserError as error:
                assert os.strerror(number) in str(error)  # noqa: PT017 - not every fault is one of the save
        read, warnings = checkpoint.newest(run)
        assert (read["step"] in (3, 4), warnings) == (True, [])
        assert checkpoint.read(checkpoint.folder(run) / checkpoint.BEST)["step"] in (3, 4)
        assert all(name.endswith(".pt") for name in names(run))
    assert failing > 12


def test_what_torch_writes_in_two_ways_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save(tmp_path, state(1), best=True)
    save, calls = torch.save, iter(range(2))
    monkeypatch.setattr(torch, "save", lambda _, file: save(state(next(calls)), file))
    with pytest.raises(UserError, match="was not kept"):
        checkpoint.save(tmp_path, state(2), best=True)
    assert names(tmp_path) == ["best.pt", "step-00000001.pt"]
    assert checkpoint.newest(tmp_path)[0]["step"] == 1


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no file size limit on this system")
@pytest.mark.parametrize(("room", "weights"), [(2000, 1000), (500_000, 300_000)])
def test_a_disk_that_is_really_full(tmp_path: Path, room: int, weights: int) -> None:
    """In a child process whose files may not grow beyond some bytes: torch notices, or what flushes the file."""
    checkpoint.save(tmp_path, state(1), best=False)
    code = f"""
import resource, signal, sys, torch
from pathlib import Path
from infogan.trainer import checkpoint
from infogan.trainer.errors import UserError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
try:
    checkpoint.save(Path({str(tmp_path)!r}), {{"step": 2, "weights": torch.zeros({weights})}}, best=False)
except UserError as error:
    sys.exit(7 if "step-00000002.pt: File too large" in str(error) else 1)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7
    assert names(tmp_path) == ["step-00000001.pt"]


def test_later_checkpoints_are_set_aside(tmp_path: Path) -> None:
    for step in (1, 2):
        checkpoint.save(tmp_path, state(step), best=True)
    assert checkpoint.set_aside_later(tmp_path, 1) == ["step-00000002.pt", "best.pt"]
    assert names(tmp_path) == ["best.pt", "best.pt.superseded", "step-00000001.pt", "step-00000002.pt.superseded"]
    assert checkpoint.read(checkpoint.folder(tmp_path) / checkpoint.BEST)["step"] == 1
    assert checkpoint.set_aside_later(tmp_path, 1) == []


def test_contents_that_cannot_be_unpickled_are_explained(tmp_path: Path) -> None:
    payload = b"no archive at all"
    path = tmp_path / "step-00000001.pt"
    path.write_bytes(f"infogan-checkpoint 2 {hashlib.sha256(payload).hexdigest()} {len(payload)}\n".encode() + payload)
    with pytest.raises(CheckpointError, match="more than plain tensors"):
        checkpoint.read(path)
