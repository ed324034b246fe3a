"""infogan-encode: the codes of any number of pictures, streamed, resumable, whatever they come in."""

import contextlib
import csv
import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from driving import FakeBundle
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyarrow import parquet

from infogan.export import encode, encode_cli
from infogan.export.bundle import Bundle, Posterior
from infogan.export.code_table import Columns
from infogan.export.framing import Framing
from infogan.export.ink import to_mnist
from infogan.export.picture_source import open_source
from infogan.trainer.errors import UserError
from infogan.trainer.latents import Categorical, LatentSpec, Uniform
from tiny import digits, idx

N = 600
PIECE = 256
GOLDEN = 8  # pictures that are read when a bundle is opened
IMAGES = digits(np.random.default_rng(5), N)[0]
FORMATS = ("csv", "npz", "parquet")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "_PIECE_BYTES", 0)  # 256 pictures at a time, the least


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "pictures-idx3-ubyte"
    path.write_bytes(idx(IMAGES))
    return path


def run(bundle: Path, source: Path, target: Path, *flags: str) -> int:
    return encode_cli.main([str(bundle), str(source), "-o", str(target), "--threads", "1", *flags])


def levels(images: np.ndarray) -> np.ndarray:
    return (images / np.float32(255)).astype(np.float32)[:, None]


