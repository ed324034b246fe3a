"""What a bundle refuses to be."""

import io
import json
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packing import pack, resealed

from infogan.export import container
from infogan.export.bundle import Bundle, BundleError
from infogan.export.container import GENERATOR, GOLDEN, MANIFEST, RECOGNITION, Members
from infogan.export.framing import Framing
from infogan.export.manifest import parse_manifest
from infogan.trainer import data, originals
from infogan.trainer.errors import UserError
from tiny import ROOT, SHARED_DATA, USED

SHIPPED = ("mnist-cnn", "mnist-mlp")
FASHION = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="module")
def members(tiny_bundle_path: Path) -> Members:
    return container.read_members(tiny_bundle_path)


def refused(path: Path) -> str:
    with pytest.raises(BundleError) as caught:
        Bundle.open(path)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_the_fixture_itself_opens(members: Members, tmp_path: Path) -> None:
    assert Bundle.open(pack(tmp_path / "m.infogan", resealed(members))).name == "tiny"


@pytest.mark.parametrize("missing", [name for name in container.MEMBERS if name != container.ENCODER])
def test_a_missing_member(members: Members, tmp_path: Path, missing: str) -> None:
    rest = {name: content for name, content in members.items() if name != missing}
    assert f"{missing} is missing" in refused(pack(tmp_path / "m.infogan", rest))


