"""What is said to help GANs: each does what its source says, and each goes together with resume and export."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from infogan.export.bundle import Bundle
from infogan.export.cli import main as export_main
from infogan.export.container import CARD, read_members
from infogan.export.convert import convert
from infogan.trainer import augment, checkpoint, data, game, metrics
from infogan.trainer.cli import main
from infogan.trainer.clustering import Clustering
from infogan.trainer.config import TrainConfig
from infogan.trainer.data import Pictures
from infogan.trainer.discriminator import (
    DEVIATION_SCALE,
    BatchDeviation,
    MinibatchDiscrimination,
    Pack,
    discriminator_head,
)
from infogan.trainer.errors import UserError
from infogan.trainer.labels import draw_labelled
from infogan.trainer.losses import discriminator_loss, feature_matching_loss
from infogan.trainer.state import TrainingState, trained_model
from tiny import TINY, assert_same, digits, interrupt_after

SMALL = {"channels": 4, "hidden": 16, "batch_size": 16, "cluster_steps": 0, "cluster_weight": 0.0}


def new_state(**settings: object) -> tuple[TrainingState, np.ndarray]:
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    return TrainingState(TrainConfig(**{**SMALL, **settings}), images, torch.device("cpu")), images


def moved(state: TrainingState, images: np.ndarray) -> set[str]:
    """Which of the networks' parts an update changes."""
    before = {name: value.clone() for name, value in state.model.named_parameters()}
    game.update(state, images, "fp32")
    state.step += 1
    changed = [name for name, value in state.model.named_parameters() if not torch.equal(value, before[name])]
    return {name.split(".")[0] for name in changed}


def test_smoothed_labels_are_targets_below_one() -> None:
    real, fake = torch.randn(7, 1), torch.randn(7, 1)
    expected = F.binary_cross_entropy_with_logits(real, torch.full((7, 1), 0.9))
    expected = expected + F.binary_cross_entropy_with_logits(fake, torch.zeros(7, 1))
    assert discriminator_loss(real, fake, 0.1).item() == pytest.approx(expected.item(), rel=1e-6)
    (plain, _), (smoothed, images) = new_state(recipe="poster"), new_state(recipe="poster", label_smoothing=0.3)
    with torch.no_grad():  # of the batch that is to come, in the order in which D sees it
        verdicts = plain.model.d_head(plain.model.trunk(torch.from_numpy(images).float() / 255))
    losses = [float(game.update(state, images, "fp32")["d_loss"]) for state in (plain, smoothed)]
    assert losses[1] - losses[0] == pytest.approx(0.3 * float(verdicts.mean()), abs=1e-5)


def test_feature_matching_by_hand() -> None:
    real, fake = torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 3.0]])
    assert feature_matching_loss(real, fake).item() == 8


def test_real_pictures_are_a_target_that_g_cannot_move() -> None:
    """Not through the statistics of a batch either, which real and generated pictures share in this loss."""
    real, fake = (torch.randn(6, 3, requires_grad=True) for _ in range(2))
    feature_matching_loss(real, fake).backward()
    assert real.grad is None
    assert fake.grad is not None


@pytest.mark.parametrize("loss", ["feature-matching", "non-saturating"])
def test_d_learns_the_features_that_g_matches(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the same statistics of the batch as G's loss looks at them."""
    calls = []
    beside = game._side_by_side
    monkeypatch.setattr(game, "_side_by_side", lambda *parts: calls.append(1) or beside(*parts))
    state, images = new_state(generator_loss=loss)
    game.update(state, images, "fp32")
    assert len(calls) == (2 if loss == "feature-matching" else 0)


def test_with_feature_matching_g_does_not_ask_for_d_s_verdict() -> None:
    gradients = []
    for verdict in (1.0, -5.0):
        state, images = new_state(generator_loss="feature-matching", d_lr=1e-12, lambda_discrete=0.0)
        state.model.d_head.weight.data.fill_(verdict)
        last = state.model.generator[-1].weight

        def step(last: torch.nn.Parameter = last) -> None:
            assert last.grad is not None
            gradients.append(last.grad.clone())

        state.g_optimizer.step = step
        game.update(state, images, "fp32")
    assert gradients[0].abs().max() > 0
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-3, atol=1e-8)


