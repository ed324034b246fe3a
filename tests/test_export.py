"""Checkpoint to bundle, through the command: parity, names, reproducibility, nothing that leaks."""

import dataclasses
import json
import math
import zipfile
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from infogan.export import container, convert, storage
from infogan.export.bundle import Bundle
from infogan.export.card import model_card
from infogan.export.cli import main
from infogan.export.gate import check_model
from infogan.export.manifest import Weights
from infogan.export.runtime import open_session
from infogan.trainer import checkpoint
from infogan.trainer.cli import main as train_main
from infogan.trainer.latents import Bernoulli, Categorical, Gaussian, LatentSpec, Noise, Uniform
from infogan.trainer.networks import InfoGAN, Posterior
from infogan.trainer.state import trained_model
from tiny import TINY

SPECS = [
    LatentSpec(),
    LatentSpec((Bernoulli("a"), Gaussian("b"), Categorical("c", 3), Categorical("d", 4)), Noise(3, "normal")),
    LatentSpec((Categorical("only", 5),), Noise(0)),
    LatentSpec((Uniform("only"),), Noise(2)),
]


def export(*arguments: object) -> None:
    assert main([str(argument) for argument in arguments]) == 0


def test_the_bundle_agrees_with_torch(tiny_run: Path, tmp_path: Path) -> None:
    """Through the command and the public interface, with fp32 weights, at the batch sizes that matter."""
    export(tiny_run, "-o", tmp_path / "m.infogan", "--weights", "fp32")
    bundle = Bundle.open(tmp_path / "m.infogan")
    state, _ = checkpoint.newest(tiny_run)
    model = trained_model(state, checkpoint.config_of(state))
    for n in (1, 2, 7, 300):
        z, c = bundle.latents.sample(np.random.default_rng(n), n)
        with torch.inference_mode():
            expected = model.generate(torch.from_numpy(z), torch.from_numpy(c))
            q: Posterior = model.q_head(model.trunk(expected))
        images = bundle.generate(z, c)
        assert np.abs(images - expected.numpy()).max() < 1e-5
        posterior = bundle.infer(expected.numpy())
        assert np.abs(posterior.probs["c1"] - q.logits.softmax(1).numpy()).max() < 1e-5
        assert np.abs(posterior.mean["c3"] - q.mean[:, 1].numpy()).max() < 1e-5
        assert np.abs(posterior.std["c2"] - q.log_std[:, 0].exp().numpy()).max() < 1e-5


@pytest.mark.parametrize("network", ["cnn", "mlp"])
@pytest.mark.parametrize("spec", SPECS)
def test_any_latent_space_converts(spec: LatentSpec, network: str) -> None:
    """The conversion itself compares with torch and refuses a difference above 1e-3."""
    torch.manual_seed(0)
    model = InfoGAN(spec, (3, 8, 8), network, channels=4, hidden=64).eval()
    converted = convert.convert(model, "fp16")
    assert converted.difference < 1e-5
    for data in (converted.generator, converted.recognition):
        check_model(data)
        graph = onnx.load_from_string(data).graph
        assert {value.type.tensor_type.shape.dim[0].dim_param for value in (*graph.input, *graph.output)} == {"batch"}


@pytest.mark.parametrize(
    ("scale", "halved", "stored"),
    [(1, {6144, 7104, 9216}, "fp16"), (2500, {9216}, "fp16, in part fp32"), (1e6, set(), "fp16, in part fp32")],
)
def test_half_precision_goes_as_far_as_the_picture_allows(
    scale: float, halved: set[int], stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The larger a network's weights the more fp16 changes its pictures; then the smallest stay in fp32 first."""
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 8, 8), "mlp", hidden=96).eval()
    with torch.no_grad():
        [layer for layer in model.generator.modules() if isinstance(layer, nn.Linear)][-1].weight.mul_(scale)
    monkeypatch.setattr(convert, "_LARGE", 100)
    converted = convert.convert(model, "fp16")
    assert converted.difference <= convert.TOLERANCE
    assert converted.weights == stored
    weights = onnx.load_from_string(converted.generator).graph.initializer
    assert {math.prod(tensor.dims) for tensor in weights if tensor.data_type == onnx.TensorProto.FLOAT16} == halved