def test_a_member_too_many(members: Members, tmp_path: Path) -> None:
    assert "also holds ../evil" in refused(pack(tmp_path / "m.infogan", {**members, "../evil": b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_doubled_member(members: Members, tmp_path: Path) -> None:
    path = pack(tmp_path / "m.infogan", members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(GENERATOR, b"other")
    assert "doubled" in refused(path)


def test_compressed_entries(members: Members, tmp_path: Path) -> None:
    assert "compressed" in refused(pack(tmp_path / "m.infogan", members, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"not a zip at all", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_not_a_bundle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.infogan").write_bytes(content)
    refused(tmp_path / "m.infogan")


def test_nothing_there(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "m.infogan")
    (tmp_path / "empty").mkdir()
    assert "manifest.json is missing" in refused(tmp_path / "empty")


@pytest.mark.parametrize("member", [GENERATOR, RECOGNITION, GOLDEN, container.CARD])
def test_an_altered_member(members: Members, tmp_path: Path, member: str) -> None:
    content = bytearray(members[member])
    content[len(content) // 2] ^= 1
    assert f"{member} was damaged or altered" in refused(
        pack(tmp_path / "m.infogan", {**members, member: bytes(content)})
    )


def other_spec(members: Members) -> dict:
    latents = json.loads(members[MANIFEST])["latents"]
    latents["noise"]["size"] = 5
    return latents


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (lambda m: {"format": "zip"}, "does not say format"),
        (lambda m: {"format_version": 2}, "a newer program is needed"),
        (lambda m: {"latents": other_spec(m)}, "another latent space"),
        (lambda m: {"latents": {"codes": 3}}, "not a latent spec"),
        (lambda m: {"pair_id": "0" * 64}, "another pair"),
        (lambda m: {"name": 7}, "a text"),
        (lambda m: {"name": None}, "'name'"),
        (lambda m: {"labels": {"c1": ["1"]}}, "labels of c1"),
        (lambda m: {"meanings": {"c9": "slant"}}, "meanings"),
        (lambda m: {"tolerance": 5}, "tolerance"),
        (lambda m: {"image": {"channels": 1, "height": 28, "width": 29}}, "expected float"),
        (lambda m: {"image": {"channels": 1, "height": 28, "width": 10**9}}, "sides up to 512"),
    ],
)
def test_a_manifest_that_lies(
    members: Members, tmp_path: Path, changes: Callable[[Members], dict], expected: str
) -> None:
    assert expected in refused(pack(tmp_path / "m.infogan", resealed(members, **changes(members))))


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"format": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000, b"\xff\xfe", b'"' + b"x" * 300_000],
)
def test_a_manifest_that_is_none(members: Members, tmp_path: Path, text: bytes) -> None:
    refused(pack(tmp_path / "m.infogan", {**members, MANIFEST: text}))


def test_a_graph_that_is_none(members: Members, tmp_path: Path) -> None:
    assert "is not such as infogan-export writes" in refused(
        pack(tmp_path / "m.infogan", resealed({**members, RECOGNITION: b"\x08\x07garbage"}))
    )


def test_swapped_graphs(members: Members, tmp_path: Path) -> None:
    swapped = {**members, GENERATOR: members[RECOGNITION], RECOGNITION: members[GENERATOR]}
    assert "expected float" in refused(pack(tmp_path / "m.infogan", resealed(swapped)))


def golden(members: Members, **changes: np.ndarray) -> Members:
    with np.load(io.BytesIO(members[GOLDEN])) as archive:
        arrays = {**archive, **changes}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return resealed({**members, GOLDEN: buffer.getvalue()})


def test_golden_answers_that_are_not_given(members: Members, tmp_path: Path) -> None:
    wrong = np.zeros((8, 1, 28, 28), np.float32)
    assert "golden answers (image differs)" in refused(pack(tmp_path / "m.infogan", golden(members, image=wrong)))
    nan = np.full((8, 10), np.nan, np.float32)
    assert "golden answers (probs differs)" in refused(pack(tmp_path / "n.infogan", golden(members, probs=nan)))


def graph_with(members: Members, **changes: list[object] | None) -> bytes:
    """The recognition graph with another operator or shape, its metadata kept."""
    proto = onnx.load_from_string(members[RECOGNITION])
    if "shape" in changes:
        proto.graph.output[0].type.tensor_type.ClearField("shape")
    if "spec" in changes:
        next(entry for entry in proto.metadata_props if entry.key == "infogan.latents").value = "[" * 100_000
    if "fails" in changes:
        reshape = onnx.helper.make_node("Reshape", ["image", "impossible"], ["odd"])
        proto.graph.initializer.append(onnx.numpy_helper.from_array(np.array([7, 13]), "impossible"))
        proto.graph.node.insert(0, reshape)
        proto.graph.output.append(onnx.helper.make_tensor_value_info("odd", onnx.TensorProto.FLOAT, ["batch", 13]))
    return proto.SerializeToString()


@pytest.mark.parametrize("change", ["shape", "spec", "fails"])
def test_a_graph_that_misbehaves(members: Members, tmp_path: Path, change: str) -> None:
    changed = {**members, RECOGNITION: graph_with(members, **{change: None})}
    refused(pack(tmp_path / "m.infogan", resealed(changed)))


def test_numbers_beyond_all_bounds(members: Members, tmp_path: Path) -> None:
    refused(pack(tmp_path / "m.infogan", resealed(members, tolerance=10**400)))
    latents = json.loads(members[MANIFEST])["latents"]
    latents["codes"][1]["low"] = -(10**400)
    refused(pack(tmp_path / "n.infogan", resealed(members, latents=latents)))


def test_a_golden_answer_without_rows(members: Members, tmp_path: Path) -> None:
    refused(pack(tmp_path / "m.infogan", golden(members, z=np.float32(0))))


def test_a_pipe_in_a_folder_is_not_waited_for(members: Members, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    container.write_members(folder, members)
    (folder / GOLDEN).unlink()
    os.mkfifo(folder / GOLDEN)
    assert "not a regular file" in refused(folder)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_models_open_and_know_their_digits(name: str) -> None:
    bundle = Bundle.open(ROOT / "assets" / f"{name}.infogan")
    assert sorted(bundle.label("c1", index) or "" for index in range(10)) == list("0123456789")
    z, c = bundle.latents.sample(np.random.default_rng(0), 200)
    read = bundle.infer(bundle.generate(z, c))
    assert (read.probs["c1"].argmax(1) == c[:, :10].argmax(1)).mean() > 0.95
    assert np.corrcoef(read.mean["c2"], c[:, 10])[0, 1] > 0.9


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.skipif(not (SHARED_DATA / "mnist").is_dir(), reason="the real MNIST files are not here")
def test_the_shipped_models_read_real_digits(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path))
    pictures = data.load("mnist", SHARED_DATA / "mnist", "test", download=False)
    bundle = Bundle.open(ROOT / "assets" / f"{name}.infogan", threads=2)
    found = bundle.infer(pictures.images[:2000].astype(np.float32) / 255).probs["c1"].argmax(1)
    right = [bundle.label("c1", int(k)) == str(label) for k, label in zip(found, pictures.labels, strict=False)]
    assert np.mean(right) > 0.95


def test_the_shipped_model_of_letters_reads_what_it_draws() -> None:
    bundle = Bundle.open(ROOT / "assets" / "omniglot.infogan")
    assert not bundle.framing.centred
    assert (bundle.meaning("c2") or "").startswith("slant")
    z, c = bundle.latents.sample(np.random.default_rng(0), 200)
    drawn = bundle.generate(z, c)
    read = bundle.infer(drawn)
    assert (read.probs["c1"].argmax(1) == c[:, :10].argmax(1)).mean() > 0.95
    again = bundle.reconstruct(drawn)
    assert np.square(again - drawn).mean() < np.square(again[1:] - drawn[:-1]).mean() / 2


@pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
def test_the_shipped_model_of_garments_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path))
    pictures = data.load("fashion-mnist", FASHION, "test", download=False)
    bundle = Bundle.open(ROOT / "assets" / "fashion-mnist.infogan", threads=2)
    assert bundle.framing == Framing(False, True)
    found = bundle.infer(pictures.images[:2000].astype(np.float32) / 255).probs["c1"].argmax(1)
    names = [data.FASHION[label] for label in pictures.labels[:2000]]
    right = [bundle.label("c1", int(k)) == name for k, name in zip(found, names, strict=True)]
    assert np.mean(right) > 0.58
    assert sorted(bundle.label("c1", k) or "" for k in range(10)) == sorted(data.FASHION)


def test_golden_answers_with_code_in_them(members: Members, tmp_path: Path) -> None:
    pickled = np.array([{"evil": 1}], dtype=object)
    assert "golden.npz" in refused(pack(tmp_path / "m.infogan", golden(members, z=pickled)))


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_as_a_manifest_are_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_manifest(content)


def test_a_bundle_that_exists_is_not_written_over(members: Members, tmp_path: Path) -> None:
    path = tmp_path / "m.infogan"
    container.write_members(path, members)
    before = path.read_bytes()
    with pytest.raises(UserError, match="exists"):
        container.write_members(path, {**members, GENERATOR: b""})
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["m.infogan"]


@pytest.mark.parametrize("name", ["m.infogan", "m"])
def test_a_bundle_that_cannot_be_written_leaves_nothing(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="No space left on device"):
            container.write_members(tmp_path / name, members)
    assert not list(tmp_path.iterdir())


def test_wrong_shapes_are_refused_in_words(tiny_bundle: Bundle) -> None:
    with pytest.raises(ValueError, match=r"expected z \(n, 62\) and c \(n, 12\), got \(1, 12\)"):
        tiny_bundle.generate(np.zeros((1, 12), np.float32), np.zeros((1, 12), np.float32))
    with pytest.raises(ValueError, match=r"expected pictures \(n, 1, 28, 28\), got \(28, 28\)"):
        tiny_bundle.infer(np.zeros((28, 28), np.float32))


def test_results_do_not_depend_on_the_batch(tiny_bundle: Bundle) -> None:
    """Also across the border of the chunks in which large batches are run."""
    z, c = tiny_bundle.latents.sample(np.random.default_rng(0), 600)
    images = tiny_bundle.generate(z, c)
    assert np.array_equal(images[257:258], tiny_bundle.generate(z[257:258], c[257:258]))
    probs = tiny_bundle.infer(images).probs["c1"]
    assert np.allclose(probs[599:], tiny_bundle.infer(images[599:]).probs["c1"], atol=1e-6)
    assert np.allclose(probs.sum(1), 1, atol=1e-5)
    nothing = tiny_bundle.infer(tiny_bundle.generate(z[:0], c[:0]))
    assert nothing.mean["c2"].shape == (0,)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries give memory back by themselves")
def test_an_opened_bundle_takes_little_more_than_its_weights() -> None:
    """62 MB in fp32; what loading took besides is given back."""
    script = """if True:
        from infogan.export.bundle import Bundle

        before = used()
        bundle = Bundle.open("assets/mnist-cnn.infogan")
        print(used() - before)
    """
    child = subprocess.run([sys.executable, "-c", USED + script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 55 < float(child.stdout) < 110