def test_minibatch_discrimination_by_hand() -> None:
    """One kernel of which only the first dimension counts: distances 0, 1 and 3."""
    layer = MinibatchDiscrimination(2, 1)
    layer.tensor.weight.data.zero_()
    layer.tensor.weight.data[0, 0] = 1
    features = torch.tensor([[0.0, 5.0], [1.0, 6.0], [3.0, 7.0]])
    out = layer(features)
    assert torch.equal(out[:, :2], features)
    e = [float(np.exp(-distance)) for distance in range(4)]
    assert out[:, 2].tolist() == pytest.approx([1 + e[1] + e[3], 1 + e[1] + e[2], 1 + e[2] + e[3]], rel=1e-6)


def test_d_sees_with_it_that_a_batch_repeats_itself() -> None:
    torch.manual_seed(0)
    head = discriminator_head(8, 0.1, kernels=3)
    varied = torch.randn(6, 8)
    repeated = varied[:1].repeat(6, 1)
    assert not torch.allclose(head(varied)[0], head(repeated)[0])
    plain = discriminator_head(8, 0.1)
    assert torch.allclose(plain(varied)[0], plain(repeated)[0])


def test_the_deviation_of_a_batch_by_hand() -> None:
    features = torch.tensor([[1.0, 0.0], [3.0, 4.0]])  # standard deviations 1 and 2, 1.5 on average
    seen = BatchDeviation()(features)
    assert torch.equal(seen[:, :2], features)
    assert torch.allclose(seen[:, 2], torch.full((2,), 1.5 * DEVIATION_SCALE))
    assert BatchDeviation()(features[:1].repeat(4, 1))[:, 2].max() < 1e-3
    assert discriminator_head(2, 0.1, deviation=True)(features).shape == (2, 1)
    assert discriminator_head(2, 0.1, packing=2, kernels=3, deviation=True)(features).shape == (1, 1)


@pytest.mark.parametrize("network", ["cnn", "mlp"])
def test_a_batch_without_variety_or_light_looks_it(network: str) -> None:
    """Batch normalisation of each batch by itself would hide both from D's features."""
    torch.manual_seed(0)
    state, images = new_state(network=network, hidden=64, minibatch_kernels=8)
    real = torch.from_numpy(np.concatenate([images] * 4)).float() / 255
    dark, alike = 0.3 * real, real[:1] + 0.02 * torch.rand_like(real)
    model = state.model
    floor = feature_matching_loss(*game._side_by_side(model, real, real[torch.randperm(len(real))]))
    assert feature_matching_loss(*game._side_by_side(model, real, dark)) > 100 * floor + 0.1
    varied, repeated = game._side_by_side(model, real, alike)
    nearness = [model.d_head[0](features)[:, -8:].mean().item() for features in (varied, repeated)]
    assert nearness[1] > nearness[0] + 1


