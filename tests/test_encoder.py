"""The encoder: a phase of a run, a graph of a bundle, and what both do where there is none."""

import importlib
import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from infogan.export import container
from infogan.export.bundle import Bundle, BundleError, assemble
from infogan.export.container import ENCODER, GOLDEN, read_members
from infogan.export.manifest import parse_manifest
from infogan.trainer import checkpoint, data
from infogan.trainer.cli import main
from infogan.trainer.config import TrainConfig
from infogan.trainer.encoder import Encoder, trained_encoder
from infogan.trainer.encoding import Encoding, inferred
from infogan.trainer.errors import UserError
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform
from infogan.trainer.networks import Posterior
from infogan.trainer.state import TrainingState, trained_model
from tiny import ROOT, TINY, assert_same

STEPS = ["--steps", "4", "--encoder-steps", "4"]


def states(run: Path) -> checkpoint.State:
    return checkpoint.newest(run)[0]


def test_only_the_encoder_learns_after_the_game(data_dir: Path, encoder_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "short"
    assert main([*TINY, "--data-dir", str(data_dir), "--steps", "4", "--out", str(run)]) == 0
    short, longer = states(run), states(encoder_run)
    assert (short["step"], longer["step"]) == (4, 8)
    assert not short["encoder"]
    same = ("model", "average", "d_optimizer", "g_optimizer", "batches", "numpy_rng", "torch_rng", "best")
    assert_same({name: short[name] for name in same}, {name: longer[name] for name in same})
    with Image.open(encoder_run / "samples" / "reconstructions-00000008.png") as grid:
        first = np.asarray(grid)[:28, :28]
        assert grid.size == (280, 280)
    assert np.array_equal(first, data.load("tiny", data_dir, "train").images[0, 0])
    rows = [row for row in longer["history"] if row["step"] > 4]
    assert [row["step"] for row in rows] == [6, 8]
    assert all(row.keys() >= {"encoder_pixels", "encoder_features", "encoder_noise"} for row in rows)


def test_it_learns() -> None:
    """Of a G that draws its noise large, E recovers the noise of pictures that it has not seen."""
    config = TrainConfig(network="mlp", hidden=64, noise=4, encoder_steps=300, encoder_lr=3e-3, batch_size=64)
    pictures = np.random.default_rng(0).integers(256, size=(64, 1, 8, 8)).astype(np.uint8)
    state = TrainingState(config, pictures, torch.device("cpu"))
    generator = state.average.generator
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(5)
    phase = Encoding(state, "fp32", config.encoder_steps)
    errors = []
    while state.step < config.encoder_steps:
        errors.append(float(phase.update()["encoder_noise"]))
        state.step += 1
    assert np.mean(errors[-20:]) < 0.3 * np.mean(errors[:5])


def test_an_interrupted_phase_goes_on_bit_for_bit(
    data_dir: Path, encoder_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    update = Encoding.update

    def interrupted(phase: Encoding) -> dict[str, torch.Tensor]:
        if phase.state.step == 5:
            signal.raise_signal(signal.SIGTERM)
        return update(phase)

    with monkeypatch.context() as patch:
        patch.setattr(Encoding, "update", interrupted)
        assert main([*TINY, *STEPS, "--data-dir", str(data_dir), "--out", str(run)]) == 143
    assert states(run)["step"] == 6
    assert main(["--resume", str(run)]) == 0
    assert_same(states(run), states(encoder_run))


def test_a_finished_run_gets_an_encoder_later(data_dir: Path, encoder_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert main([*TINY, "--data-dir", str(data_dir), "--steps", "4", "--out", str(run)]) == 0
    assert main(["--resume", str(run), "--encoder-steps", "4"]) == 0
    assert_same(states(run)["encoder"], states(encoder_run)["encoder"])


def test_a_game_that_goes_on_forgets_the_encoder(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, straight = tmp_path / "run", tmp_path / "straight"
    assert main([*TINY, *STEPS, "--data-dir", str(data_dir), "--out", str(run)]) == 0
    assert main(["--resume", str(run), "--steps", "6"]) == 0
    assert "set aside as .superseded" in capsys.readouterr().err
    assert main([*TINY, "--steps", "6", *STEPS[2:], "--data-dir", str(data_dir), "--out", str(straight)]) == 0
    assert_same(states(run), states(straight))


def test_a_game_cannot_end_before_it_has_ended(
    data_dir: Path, encoder_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(encoder_run, run)
    before = sorted((path.name, path.read_bytes()) for path in checkpoint.folder(run).iterdir())
    assert main(["--resume", str(run), "--steps", "2"]) == 1
    assert "its game shall end at 2" in capsys.readouterr().err
    assert sorted((path.name, path.read_bytes()) for path in checkpoint.folder(run).iterdir()) == before


def test_an_encoder_that_diverges_is_not_saved(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update = Encoding.update

    def diverging(phase: Encoding) -> dict[str, torch.Tensor]:
        terms = update(phase)
        with torch.no_grad():
            next(phase.training.encoder.parameters()).fill_(torch.nan)
        return terms

    monkeypatch.setattr(Encoding, "update", diverging)
    run = tmp_path / "run"
    flags = ["--steps", "4", "--encoder-steps", "1", "--log-every", "100"]
    assert main([*TINY, *flags, "--data-dir", str(data_dir), "--out", str(run)]) == 1
    assert "lower --encoder-lr" in capsys.readouterr().err
    assert (states(run)["step"], states(run)["encoder"]) == (4, {})


def test_a_game_that_goes_on_keeps_a_checkpoint_to_go_on_from(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several of the encoder's are newer than the one at the end of the game, and all of those are set aside."""
    run = tmp_path / "run"
    monkeypatch.setattr("infogan.trainer.train._ENCODER_SAVES", 2)
    assert main([*TINY, "--steps", "6", "--encoder-steps", "7", "--data-dir", str(data_dir), "--out", str(run)]) == 0
    assert [step for step, _ in checkpoint.numbered(run)] == [12, 13]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("infogan.trainer.train.update", killed)
        assert main(["--resume", str(run), "--steps", "9"]) == 130
    state = states(run)
    assert (state["step"], state["encoder"]) == (6, {})
    assert state["seconds"] == state["history"][-1]["seconds"]


def test_small_batches_and_small_data_are_encoded(data_dir: Path) -> None:
    pictures = np.random.default_rng(0).integers(256, size=(4, 1, 8, 8)).astype(np.uint8)
    config = TrainConfig(network="mlp", hidden=8, noise=4, encoder_steps=1, batch_size=2)
    phase = Encoding(TrainingState(config, pictures, torch.device("cpu")), "fp32", 1)
    assert np.isfinite(float(phase.update()["encoder_noise"]))
    assert phase.reconstructions().shape == (16, 32, 1)


def test_a_run_from_before_asks_for_no_encoder(encoder_run: Path) -> None:
    state = states(encoder_run)
    settings = json.loads(state["config"])
    del settings["encoder_steps"]
    assert checkpoint.config_of({**state, "config": json.dumps(settings)}).encoder_steps == 0


def test_noise_beyond_the_prior_is_cut(encoder_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    z = np.full((2, 62), 5, np.float32)
    z[0, 0] = np.nan
    monkeypatch.setattr("infogan.export.bundle._run", lambda *_: [z])
    found = encoder_bundle.noise_of(np.zeros((2, 1, 28, 28), np.float32))
    assert found[0, 0] == 0
    assert found[1].tolist() == [1] * 62


def test_without_noise_there_is_nothing_to_encode(data_dir: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert main([*TINY, *STEPS, "--noise", "0", "--data-dir", str(data_dir), "--out", str(run)]) == 0
    assert (states(run)["step"], states(run)["encoder"]) == (4, {})


@pytest.mark.parametrize("network", ["cnn", "mlp"])
@pytest.mark.parametrize(("distribution", "reach"), [("uniform", 1.0), ("normal", 3.0)])
def test_the_noise_stays_where_the_prior_has_mass(network: str, distribution: str, reach: float) -> None:
    config = TrainConfig(network=network, channels=3, hidden=9, noise=5, noise_distribution=distribution)
    encoder = Encoder(config, (1, 28, 28)).eval()
    with torch.no_grad():
        encoder.layers[-1].weight.mul_(1e7)
        z = encoder(torch.rand(16, 1, 28, 28))
    assert z.shape == (16, 5)
    assert z.abs().max() == pytest.approx(reach)


def test_codes_are_taken_from_q_as_the_app_takes_them() -> None:
    codes = Categorical("a", 3), Bernoulli("b"), Uniform("u", 0, 2), Gaussian("g")
    spec = LatentSpec(codes, Noise(4))
    q = Posterior(
        logits=torch.tensor([[0.0, 2.0, 1.0, 0.3], [5.0, 2.0, 1.0, -0.3]]),
        mean=torch.tensor([[9.0, 0.5], [0.5, -9.0]]),
        log_std=torch.zeros(2, 2),
    )
    np.testing.assert_allclose(inferred(spec, q), [[0, 1, 0, 1, 3, 0.5], [1, 0, 0, 0, 0.5, -3]])


def test_a_bundle_encodes_as_the_checkpoint_does(encoder_run: Path, encoder_bundle: Bundle) -> None:
    state = states(encoder_run)
    config = checkpoint.config_of(state)
    encoder, model = trained_encoder(state, config), trained_model(state, config)
    images = np.random.default_rng(0).random((5, 1, 28, 28), np.float32)
    assert encoder is not None
    with torch.inference_mode():
        x = torch.from_numpy(images)
        z, c = encoder(x), inferred(config.latents, model.q_head(model.trunk(x)))
        again = model.generate(z, c)
    for actual, expected in zip(encoder_bundle.encode(images), (z, c), strict=True):
        assert actual.dtype == np.float32
        np.testing.assert_allclose(actual, expected, atol=1e-3)
    np.testing.assert_allclose(encoder_bundle.reconstruct(images), again, atol=2e-3)


def test_a_bundle_without_an_encoder_says_so(tiny_bundle: Bundle, encoder_bundle: Bundle) -> None:
    assert (tiny_bundle.has_encoder, encoder_bundle.has_encoder) == (False, True)
    assert ("an encoder E(x)" in tiny_bundle.card, "an encoder E(x)" in encoder_bundle.card) == (False, True)
    with pytest.raises(ValueError, match="has no encoder"):
        tiny_bundle.encode(np.zeros((1, 1, 28, 28), np.float32))
    with pytest.raises(ValueError, match="expected pictures"):
        encoder_bundle.encode(np.zeros((1, 28, 28), np.float32))


def test_it_is_the_same_as_a_folder(encoder_bundle: Bundle, encoder_bundle_path: Path, tmp_path: Path) -> None:
    container.write_members(tmp_path / "folder", read_members(encoder_bundle_path))
    images = np.random.default_rng(0).random((2, 1, 28, 28), np.float32)
    opened = Bundle.open(tmp_path / "folder")
    np.testing.assert_array_equal(opened.reconstruct(images), encoder_bundle.reconstruct(images))


def resealed(members: container.Members) -> container.Members:
    manifest, _ = parse_manifest(members[container.MANIFEST])
    return assemble(manifest, {name: content for name, content in members.items() if name != container.MANIFEST})


def test_an_encoder_of_other_networks_is_refused(
    encoder_bundle_path: Path, tiny_bundle_path: Path, tmp_path: Path
) -> None:
    with_one, without = read_members(encoder_bundle_path), read_members(tiny_bundle_path)
    rest = {name: content for name, content in with_one.items() if name != ENCODER}
    for members, why in (
        ({**without, ENCODER: with_one[ENCODER]}, "the manifest does not list encoder.onnx"),
        (resealed({**without, ENCODER: with_one[ENCODER]}), "belongs to another pair"),
        (rest, "lists encoder.onnx, which is not there"),
        (resealed(rest), "only one of encoder.onnx and the golden answers"),
        (resealed({**with_one, GOLDEN: without[GOLDEN]}), "only one of encoder.onnx and the golden answers"),
        (resealed({**with_one, ENCODER: with_one[container.RECOGNITION]}), "encoder.onnx has"),
        (resealed({**with_one, ENCODER: b"\x08\x07garbage"}), "encoder.onnx is not such as infogan-export writes"),
    ):
        with pytest.raises(BundleError, match=why):
            Bundle.verified(members, tmp_path / "m.infogan")


def test_a_bundle_whose_run_is_gone_gets_one(
    tiny_bundle_path: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    script, output = importlib.import_module("add_encoder"), tmp_path / "new.infogan"
    arguments = [str(tiny_bundle_path), "-o", str(output), "--data-dir", str(data_dir), "--steps", "3"]
    monkeypatch.setattr("sys.argv", ["add_encoder.py", *arguments])
    assert script.main() == 0
    before, after = read_members(tiny_bundle_path), read_members(output)
    assert [name for name in before if name != ENCODER and before[name] == after[name]] == [
        container.GENERATOR,
        container.RECOGNITION,
    ]
    bundle, old = Bundle.open(output), Bundle.open(tiny_bundle_path)
    assert bundle.has_encoder
    assert (bundle.manifest.labels, bundle.manifest.pair_id) == (old.manifest.labels, old.manifest.pair_id)
    # What it was trained for is what the graphs do.
    state = TrainingState(TrainConfig.from_json(old.manifest.provenance["config"]), *pictures(data_dir))
    script.restore(state.average, before)
    x = np.random.default_rng(0).random((3, 1, 28, 28), np.float32)
    z, c = old.latents.sample(np.random.default_rng(0), 3)
    with torch.inference_mode():
        made = state.average.eval().generate(torch.from_numpy(z), torch.from_numpy(c))
        q = state.average.eval().q_head(state.average.trunk(torch.from_numpy(x)))
    np.testing.assert_allclose(made, old.generate(z, c), atol=1e-5)
    np.testing.assert_allclose(q.mean[:, 0], old.infer(x).mean["c2"], atol=1e-5)
    monkeypatch.setattr(
        "sys.argv", ["add_encoder.py", str(output), *arguments[1:2], str(tmp_path / "x.infogan"), *arguments[3:]]
    )
    assert script.main() == 1


def pictures(data_dir: Path) -> tuple[np.ndarray, torch.device]:
    return data.load("tiny", data_dir, "train").images, torch.device("cpu")


def test_an_encoder_of_another_size_is_a_sentence(encoder_run: Path) -> None:
    state = states(encoder_run)
    config = checkpoint.config_of(state)
    with pytest.raises(UserError, match="encoder does not fit its own settings"):
        trained_encoder({**state, "encoder": {"model": {}}}, config)
    assert trained_encoder({**state, "encoder": {}}, config) is None