def test_export_says_when_half_precision_is_not_enough(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(convert, "_LARGE", 100)
    monkeypatch.setattr(convert, "_difference", lambda graph, answers: float(b".half" in graph))
    export(tiny_run, "-o", tmp_path / "m.infogan")
    assert Bundle.open(tmp_path / "m.infogan").manifest.provenance["weights"] == "fp32"
    assert "weights are stored as fp32" in capsys.readouterr().out


def test_a_wrong_conversion_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph that does not say what the trained network says must not get through, however it is stored."""
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 8, 8), channels=8, hidden=64).eval()
    monkeypatch.setattr(convert, "_fold", lambda layer, norm: layer)  # batch normalisation is lost
    with torch.no_grad():
        for buffer in model.buffers():
            buffer.add_(1)
    for weights in get_args(Weights):
        with pytest.raises(container.BundleError, match=r"differs from the trained network by .* this is a bug"):
            convert.convert(model, weights)


def test_the_graphs_are_clean(tiny_bundle_path: Path) -> None:
    """Batch normalisation folded, opset, no external data, no source path, class name or trace of this machine."""
    members = container.read_members(tiny_bundle_path)
    for name in (container.GENERATOR, container.RECOGNITION):
        proto = onnx.load_from_string(members[name])
        onnx.checker.check_model(proto, full_check=True)
        assert [(entry.domain, entry.version) for entry in proto.opset_import] == [("", 20)]
        assert "BatchNormalization" not in {node.op_type for node in proto.graph.node}
        assert not any(tensor.external_data for tensor in proto.graph.initializer)
        assert {entry.key for entry in proto.metadata_props} == {"infogan.pair_id", "infogan.latents"}
        for leak in (b".py", b"site-packages", b"torch", b"stack_trace", str(Path(convert.__file__).parent).encode()):
            assert leak not in members[name], (name, leak)


def test_smaller_weights_make_a_smaller_file_and_barely_change_the_picture(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With eight bits a picture still hardly depends on its neighbours."""
    monkeypatch.setattr(convert, "_LARGE", 1000)  # the tiny networks have no large layer
    for weights in get_args(Weights):
        export(tiny_run, "-o", tmp_path / f"{weights}.infogan", "--weights", weights)
    full, half, eight = (Bundle.open(tmp_path / f"{weights}.infogan") for weights in ("fp32", "fp16", "int8"))
    z, c = full.latents.sample(np.random.default_rng(0), 16)
    images, small = full.generate(z, c), eight.generate(z, c)
    assert np.abs(images - half.generate(z, c)).max() < 1e-3
    assert 0 < np.abs(images - small).max() < 0.02
    assert np.abs(small[:1] - eight.generate(z[:1], c[:1])).max() < 1e-3
    read = eight.infer(images).mean["c2"]
    assert 0 < np.abs(read - full.infer(images).mean["c2"]).max() < 0.02
    assert np.abs(read[3:4] - eight.infer(images[3:4]).mean["c2"]).max() < 1e-3
    assert eight.manifest.provenance["weights"] == "int8, in part fp16"
    members = {weights: container.read_members(tmp_path / f"{weights}.infogan") for weights in get_args(Weights)}
    sizes = [len(members[weights][container.GENERATOR]) for weights in ("fp32", "fp16", "int8")]
    assert sizes[1] < 0.6 * sizes[0]
    assert sizes[2] < 0.9 * sizes[1]


def dense(weight: np.ndarray, bias: np.ndarray | None, before: str = "Relu") -> onnx.ModelProto:
    """x (n, inputs) -> y = before(x) @ weight.T + bias."""
    outputs, inputs = weight.shape
    graph = onnx.parser.parse_model(
        f'<ir_version: 10, opset_import: ["": 20]> g (float[n, {inputs}] x) => (float[n, {outputs}] y) '
        f"{{ h = {before} (x)  y = Gemm <transB = 1> (h, w{', b' if bias is not None else ''}) }}"
    )
    arrays = {"w": weight, **({} if bias is None else {"b": bias})}
    graph.graph.initializer.extend(onnx.numpy_helper.from_array(array, name) for name, array in arrays.items())
    return graph


@pytest.mark.parametrize("biased", [True, False])
def test_eight_bits_multiply_as_the_layer_does(biased: bool) -> None:
    """Rows of any size and of nothing but zeros, an output without weights; each row as if it came alone."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(7, 300)).astype(np.float32)
    weight[2] = 0
    bias = rng.normal(size=7).astype(np.float32) if biased else None
    x = rng.normal(size=(5, 300)).astype(np.float32) * np.float32([[1e-6], [1], [1e5], [0], [3]])
    small = storage.quantised(dense(weight, bias, "LeakyRelu <alpha = 0.1>"), 100).SerializeToString()
    check_model(small)
    session = open_session(small, 1)
    y = session.run(None, {"x": x})[0]

    h = np.where(x < 0, np.float32(0.1) * x, x)
    scale = np.abs(weight).max(1) / 127
    scale[2] = 1
    step = np.maximum(h, -7 * h).max(1, keepdims=True) / 111 + 1e-38
    expected = np.rint(h / step) @ np.rint(weight / scale[:, None]).T * scale * step + (0 if bias is None else bias)
    size = np.abs(h).max(1, keepdims=True)
    assert (np.abs(y - expected) <= 0.03 * size + 1e-6).all()  # a number between two levels may go to either
    assert (np.abs(y - expected) <= 1e-4 * size + 1e-6).mean() > 0.8
    assert (np.abs(y - (h @ weight.T + (0 if bias is None else bias))) <= 0.3 * size + 1e-6).all()
    for i in range(len(x)):
        assert np.array_equal(session.run(None, {"x": x[i : i + 1]})[0], y[i : i + 1])


def test_eight_bits_are_not_for_what_reads_latents() -> None:
    weight = np.ones((7, 300), np.float32)
    assert storage.forms_of(storage.quantised(dense(weight, None), 100), 100) == {"int8"}
    assert storage.forms_of(storage.quantised(dense(weight, None, "Tanh"), 100), 100) == {"fp32"}


def test_how_far_eight_bits_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to a difference of a tenth; a bundle of small layers does not say that it has them."""
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 8, 8), "mlp", hidden=96).eval()
    assert convert.convert(model, "int8").weights == "fp32"
    monkeypatch.setattr(convert, "_LARGE", 7000)
    for difference, stored, tolerance in ((0.05, "int8", 0.02), (0.2, "fp16", 1e-3)):
        differs = {True: difference, False: 0.0}
        monkeypatch.setattr(convert, "_difference", lambda graph, answers, differs=differs: differs[b".int8" in graph])
        converted = convert.convert(model, "int8")
        assert converted.weights.split(",")[0] == stored
        assert converted.tolerance == tolerance