def test_packs_of_real_pictures_are_drawn_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches come in the order of the data set, which may be by class."""
    state, images = new_state(packing=2)
    seen = []
    monkeypatch.setattr(game, "_update_discriminator", lambda state, real, *rest: seen.append(real) or {})
    monkeypatch.setattr(game, "_update_generator", lambda *rest: {})
    game.update(state, images, "fp32")
    given = torch.from_numpy(images).float() / 255
    assert not torch.equal(seen[0], given)
    assert torch.equal(seen[0].sum((1, 2, 3)).sort().values, given.sum((1, 2, 3)).sort().values)


def test_packed_pictures_get_one_verdict() -> None:
    torch.manual_seed(0)
    assert Pack(2)(torch.arange(8).reshape(4, 2)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    head, features = discriminator_head(8, 0.1, packing=2), torch.randn(6, 8)
    assert head(features).shape == (3, 1)
    companions = features[[0, 3, 2, 1, 4, 5]]
    assert not torch.allclose(head(features)[0], head(companions)[0])


def test_g_waits_for_d() -> None:
    state, images = new_state(d_steps=3)
    assert ["generator" in moved(state, images) for _ in range(6)] == [False, False, True, False, False, True]


def test_d_goes_ahead_alone() -> None:
    state, images = new_state(pretrain_d_steps=30, d_lr=0.01)
    losses = []
    for _ in range(30):
        losses.append(float(game.update(state, state.next_batch(), "fp32")["d_loss"]))
        state.step += 1
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.3
    assert state.batches.epoch == state.batches.index == 0  # epochs count from the game on
    assert "generator" in moved(state, images)


def test_labelled_pictures_are_drawn_evenly_by_the_seed() -> None:
    images, labels = digits(np.random.default_rng(0), 300)
    pictures = Pictures(images[:, None], labels, "")
    drawn = [draw_labelled(pictures, TrainConfig(labels=30, seed=seed)) for seed in (0, 0, 1)]
    for part in drawn:
        assert part is not None
        assert np.bincount(part[1]).tolist() == [3] * 10
        columns = part[0][:, 0].argmax(2).max(1)  # the bar begins at column 3 + 2 * label
        assert (columns == 3 + 2 * part[1].astype(int)).all()
    assert (drawn[0][0] == drawn[1][0]).all()  # type: ignore[index]
    assert (drawn[0][0] != drawn[2][0]).any()  # type: ignore[index]
    assert draw_labelled(pictures, TrainConfig()) is None


@pytest.mark.parametrize(
    ("labels", "categorical", "there", "expected"),
    [
        (25, (10,), True, "multiple of mnist's 10 classes"),
        (100_000, (10,), True, "at most"),
        (10, (), True, "--categorical 10"),
        (10, (4,), True, "--categorical 10"),
        (10, (10,), False, "has no labels"),
    ],
)
def test_labels_that_cannot_be(labels: int, categorical: tuple[int, ...], there: bool, expected: str) -> None:
    images, known = digits(np.random.default_rng(0), 300)
    pictures = Pictures(images[:, None], known if there else None, "")
    with pytest.raises(UserError, match=expected):
        draw_labelled(pictures, TrainConfig(labels=labels, categorical=categorical))


@pytest.mark.parametrize(("numbered", "apart"), [(60, 1), (59, 2), (20, 3)])
def test_clusters_take_the_numbers_of_the_labels_that_they_meet(
    numbered: int, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One to one, and so that as many as possible of the pictures that it looks at are in the group of their label."""
    monkeypatch.setattr("infogan.trainer.clustering._NUMBERED", numbered)
    images, labels = digits(np.random.default_rng(0), 60)
    settings = {**SMALL, "cluster_steps": 3, "cluster_batch_size": 32, "clusters": 20, "cluster_heads": 2}
    labelled = images[:, None], labels
    state = TrainingState(TrainConfig(**settings), images[:, None], torch.device("cpu"), labelled)
    heads = state.model.cluster_heads
    assert heads is not None
    heads.groups.copy_(torch.arange(20).remainder(10).expand(2, 20))
    heads.linear.weight.data.mul_(100)  # so that the features of untrained layers decide

    def groups() -> np.ndarray:
        with torch.inference_mode():
            features = state.model.trunk.eval()(torch.from_numpy(images[:, None]).float() / 255)
            return heads.group_shares(heads(features), 10).argmax(1).numpy()

    before = metrics.confusion(groups()[::apart], labels[::apart], 10, 10)
    best = before[np.arange(10), metrics.one_to_one(before)].sum()
    assert before.trace() < best
    Clustering(state, "fp32")._number_as_labels(10)
    assert metrics.confusion(groups()[::apart], labels[::apart], 10, 10).trace() == best
    assert sorted(set(heads.groups[0].tolist())) == list(range(10))


@pytest.mark.parametrize("clustering", ["0", "20"])
def test_the_first_code_takes_the_labels_numbers(clustering: str, data_dir: Path, tmp_path: Path) -> None:
    """With clustering before the game and without."""
    run = tmp_path / "run"
    flags = ["--labels", "20", "--steps", "80", "--cluster-steps", clustering, "--cluster-batch-size", "32"]
    wide = ["--channels", "8", "--hidden", "64", "--clusters", "20", "--d-lr", "0.003", "--q-lr", "0.01"]
    assert main([*TINY, *wide, "--data-dir", str(data_dir), "--out", str(run), *flags]) == 0
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["labels"] < 0.5 * np.log(10)
    output = tmp_path / "m.infogan"
    assert export_main([str(run), "-o", str(output)]) == 0
    train = data.load("tiny", data_dir, "train")
    found = Bundle.open(output).infer(train.images.astype(np.float32) / 255).probs["c1"].argmax(1)
    assert (found == train.labels).mean() > 0.6
    assert "20 labels were used in training." in read_members(output)[CARD].decode()


