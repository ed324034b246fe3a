"""Training through the front door: run folder, resume, signals, errors."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from infogan.trainer import checkpoint, data, game, train
from infogan.trainer.augment import Change
from infogan.trainer.cli import main
from infogan.trainer.config import TrainConfig
from infogan.trainer.convolutions import HalvingConv2d
from infogan.trainer.latents import Categorical, LatentSpec, Noise, Uniform
from infogan.trainer.networks import Posterior
from infogan.trainer.recipes import RECIPES
from infogan.trainer.recording import Recorder
from infogan.trainer.state import TrainingState, trained_model
from tiny import TINY, TRAIN_PICTURES, assert_same, digits, interrupt_after

Run = Callable[..., Path]
STEPS_PER_EPOCH = TRAIN_PICTURES // 16


@pytest.fixture
def run(data_dir: Path, tmp_path: Path) -> Run:
    """Run the command with tiny settings and expect success; gives the run folder."""

    def run(*flags: str, name: str = "run") -> Path:
        out = ["--out", str(tmp_path / name)] if "--resume" not in flags else []
        settings = TINY if out else []
        assert main([*settings, "--data-dir", str(data_dir), *out, *flags]) == 0
        return tmp_path / name

    return run


def rows(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_the_run_folder(tiny_run: Path) -> None:
    settings = json.loads((tiny_run / "config.json").read_text())
    assert settings["config"]["steps"] == 6
    assert LatentSpec.from_json(settings["latents"]) == LatentSpec()
    assert settings["device"] == "cpu"
    assert settings["threads"] == 1
    assert settings["precision"] == "fp32"
    assert settings["data"] == {
        "name": "tiny",
        "pictures": TRAIN_PICTURES,
        "sha256": data.DATA_SETS["tiny"].files["train"][0].sha256,
    }
    assert {"python", "torch", "numpy", "infogan-explorer"} == settings["versions"].keys()
    assert [row["step"] for row in rows(tiny_run)] == [2, 4, 6]
    assert [row["epoch"] for row in rows(tiny_run)] == [0, 0, 1]
    for row in rows(tiny_run):
        assert row["mi_c1"] <= LatentSpec()["c1"].entropy + 1e-5
        assert row["mi_total"] == pytest.approx(row["mi_c1"] + row["mi_c2"] + row["mi_c3"], rel=1e-4)
        assert {"d_loss", "g_loss", "mi_categorical", "mi_continuous", "iic", "guide", "seconds"} <= row.keys()
    names = sorted(path.name for path in (tiny_run / "checkpoints").iterdir())
    assert names == ["best.pt", "step-00000005.pt", "step-00000006.pt"]
    assert [path.name for path in (tiny_run / "samples").iterdir()]
    with Image.open(tiny_run / "samples" / "step-00000006.png") as picture:
        assert picture.size == (3 * 280 + 2 * 8, 280)
    assert list((tiny_run / "tensorboard").glob("events.*"))


def test_tensorboard_holds_graph_scalars_and_traversals(tiny_run: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tiny_run / "tensorboard")).Reload()
    tags = events.Tags()
    assert tags["graph"]
    assert {"d_loss", "g_loss", "mi_c1", "mi_c2", "mi_c3", "mi_total"} <= set(tags["scalars"])
    assert [event.step for event in events.Scalars("d_loss")] == [2, 4, 6]
    assert tags["images"] == ["traversal/c1", "traversal/c2", "traversal/c3"]


@pytest.mark.parametrize("network", ["cnn", "mlp"])
@pytest.mark.parametrize("stop", [3, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 1])
def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, network: str, stop: int) -> None:
    """In mid-epoch and between two rows of the log, at an epoch's edge, and in the second epoch."""
    straight = run("--network", network, "--steps", "9", name="straight")
    resumed = run("--network", network, "--steps", str(stop), name="resumed")
    run("--resume", str(resumed), "--steps", "9")
    first, second = (checkpoint.newest(path)[0] for path in (straight, resumed))
    assert first["step"] == second["step"] == 9
    for state in (first, second):
        state["history"] = [row for row in state["history"] if row["step"] > stop + 1]  # the stop closes a row early
    assert_same(first, second)


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 6])
def test_a_run_interrupted_while_it_clusters_equals_an_uninterrupted_one(
    run: Run, stop: int, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the clusters are merged (after step 4 of 5), right then, at the end of the phase, and in the game.

    There the learning rates fall.
    """
    flags = ("--cluster-steps", "5", "--cluster-batch-size", "32", "--steps", "3", "--decay-epochs", "1")
    straight = run(*flags, name="straight")
    out = tmp_path / "resumed"
    with monkeypatch.context() as patch:
        interrupt_after(stop, patch)
        assert main([*TINY, "--data-dir", str(data_dir), "--out", str(out), *flags]) == 128 + signal.SIGTERM
    assert checkpoint.newest(out)[0]["step"] == stop
    run("--resume", str(out))
    assert_same(*(checkpoint.newest(path)[0] for path in (straight, out)))


def test_a_run_stopped_before_its_first_step_goes_on_too(
    run: Run, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    straight, out = run("--steps", "3", name="straight"), tmp_path / "stopped"
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "graph", lambda *_: signal.raise_signal(signal.SIGTERM))
        arguments = [*TINY, "--data-dir", str(data_dir), "--out", str(out), "--steps", "3"]
        assert main(arguments) == 128 + signal.SIGTERM
    told = capfd.readouterr().err
    assert "stopping after this step" in told
    assert "stopped at step 0 of 3 and saved" in told
    run("--resume", str(out))
    assert_same(*(checkpoint.newest(path)[0] for path in (straight, out)))


def test_the_comparison_can_fail(run: Run) -> None:
    first, second = (checkpoint.newest(run("--steps", "2", "--seed", seed, name=seed))[0] for seed in "01")
    with pytest.raises(AssertionError):
        assert_same(first, second)


def test_the_same_seed_gives_the_same_run(run: Run) -> None:
    first, second = (checkpoint.newest(run("--steps", "3", name=name))[0] for name in ("a", "b"))
    assert_same(first, second)


def test_resuming_from_the_best_goes_back_to_it(run: Run) -> None:
    folder = run("--steps", "12")
    best = checkpoint.read(folder / "checkpoints" / "best.pt")["step"]
    later = [step for step, _ in checkpoint.numbered(folder) if step > best]
    run("--resume", str(folder / "checkpoints" / "best.pt"), "--steps", str(best + 2))
    assert checkpoint.newest(folder)[0]["step"] == best + 2
    assert [row["step"] for row in rows(folder)] == [
        *range(2, best + 1, 2),
        *([best] if best % 2 else []),
        *([best + 2] if best % 2 == 0 else [best + 1, best + 2]),
    ]
    superseded = {path.name for path in (folder / "checkpoints").glob("*.superseded")}
    assert superseded == {f"step-{step:08d}.pt.superseded" for step in later}


def test_labels_have_no_influence(data_dir: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ("--cluster-steps", "3", "--cluster-batch-size", "32", "--steps", "6")
    first = checkpoint.newest(run(*flags, name="true"))[0]
    load = data.load

    def shuffled(*args: Any, **kwargs: Any) -> data.Pictures:
        pictures = load(*args, **kwargs)
        assert pictures.labels is not None
        return data.Pictures(pictures.images, pictures.labels[::-1].copy(), pictures.fingerprint)

    monkeypatch.setattr(train, "load", shuffled)
    assert_same(first, checkpoint.newest(run(*flags, name="shuffled"))[0])


@pytest.mark.parametrize("recipe", ["robust", "poster"])
@pytest.mark.parametrize("network", ["cnn", "mlp"])
def test_losses_fall_on_one_batch(recipe: str, network: str) -> None:
    """Forty updates on sixteen pictures: Q learns to read the codes."""
    import dataclasses

    config = dataclasses.replace(RECIPES[recipe, network], channels=8, hidden=64, batch_size=16)
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    state = TrainingState(config, images, torch.device("cpu"))
    terms = [game.update(state, images, "fp32") for _ in range(60)]
    first, last = (np.mean([float(t["mi_c1"]) for t in part]) for part in (terms[:5], terms[-5:]))
    assert last > first + 0.15
    assert (("iic" in terms[0]), ("cluster_iic" in terms[0])) == ((recipe == "robust"),) * 2


def test_the_update_of_g_leaves_d_alone_and_the_other_way_round() -> None:
    """Each optimiser moves its own network; D's weights get no gradient from G's step, and none are left after it."""
    config = TrainConfig(channels=4, hidden=16, batch_size=16)
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    state = TrainingState(config, images, torch.device("cpu"))
    before = {name: tensor.clone() for name, tensor in state.model.named_parameters()}
    with_gradient: set[str] = set()

    def step() -> None:
        with_gradient.update(name for name, tensor in state.model.named_parameters() if tensor.grad is not None)

    state.g_optimizer.step = step  # type: ignore[method-assign,assignment]
    game.update(state, images, "fp32")
    assert with_gradient == {name for name in before if name.startswith("generator")}
    assert all(tensor.grad is None for tensor in state.model.parameters())
    moved = {name for name, tensor in state.model.named_parameters() if not torch.equal(tensor, before[name])}
    assert moved == {name for name in before if not name.startswith("generator")}
    assert all(parameter.requires_grad for parameter in state.model.parameters())


def test_of_guided_means_information_teaches_the_constant_of_a_category() -> None:
    """All pictures of one category are pulled alike; without a guide, and of a third code, each goes its own way."""
    spec = LatentSpec((Categorical("c1", 2), Uniform("c2"), Uniform("c3"), Uniform("c4")), Noise(2))
    c = torch.tensor([[1.0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]])
    pull = torch.tensor([[1.0, 2, 3], [3, 6, 9], [5, 5, 5]])
    for guide_weight, expected in ((0.0, pull.tolist()), (1.0, [[2, 4, 3], [2, 4, 9], [5, 5, 5]])):
        mean = torch.zeros(3, 3, requires_grad=True)
        q = Posterior(torch.zeros(3, 2), mean + 0.5, torch.zeros(3, 3))
        left = game._left_to_information(q, c, TrainConfig(guide_weight=guide_weight), spec)
        assert torch.equal(left.mean, q.mean)
        (left.mean * pull).sum().backward()
        assert mean.grad is not None
        assert mean.grad.tolist() == expected


def terms_on_real_pictures(images: np.ndarray) -> dict[str, tuple[float, torch.Tensor]]:
    config = TrainConfig(channels=4, hidden=16, batch_size=16, iic_weight=2.0, cluster_weight=3.0, guide_weight=4.0)
    state = TrainingState(config, images, torch.device("cpu"))
    real = torch.from_numpy(images).float() / 255
    changed = game._changed(state, real)
    assert changed is not None
    first, second = state.model.features(real, changed.images)
    return game._real_picture_terms(state, (first, second), state.model.q_head(first), changed)


def test_the_terms_on_real_pictures_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, signs and inputs of the label-free terms, with a change of pictures and heads that are known."""
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    seen: list[torch.Tensor] = []

    def known(real: torch.Tensor, *amounts: object) -> Change:
        seen.append(real)
        slant = torch.tensor([1.0, -1.0]).repeat(len(real) // 2)
        return Change(real, *(torch.stack((slant, 2 * slant), 1) for _ in range(2)))

    monkeypatch.setattr(game, "change", known)
    terms = terms_on_real_pictures(images)
    assert torch.equal(seen[0], torch.from_numpy(images).float() / 255)
    assert {name: weight for name, (weight, _) in terms.items()} == {"iic": 2.0, "cluster_iic": 3.0, "guide": 4.0}
    # Q knows nothing yet: its means hardly differ, and categories are alike, so the guide misses all of the slant, 1 or
    # -1, and of the width, twice that. A picture tells something of its unchanged copy, so the information is positive
    # and its term negative.
    assert terms["guide"][1].item() == pytest.approx(1 + 4, rel=0.2)
    assert terms["iic"][1].item() < 0
    assert terms["cluster_iic"][1].item() < 0


def test_the_terms_on_real_pictures_are_learned() -> None:
    """With the terms alone, copies come to agree and the guided codes come to follow: each term falls."""
    import dataclasses

    only = {"lambda_discrete": 0.0, "lambda_continuous": 0.0, "d_lr": 1e-3}
    config = dataclasses.replace(TrainConfig(channels=8, hidden=64, batch_size=64), **only)
    images = digits(np.random.default_rng(0), 64)[0][:, None]
    state = TrainingState(config, images, torch.device("cpu"))
    terms = [game.update(state, images, "fp32") for _ in range(80)]
    for name in ("iic", "cluster_iic", "guide"):
        first, last = (np.mean([float(t[name]) for t in part]) for part in (terms[:5], terms[-5:]))
        assert last < first - 0.05, name


def test_information_reaches_the_trunk_only_where_it_should() -> None:
    """Without L_I in the trunk, its weight on the codes cannot change the trunk's first update."""
    import dataclasses

    images = digits(np.random.default_rng(0), 16)[0][:, None]

    def trunk_after(trunk_information: bool, weight: float) -> torch.Tensor:
        config = dataclasses.replace(RECIPES["poster", "cnn"], channels=4, hidden=16, batch_size=16)
        config = dataclasses.replace(config, trunk_information=trunk_information, lambda_discrete=weight)
        state = TrainingState(config, images, torch.device("cpu"))
        seen: list[torch.Tensor] = []

        def step() -> None:
            first = state.model.trunk[0].weight.grad
            assert first is not None
            seen.append(first.clone())

        state.d_optimizer.step = step  # type: ignore[method-assign,assignment]
        game.update(state, images, "fp32")
        return seen[0]

    assert torch.equal(trunk_after(False, 1.0), trunk_after(False, 5.0))
    assert not torch.equal(trunk_after(True, 1.0), trunk_after(True, 5.0))


def test_the_average_follows_the_weights_and_is_what_is_exported(tiny_run: Path) -> None:
    state = checkpoint.newest(tiny_run)[0]
    config = checkpoint.config_of(state)
    exported = trained_model(state, config).state_dict()
    for name, value in state["average"].items():
        assert torch.equal(exported[name], value)
    assert not torch.equal(exported["q_head.layers.0.weight"], state["model"]["q_head.layers.0.weight"])


def test_the_average_by_hand() -> None:
    """When the game begins it is the weights; k steps later it keeps (1 + k) / (10 + k) of itself, the setting at most.

    From the hundredth step of the game on it follows every fourth, and keeps the fourth power.
    """
    config = TrainConfig(channels=4, hidden=16, cluster_steps=2, average=0.25)
    training = TrainingState(config, digits(np.random.default_rng(0), 128)[0][:, None], torch.device("cpu"))
    kept = {2: 0.0, 3: 2 / 11, 4: 3 / 12}  # without the setting the next two were 4 / 13 and 5 / 14
    kept |= dict.fromkeys(range(5, 103), 0.25) | {106: 0.25**4, 110: 0.25**4}
    expected = training.average.d_head.weight[0, 0].item()
    for step in range(1, 112):
        training.step = step
        training.model.d_head.weight.data.fill_(float(step % 7))
        training.average_weights()
        share = kept.get(step, 1.0)
        expected = share * expected + (1 - share) * (step % 7)
        assert training.average.d_head.weight[0, 0].item() == pytest.approx(expected, rel=1e-5)


def test_under_spectral_norm_weights_are_averaged_as_they_act() -> None:
    """Averages of what the norms are computed from would act otherwise: their vectors turn, and shorten."""
    config = TrainConfig(channels=4, hidden=16, cluster_steps=0, average=0.25, trunk_norm="spectral")
    training = TrainingState(config, np.zeros((128, 1, 28, 28), np.uint8), torch.device("cpu"))
    expected = training.average.trunk[0].weight.detach().clone()
    assert isinstance(training.average.trunk[0], HalvingConv2d)
    for step in (1, 2, 3):
        with torch.no_grad():
            training.model.trunk[0].parametrizations.weight.original.normal_()
            training.model.trunk(torch.rand(4, 1, 28, 28))  # the norm's vectors turn towards the new weights
        training.step = step
        training.average_weights()
        decay = min(0.25, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * training.model.eval().trunk[0].weight.detach()
        training.model.train()
        assert torch.allclose(training.average.trunk[0].weight, expected, atol=1e-6)


def test_without_an_average_the_latest_weights_are_exported(run: Run) -> None:
    state = checkpoint.newest(run("--steps", "2", "--average", "0"))[0]
    assert not state["average"]
    exported = trained_model(state, checkpoint.config_of(state)).state_dict()
    assert all(torch.equal(exported[name], value) for name, value in state["model"].items())


@pytest.mark.parametrize("recipe", ["robust", "poster"])
def test_the_running_statistics_are_those_of_real_pictures(recipe: str) -> None:
    """The first layer that normalises sees features of real pictures alone; G's own statistics move too."""
    import dataclasses

    config = dataclasses.replace(RECIPES[recipe, "mlp"], hidden=16, batch_size=16, average=0.0)
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    state = TrainingState(config, images, torch.device("cpu"))
    layers = state.model.trunk[:4]  # up to the linear layer before batch normalisation
    with torch.no_grad():
        expected = layers(torch.from_numpy(images).float() / 255)
    game.update(state, images, "fp32")
    norm = state.model.trunk[4]
    assert torch.allclose(norm.running_mean, 0.1 * expected.mean(0), atol=1e-6)
    assert norm.momentum == 0.1
    assert state.model.q_head.layers[1].running_mean.abs().sum() > 0
    assert state.model.generator[1].running_mean.abs().sum() > 0


def test_an_update_in_bf16_stays_finite_and_close(monkeypatch: pytest.MonkeyPatch) -> None:
    images = digits(np.random.default_rng(0), 16)[0][:, None]
    losses = {}
    for precision in ("fp32", "bf16"):
        state = TrainingState(TrainConfig(channels=4, hidden=16, batch_size=16), images, torch.device("cpu"))
        losses[precision] = float(game.update(state, images, precision)["d_loss"])
    assert losses["bf16"] == pytest.approx(losses["fp32"], rel=0.02)
    assert losses["bf16"] != losses["fp32"]


def child(data_dir: Path, *flags: str, first: str = "") -> subprocess.Popen[str]:
    """The command in a process of its own, its registry told of the tiny data set, after ``first`` was executed."""
    entry = data.DATA_SETS["tiny"]
    code = (
        "import sys; from infogan.trainer import data; from infogan.trainer.data import IdxDataSet, Original;"
        "from infogan.trainer.cli import main;"
        f"data.DATA_SETS['tiny'] = {entry!r}; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", f"{first}\n{code}", *flags, "--data-dir", str(data_dir)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_says_how_to_go_on(
    data_dir: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    out = tmp_path / "run"
    with child(data_dir, *TINY, "--epochs", "100000", "--out", str(out)) as process:
        assert process.stderr is not None
        begins = process.stderr.readline()
        seen = process.stderr.readline()  # the first row of the log: training has begun
        process.send_signal(number)
        text = process.communicate(timeout=60)[1]
    assert f"from step 0 to {100_000 * 5}, 1 thread, fp32, in {out}" in begins
    assert "step 2" in seen
    assert process.returncode == status
    assert f"infogan-train --resume {out}" in text
    assert "Traceback" not in text
    state, warnings = checkpoint.newest(out)
    assert state["step"] >= 2
    assert not warnings
    assert not list((out / "checkpoints").glob(".*"))


def failure(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    """Expect exit code 1 and one sentence on stderr."""
    assert main(list(flags)) == 1
    text = capsys.readouterr().err.strip()
    assert text.startswith("infogan-train: ")
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def test_errors_are_one_sentence(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    tiny = [*TINY, "--data-dir", str(data_dir), "--steps", "1"]
    (tmp_path / "there").mkdir()
    assert "there exists" in failure(capsys, *tiny, "--out", str(tmp_path / "there"))
    assert "unknown data set" in failure(capsys, *tiny, "--dataset", "cifar", "--out", str(tmp_path / "a"))
    assert "--batch-size" in failure(capsys, *tiny, "--batch-size", "1000", "--out", str(tmp_path / "b"))
    assert "--batch-size" in failure(capsys, *tiny, "--batch-size", "1", "--out", str(tmp_path / "c"))
    assert "latent space" in failure(capsys, *tiny, "--categorical", "1", "--out", str(tmp_path / "d"))
    for name in ("uniform", "iic-weight", "seed", "shear"):
        assert f"--{name} must not be" in failure(capsys, *tiny, f"--{name}", "-1", "--out", str(tmp_path / "f"))
    for name in ("neighbours", "thicken", "cutout"):
        assert f"--{name} must be 0 to 1" in failure(capsys, *tiny, f"--{name}", "1.5", "--out", str(tmp_path / "f"))
    assert "--clusters must be 1 to 256" in failure(capsys, *tiny, "--clusters", "500", "--out", str(tmp_path / "f"))
    assert "nowhere" in failure(capsys, "--resume", str(tmp_path / "nowhere"))
    assert "CUDA" in failure(capsys, *tiny, "--device", "cuda", "--out", str(tmp_path / "e"))
    assert not [path for path in tmp_path.iterdir() if path.name != "there"]


def test_a_run_does_not_become_another_when_it_is_resumed(
    tiny_run: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = "--resume", str(tiny_run), "--data-dir", str(data_dir)
    assert "--hidden was 16" in failure(capsys, *flags, "--hidden", "32", "--steps", "8")
    assert "at step 6 of 6" in failure(capsys, *flags)
    assert "--out was" in failure(capsys, *flags, "--steps", "8", "--out", "elsewhere")


def test_a_diverged_run_stops_with_a_message(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main([*TINY, "--data-dir", str(data_dir), "--steps", "5", "--out", str(run)]) == 0
    flags = ["--data-dir", str(data_dir), "--steps", "40", "--log-every", "1000"]
    state, _ = checkpoint.newest(run)
    state["config"] = json.dumps({**json.loads(state["config"]), "d_lr": 1e30})
    checkpoint.save(run, state, best=False)
    assert main(["--resume", str(run), *flags]) == 1
    text = capsys.readouterr().err
    assert "the networks diverged before step 10" in text
    assert "the last good state is" in text
    assert checkpoint.newest(run)[0]["step"] == 5


def test_asking_for_epochs_replaces_the_steps_of_before(run: Run) -> None:
    folder = run("--steps", "3")
    run("--resume", str(folder), "--epochs", "2")
    assert checkpoint.newest(folder)[0]["step"] == 2 * STEPS_PER_EPOCH


def test_a_checkpoint_outside_a_run_cannot_be_resumed(
    tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loose = tmp_path / "loose.pt"
    loose.write_bytes((tiny_run / "checkpoints" / "best.pt").read_bytes())
    assert "not in the checkpoints folder" in failure(capsys, "--resume", str(loose))
    assert list(tmp_path.iterdir()) == [loose]


@pytest.mark.parametrize(
    ("key", "value"), [("model", {}), ("sums", None), ("config", "{"), ("config", '{"beta1": 7}'), ("batches", {})]
)
def test_a_checkpoint_with_other_contents_is_refused_in_words(
    tiny_run: Path, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, value: object
) -> None:
    state, _ = checkpoint.newest(tiny_run)
    state[key] = value
    checkpoint.save(tmp_path, state, best=False)
    failure(capsys, "--resume", str(tmp_path), "--data-dir", str(data_dir), "--steps", "8")


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for flags in (["--steps", "many"], ["--no-such-flag"], ["--network", "transformer"]):
        with pytest.raises(SystemExit) as caught:
            main(flags)
        assert caught.value.code == 2


def test_help_lists_every_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for name in RECIPES["robust", "cnn"].to_json():
        assert f"--{name.replace('_', '-')}" in text
    assert "128" in text


def test_recipes_set_defaults_and_flags_override_them(run: Run) -> None:
    poster = run("--recipe", "poster", "--steps", "1", "--g-lr", "0.01")
    config = checkpoint.config_of(checkpoint.newest(poster)[0])
    assert (config.recipe, config.iic_weight, config.std_min, config.g_lr) == ("poster", 0.0, 1.0, 0.01)
    assert "iic" not in rows(poster)[0]


@pytest.mark.parametrize("flags", [["--network", "mlp"], ["--network=mlp"]])
def test_a_network_has_defaults_of_its_own(run: Run, flags: list[str]) -> None:
    config = checkpoint.config_of(checkpoint.newest(run(*flags, "--steps", "1"))[0])
    expected = RECIPES["robust", "mlp"]
    assert (config.network, config.d_lr, config.epochs) == ("mlp", expected.d_lr, expected.epochs)
    assert expected.d_lr != RECIPES["robust", "cnn"].d_lr


def test_any_latent_space_trains(run: Run) -> None:
    flags = ["--categorical", "3", "4", "--uniform", "1", "--gaussian", "1", "--bernoulli", "2", "--noise", "5"]
    folder = run(*flags, "--noise-distribution", "normal", "--steps", "2", name="many")
    assert {f"mi_c{i}" for i in range(1, 7)} <= rows(folder)[-1].keys()
    no_noise = run("--categorical", "--uniform", "1", "--noise", "0", "--steps", "2", name="bare")
    assert rows(no_noise)[-1]["mi_total"] == rows(no_noise)[-1]["mi_c1"]
