"""Training on a GPU: the same code, and a run that a CPU can read, export and go on with."""

from pathlib import Path

import numpy as np
import pytest
import torch

from infogan.export.package import in_memory
from infogan.trainer import checkpoint
from infogan.trainer.cli import main as infogan_train
from infogan.trainer.game import update
from infogan.trainer.recipes import defaults
from infogan.trainer.state import TrainingState
from tiny import TINY

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that torch can use")


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