def test_mode_seeking_compares_pictures_of_the_same_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second half of a batch repeats the codes of the first; noise is drawn anew; G learns to heed it."""
    state, images = new_state(recipe="poster", mode_seeking=1.0)
    made = []
    generate = type(state.model).generate
    monkeypatch.setattr(type(state.model), "generate", lambda self, z, c: made.append((z, c)) or generate(self, z, c))
    first = game.update(state, images, "fp32")["mode_seeking"]
    ((z, c),) = made
    assert torch.equal(c[:8], c[8:])
    assert not torch.equal(z[:8], z[8:])
    assert len(c[:8].unique(dim=0)) > 1
    for _ in range(20):
        last = game.update(state, images, "fp32")["mode_seeking"]
    assert last < 0.9 * first


def test_d_sees_deformed_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other ones at each look; neither thickened nor blanked."""
    state, images = new_state(recipe="poster", deformation=0.5)
    seen = []
    monkeypatch.setattr(game, "deformed", lambda *given: seen.append((given, augment.deformed(*given))) or seen[-1][1])
    for _ in range(2):
        game.update(state, images, "fp32")
    (given, first), (_, second) = seen
    assert torch.equal(given[0], torch.from_numpy(images).float() / 255)
    assert given[2:] == (state.config.changes, 0.5)
    assert not torch.equal(first, second)


WORKAROUNDS = [
    ("--d-steps", "2"),
    ("--pretrain-d-steps", "3"),
    ("--label-smoothing", "0.1"),
    ("--generator-loss", "feature-matching"),
    ("--minibatch-kernels", "4"),
    ("--packing", "2"),
    ("--batch-deviation",),
    ("--trunk-norm", "spectral", "--batch-deviation"),
    ("--augmentation", "0.1"),
    ("--mode-seeking", "0.1"),
    ("--deformation", "0.5"),
    ("--labels", "10"),
]


@pytest.mark.parametrize("flags", WORKAROUNDS, ids=lambda flags: flags[0])
def test_each_resumes_bit_identically_and_exports(
    flags: tuple[str, ...], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = [*TINY, "--data-dir", str(data_dir), "--recipe", "poster", "--steps", "6", *flags]
    straight, resumed = tmp_path / "straight", tmp_path / "resumed"
    assert main([*settings, "--out", str(straight)]) == 0
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        assert main([*settings, "--out", str(resumed)]) == 128 + signal.SIGTERM
    assert main(["--resume", str(resumed), "--data-dir", str(data_dir)]) == 0
    states = [checkpoint.newest(run)[0] for run in (straight, resumed)]
    assert_same(*states)
    assert states[0]["step"] == 6 + (3 if flags[0] == "--pretrain-d-steps" else 0)
    assert list((straight / "tensorboard").glob("events.*"))
    model = trained_model(states[0], checkpoint.config_of(states[0]))
    assert convert(model, "fp32").difference < 1e-4


def test_settings_that_cannot_be(tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = [*TINY, "--data-dir", str(data_dir), "--steps", "1", "--out", str(tmp_path / "run")]
    for flags, expected in (
        (["--d-steps", "0"], "--d-steps must be at least 1"),
        (["--packing", "3"], "not a multiple of --packing 3"),
        (["--d-steps", "2"], "would never update G"),
        (["--packing", "2", "--generator-loss", "feature-matching"], "use one or the other"),
        (["--deformation", "2"], "--deformation must be 0 to 1"),
        (["--mode-seeking", "-1"], "--mode-seeking must not be negative"),
        (["--mode-seeking", "1", "--noise", "0"], "--mode-seeking needs --noise"),
        (["--minibatch-kernels", "257"], "--minibatch-kernels must be 0 to 256"),
        (["--label-smoothing", "2"], "--label-smoothing must be 0 to 1"),
        (["--pretrain-d-steps", "-1"], "--pretrain-d-steps must not be"),
    ):
        assert main([*tiny, *flags]) == 1
        assert expected in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
