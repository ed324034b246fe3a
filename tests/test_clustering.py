"""The phase before the game, through the state and through the command."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from infogan.trainer import checkpoint, clustering, metrics
from infogan.trainer.cli import main
from infogan.trainer.clustering import Clustering, first_teaching_step
from infogan.trainer.config import TrainConfig
from infogan.trainer.state import TrainingState
from tiny import TINY

SMALL = {
    "channels": 8,
    "hidden": 256,
    "categorical": (3,),
    "clusters": 12,
    "cluster_heads": 2,
    "cluster_batch_size": 64,
    "cluster_lr": 1e-3,
    "q_lr": 1e-3,
    "d_lr": 2e-4,
}


def shapes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """28x28 pictures of a bar, a ring or a cross, each moved and dimmed a little."""
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=n)
    y, x = np.mgrid[:28, :28][:, None] - 13.5 - rng.uniform(-2, 2, (2, n, 1, 1))
    ring, cross = abs(np.hypot(x, y) - 8) < 1.5, (abs(abs(x) - abs(y)) < 2) & (abs(x) < 8)
    kinds = np.stack(((abs(x) < 2) & (abs(y) < 9), ring, cross))
    ink = kinds[labels, np.arange(n)] * rng.uniform(180, 255, (n, 1, 1))
    return ink.astype(np.uint8), labels


def clustered(**settings: object) -> tuple[TrainingState, np.ndarray, np.ndarray]:
    """The state after the whole phase."""
    images, labels = shapes(640)
    config = TrainConfig(**{**SMALL, "cluster_steps": 150, **settings})
    state = TrainingState(config, images[:, None], torch.device("cpu"))
    phase = Clustering(state, "fp32")
    while state.step < config.cluster_steps:
        state.set_learning_rates(config.cluster_steps)
        phase.update()
        state.step += 1
    return state, images, labels


def test_q_begins_the_game_with_categories_that_mean_something() -> None:
    """No label was seen, and yet a category stands for a label."""
    state, images, labels = clustered()
    model = state.model.eval()
    with torch.inference_mode():
        features = model.trunk(torch.from_numpy(images[:, None]).float() / 255)
        found = model.q_head(features).logits[:, :3].argmax(1).numpy()
    counts = metrics.confusion(found, labels, 3, 3)
    assert metrics.accuracy(found, labels, metrics.one_to_one(counts)) > 0.9


def test_what_q_learns_does_not_reach_the_trunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing to gain from clustering, only Q's layers move in the last part of the phase."""
    images, _ = shapes(128)
    state = TrainingState(TrainConfig(**{**SMALL, "cluster_steps": 4}), images[:, None], torch.device("cpu"))
    phase = Clustering(state, "fp32")
    monkeypatch.setattr(clustering, "heads_information", lambda first, second: 0 * first.sum())
    state.step = first_teaching_step(state.config)
    before = {name: value.clone() for name, value in state.model.named_parameters()}
    phase.update()
    moved = {
        name.split(".")[0] for name, value in state.model.named_parameters() if not torch.equal(value, before[name])
    }
    assert moved == {"q_head"}


def test_the_learning_rates_change_with_the_phase_and_fall_at_the_end() -> None:
    images, _ = shapes(128)  # 4 batches an epoch
    changed = {"cluster_steps": 2, "decay_epochs": 0.5, "g_lr": 3e-4, "q_lr": 2e-4, "batch_size": 32}
    config = TrainConfig(**{**SMALL, **changed})
    state = TrainingState(config, images[:, None], torch.device("cpu"))
    rates = []
    for step in (0, 2, 8, 9):
        state.step = step
        state.set_learning_rates(game_ends=10)
        groups = [*state.d_optimizer.param_groups, *state.g_optimizer.param_groups]
        rates.append([group["lr"] for group in groups])
    full = [config.d_lr, 2e-4, 3e-4]
    assert rates == [[1e-3, 2e-4, 3e-4], full, full, pytest.approx([rate / 2 for rate in full])]


@pytest.mark.parametrize("flags", [["--categorical"], ["--categorical", "30"], ["--categorical", "3", "2"]])
def test_any_latent_space_clusters(flags: list[str], data_dir: Path, tmp_path: Path) -> None:
    """No categorical code, one with more classes than there are clusters, two."""
    run = tmp_path / "run"
    settings = [*TINY, "--cluster-steps", "4", "--cluster-batch-size", "32", "--steps", "2", *flags]
    assert main([*settings, "--data-dir", str(data_dir), "--out", str(run)]) == 0
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4, 6]
    assert "cluster_iic" in rows[0]
    assert "d_loss" not in rows[0]
    assert "d_loss" in rows[2]


def test_the_last_step_teaches_however_short_the_phase() -> None:
    assert [first_teaching_step(TrainConfig(cluster_steps=steps)) for steps in (1, 2, 3, 10)] == [0, 1, 2, 8]


def test_shares_of_groups_sum_to_one_in_any_precision() -> None:
    """Products in bf16 would round them."""
    state = TrainingState(TrainConfig(**SMALL), shapes(128)[0][:, None], torch.device("cpu"))
    heads = state.model.cluster_heads
    assert heads is not None
    with torch.autocast("cpu", torch.bfloat16):
        shares = heads.group_shares(torch.randn(50, 2, 12), 3)
    assert shares.dtype == torch.float32
    assert torch.allclose(shares.sum(1), torch.ones(50), atol=1e-6)


def test_the_phase_comes_before_the_epochs(data_dir: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    settings = [*TINY, "--cluster-steps", "3", "--cluster-batch-size", "32", "--epochs", "1"]
    assert main([*settings, "--data-dir", str(data_dir), "--out", str(run)]) == 0
    state, _ = checkpoint.newest(run)
    assert state["step"] == 3 + 5
    assert state["batches"] == {"epoch": 1, "index": 0}
    assert first_teaching_step(checkpoint.config_of(state)) == 2
