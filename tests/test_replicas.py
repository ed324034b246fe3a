"""Several processes train one run: torchrun starts them, DistributedDataParallel averages their gradients."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import replicated
from infogan.trainer import checkpoint
from infogan.trainer.cli import main as infogan_train
from tiny import TINY, assert_same, digits

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
SCRIPT = Path(replicated.__file__)
FLAGS = [
    *TINY[2:],
    "--device",
    "cpu",
    "--dataset",
    "folder",
    "--image-size",
    "28",
    "--trunk-norm",
    "batch",
    "--seed",
    "3",
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number, image in enumerate(digits(np.random.default_rng(0), 60)[0]):
        Image.fromarray(image).save(folder / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def straight(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes that nothing stopped: clustering, the game, the encoder."""
    run = tmp_path_factory.mktemp("runs") / "straight"
    done = torchrun("-m", "infogan.trainer", *flags(pictures, run))
    assert done.returncode == 0, done.stderr
    assert "by 2 processes that share each batch of 16" in done.stderr
    assert done.stderr.count("done: step 20") == 1  # one of them speaks
    return run


def flags(pictures: Path, run: Path, steps: int = 12, encoder_steps: int = 4) -> list[str]:
    """The last of a flag counts: four steps of clustering within ``steps``, then the encoder."""
    phases = ["--cluster-steps", "4", "--cluster-batch-size", "16", "--encoder-steps", str(encoder_steps)]
    return [*FLAGS, "--data-dir", str(pictures), "--out", str(run), "--steps", str(steps), *phases]


def torchrun(*arguments: str, restarts: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*launcher(restarts), *arguments], capture_output=True, text=True, timeout=300, check=False)


def launcher(restarts: int) -> list[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return [*command, "--max-restarts", str(restarts), "--monitor-interval", "0.1"]


def newest(run: Path) -> checkpoint.State:
    state, warnings = checkpoint.newest(run)
    assert not warnings
    return state


def test_a_resumed_run_ends_with_the_same_bits(straight: Path, pictures: Path, tmp_path: Path) -> None:
    run = tmp_path / "stopped"
    assert torchrun("-m", "infogan.trainer", *flags(pictures, run, 8, 0)).returncode == 0
    assert torchrun("-m", "infogan.trainer", *flags(pictures, run), "--resume", str(run)).returncode == 0
    assert_same(newest(run), newest(straight))


def test_a_lost_process_ends_the_job_and_torchrun_goes_on(straight: Path, pictures: Path, tmp_path: Path) -> None:
    lost = torchrun(str(SCRIPT), "train", *flags(pictures, tmp_path / "lost"))
    assert lost.returncode == 1
    assert "another process of this run is gone, and may have said why; checkpoints that were complete" in lost.stderr
    assert 0 < newest(tmp_path / "lost")["step"] <= replicated.KILLED_AT

    again = torchrun(str(SCRIPT), "train", *flags(pictures, tmp_path / "again"), restarts=1)
    assert again.returncode == 0, again.stderr
    assert_same(newest(tmp_path / "again"), newest(straight))


def test_another_number_of_processes_is_refused(
    straight: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert infogan_train(["--resume", str(straight), "--steps", "20"]) == 1
    said = capsys.readouterr().err
    assert "was trained by 2 processes, now there is 1; go on with as many as before, under torchrun" in said


def test_a_batch_that_cannot_be_shared_is_refused(pictures: Path, tmp_path: Path) -> None:
    done = torchrun("-m", "infogan.trainer", *flags(pictures, tmp_path / "run"), "--batch-size", "15")
    assert done.returncode == 1
    assert "--batch-size 15 is shared by 2 processes; give a multiple of 2, 8 or more" in done.stderr


def test_torchrun_does_not_go_on_with_a_run_that_it_did_not_begin(straight: Path, pictures: Path) -> None:
    before = newest(straight)["step"]
    done = torchrun("-m", "infogan.trainer", *flags(pictures, straight, 20), restarts=1)
    assert done.returncode == 1
    assert f"{straight} exists; choose another --out" in done.stderr
    assert newest(straight)["step"] == before


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_signal_to_torchrun_lets_all_finish_a_step_and_one_save(pictures: Path, tmp_path: Path) -> None:
    run = tmp_path / "stopped"
    command = [*launcher(0), "-m", "infogan.trainer", *flags(pictures, run, 5000)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(900):
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"torchrun ended: {process.wait(0.1)}")
            if checkpoint.numbered(run):
                break
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
    assert "and saved; go on with: " in said
    assert "--nproc-per-node 2 -m infogan.trainer --resume" in said
    assert f"stopped at step {newest(run)['step']} of" in said


def test_two_halves_have_the_gradient_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"import sys, torch; sys.path.insert(0, {str(SCRIPT.parent)!r}); import replicated; "
    code += f"torch.save(replicated.gradients(), {str(tmp_path / 'whole.pt')!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert torchrun(str(SCRIPT), "gradients", str(tmp_path / "halves.pt")).returncode == 0
    whole, halves = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("whole", "halves"))
    assert whole.keys() == halves.keys()
    assert {name.split()[0] for name in whole} == {"d", "g"}
    for name, gradient in whole.items():
        assert gradient.abs().max() > 0, name
        torch.testing.assert_close(halves[name], gradient, rtol=1e-4, atol=1e-7)
