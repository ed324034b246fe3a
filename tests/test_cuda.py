"""Training on a GPU: the same code, and a run that a CPU can read, export and go on with."""

import contextlib
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from infogan.export.package import in_memory
from infogan.trainer import checkpoint, game
from infogan.trainer import state as state_module
from infogan.trainer.adam import Adam
from infogan.trainer.augment import Change
from infogan.trainer.cli import main as infogan_train
from infogan.trainer.game import update
from infogan.trainer.recipes import defaults
from infogan.trainer.state import TrainingState
from tiny import TINY

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that torch can use")


@needs_gpu
def test_a_run_on_a_gpu_is_one_for_everyone(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = [*TINY, "--data-dir", str(data_dir), "--out", str(tmp_path / "run"), "--cluster-steps", "4"]
    flags += ["--cluster-batch-size", "16", "--encoder-steps", "4", "--device", "cuda"]
    assert infogan_train([*flags, "--steps", "8"]) == 0
    state, _ = checkpoint.newest(tmp_path / "run")
    assert all(np.isfinite(value) for row in state["history"] for value in row.values())
    assert all(tensor.device.type == "cpu" for tensor in state["model"].values())
    bundle = in_memory(state, checkpoint.config_of(state), "gpu")
    z, c = bundle.latents.sample(np.random.default_rng(0), 4)
    assert np.isfinite(bundle.generate(z, c)).all()
    assert infogan_train(["--resume", str(tmp_path / "run"), "--steps", "10"]) == 0


@needs_gpu
def test_the_gradients_are_those_of_the_cpu() -> None:
    images = np.random.default_rng(0).integers(256, size=(32, 1, 28, 28), dtype=np.uint8)
    config = defaults("poster", "cnn", "mnist")
    config = type(config).from_json({**config.to_json(), "channels": 8, "hidden": 32, "batch_size": 32})
    found = {}
    for device in ("cpu", "cuda"):
        state = TrainingState(config, images, torch.device(device))
        for optimizer in (state.d_optimizer, state.g_optimizer):  # they would let go of the gradients
            optimizer.step = optimizer.zero_grad = lambda: None
        update(state, state.next_batch(), "fp32")
        found[device] = {name: p.grad.cpu() for name, p in state.model.named_parameters()}
    for name, expected in found["cpu"].items():
        size = float(expected.abs().max())
        torch.testing.assert_close(found["cuda"][name], expected, rtol=0, atol=0.02 * size, msg=name)


@pytest.mark.parametrize("recipe", ["poster", "robust"])
def test_nothing_of_a_step_stays_behind_on_the_cpu(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On torch's device without numbers, which any machine has: most operators refuse what is on two devices."""
    meta = torch.device("meta")
    images = np.zeros((32, 1, 28, 28), np.uint8)
    config = dataclasses.replace(defaults(recipe, "cnn", "mnist"), channels=4, hidden=16, batch_size=16)
    monkeypatch.setattr(game, "autocast", lambda *arguments: contextlib.nullcontext())
    measured = torch.zeros(16, 2, device=meta)
    monkeypatch.setattr(game, "change", lambda real, *arguments: Change(real, measured, measured))
    monkeypatch.setattr(state_module, "Adam", lambda *groups, fused, **settings: Adam(*groups, **settings))
    state = TrainingState(config, images, meta)
    state.step = config.steps_before_game
    terms = update(state, state.next_batch(), "fp32")
    assert {"d_loss", "g_loss", "mi_total"} <= terms.keys()
    assert {term.device for term in terms.values()} == {meta}