def test_export_says_when_eight_bits_are_not_enough(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(convert, "_LARGE", 1000)
    monkeypatch.setattr(convert, "_difference", lambda graph, answers: float(b".int8" in graph))
    export(tiny_run, "-o", tmp_path / "m.infogan", "--weights", "int8")
    assert Bundle.open(tmp_path / "m.infogan").manifest.provenance["weights"] == "fp16"
    assert "weights are stored as fp16: eight bits are for large fully connected layers" in capsys.readouterr().out


def test_the_same_checkpoint_gives_the_same_file(tiny_run: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        export(tiny_run, "-o", tmp_path / folder / "m.infogan")
    assert (tmp_path / "a" / "m.infogan").read_bytes() == (tmp_path / "b" / "m.infogan").read_bytes()


def test_a_folder_is_accepted_too(tiny_run: Path, tmp_path: Path) -> None:
    export(tiny_run, "-o", tmp_path / "m.infogan")
    export(tiny_run, "-o", tmp_path / "m")
    packed, folder = Bundle.open(tmp_path / "m.infogan"), Bundle.open(tmp_path / "m")
    z, c = packed.latents.sample(np.random.default_rng(0), 3)
    assert np.array_equal(packed.generate(z, c), folder.generate(z, c))
    with zipfile.ZipFile(tmp_path / "m.infogan") as archive:
        assert archive.namelist() == [name for name in container.MEMBERS if name != container.ENCODER]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_single_checkpoint_is_accepted_too(tiny_run: Path, tmp_path: Path) -> None:
    note = "Chosen by a toss."
    export(tiny_run / "checkpoints" / "best.pt", "-o", tmp_path / "m.infogan", "--name", "best one", "--note", note)
    assert Bundle.open(tmp_path / "m.infogan").name == "best one"
    assert note in container.read_members(tmp_path / "m.infogan")[container.CARD].decode()


def test_the_manifest_says_where_the_model_comes_from(tiny_bundle_path: Path, tiny_bundle: Bundle) -> None:
    manifest = json.loads(container.read_members(tiny_bundle_path)[container.MANIFEST])
    assert (manifest["format"], manifest["format_version"]) == ("infogan-bundle", 1)
    assert manifest["provenance"]["step"] == 6
    assert manifest["provenance"]["data"]["name"] == "tiny"
    assert "data_dir" not in manifest["provenance"]["config"]
    assert str(Path.home()) not in json.dumps(manifest)
    assert manifest["image"] == {"channels": 1, "height": 28, "width": 28, "range": [0, 1], "ink": 1}
    card = container.read_members(tiny_bundle_path)[container.CARD].decode()
    assert "No label was used in training" in card
    assert "c2 was guided to follow the slant of real pictures. c3 was guided to follow the width" in card
    assert "In brackets: the share of test pictures" in card


@pytest.mark.parametrize(
    ("spec", "said", "unsaid"),
    [
        (LatentSpec((Bernoulli("a"),), Noise(2)), "Step", ["began as clusters", "was guided"]),
        (LatentSpec((Gaussian("b"), Categorical("c", 3))), "b was guided", ["follow the width"]),
        (LatentSpec((Categorical("d", 3),)), "classes of d began as clusters", ["was guided"]),
    ],
)
def test_the_card_says_only_what_fits_the_latent_space(
    tiny_bundle: Bundle, spec: LatentSpec, said: str, unsaid: list[str]
) -> None:
    settings = {"config": {"cluster_steps": 600, "guide_weight": 1.0}}
    manifest = dataclasses.replace(
        tiny_bundle.manifest, latents=spec, provenance=settings, labels={}, precision={}, meanings={}
    )
    card = model_card(manifest)
    assert said in card
    assert not [text for text in unsaid if text in card]


def test_categories_are_named_one_to_one(tiny_bundle: Bundle) -> None:
    labels = [tiny_bundle.label("c1", index) for index in range(10)]
    assert sorted(label for label in labels if label) == list("0123456789")
    assert tiny_bundle.label("c1", 10) is None
    assert tiny_bundle.label("c2", 0) is None
    assert tiny_bundle.meaning("c2") is None


def test_without_labelled_data_categories_stay_unnamed(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFOGAN_CACHE", str(tmp_path / "empty"))
    (tmp_path / "nothing").mkdir()
    export(tiny_run, "-o", tmp_path / "m.infogan", "--data-dir", tmp_path / "nothing")
    assert Bundle.open(tmp_path / "m.infogan").label("c1", 0) is None
    assert "codes stay unnamed and unmeasured" in capsys.readouterr().out


def test_the_training_split_is_enough_for_names(
    tiny_run: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFOGAN_CACHE", str(tmp_path / "empty"))
    (tmp_path / "train").mkdir()
    for path in data_dir.glob("train-*"):
        (tmp_path / "train" / path.name).write_bytes(path.read_bytes())
    export(tiny_run, "-o", tmp_path / "m.infogan", "--data-dir", tmp_path / "train")
    bundle = Bundle.open(tmp_path / "m.infogan")
    assert bundle.label("c1", 0) is not None
    assert not any("accuracy" in figure for figure in bundle.manifest.quality)


def test_networks_that_are_not_finite_are_refused() -> None:
    torch.manual_seed(0)
    model = InfoGAN(LatentSpec(), (1, 8, 8), channels=4, hidden=16).eval()
    with torch.no_grad():
        model.q_head.layers[-1].bias.fill_(float("nan"))
    with pytest.raises(container.BundleError, match="not finite; nothing was written: export another checkpoint"):
        convert.convert(model, "fp32")


def failure(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == 1
    text = capsys.readouterr().err.strip()
    assert text.startswith("infogan-export: ")
    assert "\n" not in text
    return text


def test_errors_are_one_sentence(tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there.infogan").write_text("precious")
    assert "there.infogan exists" in failure(capsys, tiny_run, "-o", tmp_path / "there.infogan")
    assert (tmp_path / "there.infogan").read_text() == "precious"
    assert "nowhere does not exist" in failure(capsys, tmp_path / "nowhere")
    assert "not a folder" in failure(capsys, tiny_run, "-o", tmp_path / "x.infogan", "--data-dir", tmp_path / "none")
    assert "must end in .infogan" in failure(capsys, tiny_run, "-o", tmp_path / "x.onnx")
    (tmp_path / "empty").mkdir()
    assert "no usable checkpoint" in failure(capsys, tmp_path / "empty")
    (tmp_path / "file.pt").write_bytes(b"PK\x03\x04")
    assert "not an infogan checkpoint" in failure(capsys, tmp_path / "file.pt", "-o", tmp_path / "x.infogan")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file.pt", "there.infogan"]


def test_a_checkpoint_of_another_network_is_refused(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings and weights that do not fit: one sentence, no traceback."""
    run = tmp_path / "run"
    assert train_main([*TINY, "--data-dir", str(data_dir), "--steps", "1", "--out", str(run)]) == 0
    state, _ = checkpoint.newest(run)
    config = dataclasses.replace(checkpoint.config_of(state), hidden=32)
    state["config"] = json.dumps(config.to_json())
    checkpoint.save(tmp_path / "other", state, best=False)
    capsys.readouterr()
    assert "does not fit its own settings" in failure(capsys, tmp_path / "other", "-o", tmp_path / "m.infogan")


def test_a_run_with_several_discrete_codes_becomes_a_bundle(data_dir: Path, tmp_path: Path) -> None:
    flags = ["--data-dir", str(data_dir), "--steps", "1", "--out", str(tmp_path / "run")]
    assert train_main([*TINY, "--categorical", "3", "4", "--bernoulli", "1", *flags]) == 0
    assert main([str(tmp_path / "run"), "-o", str(tmp_path / "m.infogan"), "--data-dir", str(data_dir)]) == 0
    bundle = Bundle.open(tmp_path / "m.infogan")
    posterior = bundle.infer(bundle.generate(*bundle.latents.sample(np.random.default_rng(0), 2)))
    assert [probs.shape for probs in posterior.probs.values()] == [(2, 3), (2, 4), (2, 1)]