def as_png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_npz_holds_what_q_infers(
    source: Path, tmp_path: Path, encoder_bundle_path: Path, encoder_bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(encoder_bundle_path, source, tmp_path / "codes.npz", "--noise") == 0
    posterior = encoder_bundle.infer(levels(IMAGES))
    with np.load(tmp_path / "codes.npz") as codes:
        assert codes["index"].tolist() == list(range(N))
        np.testing.assert_array_equal(codes["c1_probs"], posterior.probs["c1"])
        np.testing.assert_array_equal(codes["c1"], posterior.probs["c1"].argmax(1))
        for name in ("c2", "c3"):
            np.testing.assert_array_equal(codes[name], posterior.mean[name])
            np.testing.assert_array_equal(codes[f"{name}_std"], posterior.std[name])
        np.testing.assert_array_equal(codes["z"], encoder_bundle.noise_of(levels(IMAGES)))
        assert json.loads(str(codes["infogan.latents"])) == encoder_bundle.latents.to_json()
        assert str(codes["infogan.fingerprint"]) == encoder_bundle.fingerprint
    assert f"the codes of {N} pictures" in capsys.readouterr().out


def test_a_parquet_file_holds_the_same_and_knows_its_bundle(
    source: Path, tmp_path: Path, tiny_bundle_path: Path, tiny_bundle: Bundle
) -> None:
    assert run(tiny_bundle_path, source, tmp_path / "codes.parquet") == 0
    table = parquet.read_table(tmp_path / "codes.parquet")
    posterior = tiny_bundle.infer(levels(IMAGES))
    classes = posterior.probs["c1"].argmax(1)
    assert table["c1"].to_pylist() == classes.tolist()
    assert table["c1_label"].to_pylist() == [tiny_bundle.label("c1", k) for k in classes]
    for k in range(10):
        np.testing.assert_array_equal(table[f"c1_p{k}"], posterior.probs["c1"][:, k])
    np.testing.assert_array_equal(table["c2"], posterior.mean["c2"])
    np.testing.assert_array_equal(table["c3_std"], posterior.std["c3"])
    assert json.loads(table.schema.metadata[b"infogan.latents"]) == tiny_bundle.latents.to_json()


def test_a_csv_file_holds_the_same(source: Path, tmp_path: Path, tiny_bundle_path: Path, tiny_bundle: Bundle) -> None:
    assert run(tiny_bundle_path, source, tmp_path / "codes.csv") == 0
    lines, posterior = rows(tmp_path / "codes.csv"), tiny_bundle.infer(levels(IMAGES))
    assert [int(line["index"]) for line in lines] == list(range(N))
    assert [int(line["c1"]) for line in lines] == posterior.probs["c1"].argmax(1).tolist()
    assert [float(line["c2"]) for line in lines] == pytest.approx(posterior.mean["c2"].tolist(), rel=1e-5)
    assert [float(line["c1_p3"]) for line in lines] == pytest.approx(posterior.probs["c1"][:, 3].tolist(), rel=1e-5)


def test_the_same_pictures_in_any_array_give_the_same_codes(
    source: Path, tmp_path: Path, tiny_bundle_path: Path
) -> None:
    run(tiny_bundle_path, source, tmp_path / "expected.csv")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(idx(IMAGES), mtime=0))
    arrays = {"rows": IMAGES, "channels": IMAGES[:, None], "last": IMAGES[..., None], "floats": levels(IMAGES)}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    for name in ("packed.gz", *(f"{name}.npy" for name in arrays)):
        assert run(tiny_bundle_path, tmp_path / name, tmp_path / "codes.csv") == 0
        assert (tmp_path / "codes.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes(), name


def test_colour_arrays_may_have_their_channels_last(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(256, size=(7, 8, 8, 3), dtype=np.uint8)
    np.save(tmp_path / "last.npy", pictures)
    first, second = open_source(tmp_path / "last.npy", (3, 8, 8), Framing()).pieces(2, 4)
    assert (first.places.tolist(), second.places.tolist()) == ([2, 3, 4, 5], [6])
    found = np.concatenate((first.images, second.images))
    np.testing.assert_array_equal(found, (pictures[2:] / np.float32(255)).astype(np.float32).transpose(0, 3, 1, 2))


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_files_are_read_as_the_app_reads_them_and_broken_ones_named(
    packed: bool, tmp_path: Path, tiny_bundle_path: Path, tiny_bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    large = np.kron(IMAGES[3], np.ones((3, 3), np.uint8))
    files = {f"some/{i:02d}.png": as_png(IMAGES[i]) for i in range(5)}
    files |= {"a-photo.png": as_png(255 - large), "broken.png": b"no picture", "empty.png": as_png(large * 0)}
    files["notes.txt"] = b"not looked at"
    folder = tmp_path / "pictures"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    if packed:
        with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    assert run(tiny_bundle_path, tmp_path / "pictures.zip" if packed else folder, tmp_path / "codes.csv") == 0
    said = capsys.readouterr()
    assert "2 pictures were left out: broken.png (none of PNG" in said.err
    assert "empty.png (of one shade" in said.err
    assert "the codes of 6 pictures" in said.out
    lines = rows(tmp_path / "codes.csv")
    assert [line["file"] for line in lines] == ["a-photo.png", *(f"some/0{i}.png" for i in range(5))]
    assert [int(line["index"]) for line in lines] == [0, 3, 4, 5, 6, 7]
    seen = np.stack([to_mnist(picture / 255) for picture in (255 - large, *IMAGES[:5])])[:, None]
    expected = tiny_bundle.infer(seen).mean["c2"]
    assert [float(line["c2"]) for line in lines] == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize("form", FORMATS)
def test_stopped_and_gone_on_with_it_ends_with_the_same_bytes(
    form: str,
    source: Path,
    tmp_path: Path,
    tiny_bundle_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / f"codes.{form}"
    assert run(tiny_bundle_path, source, tmp_path / f"whole.{form}") == 0
    with monkeypatch.context() as patch:
        stop_after(1, patch)
        assert run(tiny_bundle_path, source, target) == 130
    assert not target.exists()
    assert "the same command goes on from there" in capsys.readouterr().err
    (tmp_path / f".{target.name}-x1.part").write_bytes(b"killed while the table was written")
    (tmp_path / ".other.csv-x1.part").write_bytes(b"not ours")
    assert run(tiny_bundle_path, source, target) == 0
    assert f"going on from picture {PIECE} of {N}" in capsys.readouterr().err
    assert target.read_bytes() == (tmp_path / f"whole.{form}").read_bytes()
    assert [path.name for path in tmp_path.glob("*part*")] == [".other.csv-x1.part"]


def stop_after(pieces: int, patch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes while Q reads the pictures after so many pieces."""
    infer, left = Bundle.infer, iter(range(pieces + 1))

    def interrupted(self: Bundle, images: np.ndarray) -> Posterior:
        if len(images) > GOLDEN and next(left) == pieces:
            raise KeyboardInterrupt
        return infer(self, images)

    patch.setattr(Bundle, "infer", interrupted)


@pytest.mark.parametrize("changed", ["source", "columns", "bundle"])
def test_what_another_job_left_is_not_gone_on_with(
    changed: str,
    source: Path,
    tmp_path: Path,
    encoder_bundle_path: Path,
    tiny_bundle_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "codes.npz"
    with monkeypatch.context() as patch:
        stop_after(2, patch)
        assert run(encoder_bundle_path, source, target) == 130
    if changed == "source":
        source.write_bytes(idx(IMAGES[::-1]))
    capsys.readouterr()
    bundle = tiny_bundle_path if changed == "bundle" else encoder_bundle_path
    assert run(bundle, source, target, *(["--noise"] if changed == "columns" else [])) == 0
    assert "going on" not in capsys.readouterr().err
    with np.load(target) as codes:
        assert len(codes["c1"]) == N
        assert ("z" in codes) == (changed == "columns")


def test_a_table_within_its_own_source(
    tmp_path: Path, tiny_bundle_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(300):
        (tmp_path / f"{number:03d}.png").write_bytes(as_png(IMAGES[number]))
    with monkeypatch.context() as patch:
        stop_after(1, patch)
        assert run(tiny_bundle_path, tmp_path, tmp_path / "codes.csv") == 130
    capsys.readouterr()
    assert run(tiny_bundle_path, tmp_path, tmp_path / "codes.csv") == 0
    assert f"going on from picture {PIECE} of 300" in capsys.readouterr().err
    assert len(rows(tmp_path / "codes.csv")) == 300


def test_a_packed_file_with_another_checksum_is_refused_each_time(
    tmp_path: Path, tiny_bundle_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = bytearray(gzip.compress(idx(IMAGES), mtime=0))
    packed[-8] ^= 1
    (tmp_path / "few.gz").write_bytes(packed)
    for _ in range(2):
        assert run(tiny_bundle_path, tmp_path / "few.gz", tmp_path / "codes.csv") == 1
        assert "cannot be read (CRC check failed" in capsys.readouterr().err
    assert not (tmp_path / "codes.csv").exists()


def test_pictures_of_any_proportions(tmp_path: Path, tiny_bundle_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    thin = np.zeros((60_000, 2), np.uint8)
    thin[100:59_000] = 255
    (tmp_path / "pictures" / "thin.png").write_bytes(as_png(thin))
    (tmp_path / "pictures" / "wide.png").write_bytes(as_png(thin.T))
    assert run(tiny_bundle_path, tmp_path / "pictures", tmp_path / "codes.csv") == 0
    assert len(rows(tmp_path / "codes.csv")) == 2


def test_codes_whose_columns_would_have_one_name(tmp_path: Path) -> None:
    clashing = LatentSpec((Categorical("c1", 3), Uniform("c1_probs")))
    bundle = FakeBundle(clashing, (1, 28, 28))
    bundle.manifest = SimpleNamespace(latents=clashing, labels={}, meanings={})
    with pytest.raises(UserError, match="two columns would be c1_probs"):
        Columns.of(bundle, has_names=False, noise=False)


def test_a_damaged_part_is_said_and_nothing_written(
    source: Path,
    tmp_path: Path,
    tiny_bundle_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "codes.csv"
    with monkeypatch.context() as patch:
        stop_after(2, patch)
        run(tiny_bundle_path, source, target)
    (part,) = tmp_path.glob("codes.csv.*.parts/000001.npz")
    part.write_bytes(part.read_bytes()[:-100])
    capsys.readouterr()
    assert run(tiny_bundle_path, source, target) == 1
    assert f"{part} is damaged" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("nothing", None, "cannot be read (No such file"),
        ("few", idx(IMAGES)[:-1], "is truncated or damaged: its header promises 600 pictures"),
        ("few.gz", gzip.compress(idx(IMAGES), mtime=0)[:-9], "cannot be read (Compressed file ended"),
        ("other.gz", gzip.compress(b"text", mtime=0), "is not an IDX file of bytes in 3 dimensions"),
        ("none", idx(IMAGES[:0]), "is empty"),
        ("large", idx(np.zeros((2, 32, 32), np.uint8)), "has pictures of 32 x 32, the bundle takes 1 x 28 x 28"),
        ("text", b"hello", "is not a zip that can be read"),
        ("flat.npy", np.zeros((4, 784), np.uint8), "no array of pictures in rows"),
        ("turned.npy", np.asfortranarray(np.zeros((4, 28, 28), np.uint8)), "no array of pictures in rows"),
        ("whole.npy", np.zeros((4, 28, 28), np.int64), "holds int64; expected uint8"),
        ("objects.npy", np.array([{}, {}]), "is no array that can be read"),
        ("bright.npy", np.full((4, 28, 28), 7.0), "picture 0 has levels outside of [0, 1]"),
        ("nan.npy", np.full((4, 28, 28), np.nan), "picture 0 has levels outside of [0, 1]"),
    ],
)
def test_what_is_no_source_is_a_sentence(
    name: str,
    data: bytes | np.ndarray | None,
    expected: str,
    tmp_path: Path,
    tiny_bundle_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif data is not None:
        np.save(path, data, allow_pickle=True)
    assert run(tiny_bundle_path, path, tmp_path / "codes.csv") == 1
    error = capsys.readouterr().err
    assert error.startswith(f"infogan-encode: {path}")
    assert expected in error
    assert error.count("\n") == 1
    assert not (tmp_path / "codes.csv").exists()


def test_not_one_picture_that_can_be_read(
    tmp_path: Path, tiny_bundle_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    for name in ("a\nb.png", "c.png"):
        (tmp_path / "pictures" / name).write_bytes(b"nothing")
    assert run(tiny_bundle_path, tmp_path / "pictures", tmp_path / "codes.npz") == 1
    error = capsys.readouterr().err
    assert "not one of 2 pictures can be read, such as a\ufffdb.png (none of PNG" in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]


def test_what_cannot_be_written_is_said_before_anything_is_read(
    source: Path,
    tmp_path: Path,
    tiny_bundle_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = [
        ("codes.xlsx", [], "ends in none of .parquet, .csv, .npz"),
        ("codes.parquet", [], "Parquet needs pyarrow"),
        ("codes.csv", ["--noise"], "has no encoder"),
        ("codes.csv", ["--threads", "0"], "expected at least 1"),
        (".", [], "is a folder; name a file for -o"),
    ]
    for name, flags, expected in refused:
        assert run(tiny_bundle_path, source, tmp_path / name, *flags) == 1
        assert expected in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name]


@given(
    st.binary(max_size=40),
    st.sampled_from([b"\0\0\x08\x03", b"\x93NUMPY\x01\0", b"\x93NUMPY\x02\0", b"PK\x03\x04", b""]),
)
def test_any_bytes_are_a_source_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(start + data)
    with contextlib.suppress(UserError):
        source = open_source(path, (1, 2, 2), Framing(False))
        assert sum(len(piece.images) + len(piece.unread) for piece in source.pieces(0, 3)) == source.total
