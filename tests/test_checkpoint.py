"""Checkpoints: what is kept, what is refused, what is fallen back on."""

import errno
import hashlib
import os
import resource
import subprocess
import sys
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


@pytest.mark.parametrize("failing", ["fsync", "mkstemp", "replace"])
def test_a_failed_save_leaves_the_old_one_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    checkpoint.save(tmp_path, state(1), best=True)
    before = names(tmp_path)

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    target = {"fsync": "os.fsync", "mkstemp": "tempfile.mkstemp", "replace": "pathlib.Path.replace"}[failing]
    with monkeypatch.context() as patch:
        patch.setattr(target, fail)
        with pytest.raises(UserError, match=r"step-00000002.pt: No space left on device"):
            checkpoint.save(tmp_path, state(2), best=True)
    assert names(tmp_path) == before
    assert checkpoint.newest(tmp_path)[0]["step"] == 1


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no file size limit on this system")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """In a child process whose files may not grow beyond a few kilobytes."""
    checkpoint.save(tmp_path, state(1), best=False)
    code = f"""
import resource, signal, sys, torch
from pathlib import Path
from infogan.trainer import checkpoint
from infogan.trainer.errors import UserError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    checkpoint.save(Path({str(tmp_path)!r}), {{"step": 2, "weights": torch.zeros(1000)}}, best=False)
except UserError as error:
    sys.exit(7 if "step-00000002.pt: File too large" in str(error) else 1)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7
    assert names(tmp_path) == ["step-00000001.pt"]


def test_later_checkpoints_are_set_aside(tmp_path: Path) -> None:
    for step in (1, 2):
        checkpoint.save(tmp_path, state(step), best=True)
    checkpoint.set_aside_later(tmp_path, 1)
    assert names(tmp_path) == ["best.pt.superseded", "step-00000001.pt", "step-00000002.pt.superseded"]


def test_contents_that_cannot_be_unpickled_are_explained(tmp_path: Path) -> None:
    payload = b"no archive at all"
    path = tmp_path / "step-00000001.pt"
    path.write_bytes(f"infogan-checkpoint 2 {hashlib.sha256(payload).hexdigest()} {len(payload)}\n".encode() + payload)
    with pytest.raises(CheckpointError, match="more than plain tensors"):
        checkpoint.read(path)
