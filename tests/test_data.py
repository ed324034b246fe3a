"""Finding, verifying and mapping a data set; batches."""

import contextlib
import gzip
import hashlib
import math
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import filelock
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import QuietHandler, serving, serving_folder

from infogan.trainer import data, originals
from infogan.trainer.batches import Batches
from infogan.trainer.errors import UserError
from tiny import SHARED_DATA, TRAIN_PICTURES, digits, idx, write_data_set

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def own(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny data set that a test may damage, with an empty cache."""
    folder = tmp_path / "own"
    shutil.copytree(data_dir, folder, ignore=shutil.ignore_patterns("cache"))
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path / "cache"))
    return folder


def refused(folder: Path | None, download: bool = False) -> str:
    with pytest.raises(UserError) as caught:
        data.load("tiny", folder, "train", download=download)
    text = str(caught.value)
    assert "\n" not in text
    return text


def attempt(name: str, folder: Path) -> data.Pictures | None:
    """What is loaded, or None where the refusal is a sentence."""
    try:
        return data.load(name, folder, "train", download=False)
    except UserError as error:
        text = str(error)
    assert "\n" not in text
    return None


def test_packed_files_are_unpacked_once_and_mapped(own: Path, tmp_path: Path) -> None:
    pictures = data.load("tiny", own, "train", download=False)
    assert isinstance(pictures.images, np.memmap)
    assert pictures.images.shape == (TRAIN_PICTURES, 1, 28, 28)
    assert pictures.images.dtype == np.uint8
    expected, labels = digits(np.random.default_rng(0), TRAIN_PICTURES)
    assert np.array_equal(pictures.images[:, 0], expected)
    assert np.array_equal(pictures.labels, labels)
    assert sorted(path.name for path in (tmp_path / "cache" / "tiny").iterdir()) == [IMAGES, LABELS]
    (own / f"{IMAGES}.gz").unlink()
    assert np.array_equal(data.load("tiny", own, "train", download=False).images, pictures.images)


def test_what_the_user_gives_is_checked_even_with_a_good_cache(own: Path) -> None:
    data.load("tiny", own, "train", download=False)
    (own / f"{IMAGES}.gz").write_bytes(b"garbage")
    assert f"{IMAGES}.gz" in refused(own)


def test_unpacked_files_are_mapped_where_they_lie(own: Path, tmp_path: Path) -> None:
    for name in (IMAGES, LABELS):
        (own / name).write_bytes(gzip.decompress((own / f"{name}.gz").read_bytes()))
    assert len(data.load("tiny", own, "train", download=False).images) == TRAIN_PICTURES
    assert not (tmp_path / "cache").exists()


def test_a_damaged_cache_is_made_again(own: Path, tmp_path: Path) -> None:
    data.load("tiny", own, "train", download=False)
    cached = tmp_path / "cache" / "tiny" / IMAGES
    good = cached.read_bytes()
    cached.write_bytes(good[:-1] + b"\xff")
    data.load("tiny", own, "train", download=False)
    assert cached.read_bytes() == good


def test_missing(own: Path) -> None:
    (own / f"{IMAGES}.gz").unlink()
    text = refused(own)
    assert IMAGES in text
    assert str(own) in text


def test_truncated(own: Path) -> None:
    path = own / f"{IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    text = refused(own)
    assert f"{path} cannot be unpacked" in text
    assert "replace it" in text


def test_a_garbled_stream(own: Path) -> None:
    """Damage inside the packed data, which zlib reports in its own way."""
    path = own / f"{IMAGES}.gz"
    packed = bytearray(path.read_bytes())
    packed[20:60] = bytes(40)
    path.write_bytes(packed)
    assert str(path) in refused(own)


def test_truncated_inside(own: Path, tmp_path: Path) -> None:
    path = own / f"{IMAGES}.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1]))
    assert "truncated" in refused(own)
    assert not list((tmp_path / "cache").rglob("*images*"))


def test_altered(own: Path) -> None:
    path = own / f"{IMAGES}.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[5000] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    text = refused(own)
    assert "altered" in text
    assert str(path) in text


def test_a_gzip_that_inflates_without_end_is_cut_off(own: Path, tmp_path: Path) -> None:
    path = own / f"{IMAGES}.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + bytes(50_000_000)))
    assert "unpack" in refused(own)
    assert not list((tmp_path / "cache").rglob("*images*"))


def test_not_a_gzip(own: Path) -> None:
    (own / f"{LABELS}.gz").write_bytes(b"<html>quota exceeded</html>")
    assert f"{LABELS}.gz" in refused(own)


def test_labels_and_pictures_of_different_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = digits(np.random.default_rng(0), 9)
    monkeypatch.setitem(data.DATA_SETS, "odd", write_data_set(tmp_path, {"train": (images, labels[:-1])}))
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(UserError, match=r"9 pictures .* 8 labels"):
        data.load("odd", tmp_path, "train", download=False)


def test_an_idx_file_of_another_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = digits(np.random.default_rng(0), 4)
    monkeypatch.setitem(data.DATA_SETS, "odd", write_data_set(tmp_path, {"train": (labels, images)}))
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(UserError, match="not an IDX file of bytes in 3 dimensions"):
        data.load("odd", tmp_path, "train", download=False)


def test_an_idx_file_of_nothing_times_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = bytes((0, 0, 8, 3)) + struct.pack(">3I", 0, 2**32 - 1, 2**32 - 1)
    labels = idx(np.zeros(1, np.uint8))
    for name, content in ((IMAGES, head), (LABELS, labels)):
        (tmp_path / name).write_bytes(content)
    files = tuple(
        data.Original(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in ((IMAGES, head), (LABELS, labels))
    )
    monkeypatch.setitem(data.DATA_SETS, "none", data.IdxDataSet({"train": files}, (), ""))
    with pytest.raises(UserError, match="is empty"):
        data.load("none", tmp_path, "train", download=False)


def test_unknown_data_set_and_folder() -> None:
    with pytest.raises(UserError, match=r"unknown data set 'cifar', expected one of: mnist"):
        data.load("cifar", None, "train")
    with pytest.raises(UserError, match="is not a folder"):
        data.load("mnist", Path("/nowhere"), "train")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a web server, and the folder that it serves."""
    with serving_folder(tmp_path) as address:
        yield address, tmp_path


def test_a_download_goes_on_to_the_next_address(
    own: Path, tmp_path: Path, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first address refuses, the second serves an altered file, the third the right one."""
    address, folder = server
    (folder / "bad").mkdir()
    (folder / "good").mkdir()
    altered = gzip.decompress((own / f"{IMAGES}.gz").read_bytes())[:-1] + b"\xee"
    (folder / "bad" / f"{IMAGES}.gz").write_bytes(gzip.compress(altered))
    shutil.move(own / f"{IMAGES}.gz", folder / "good")
    mirrors = ("http://127.0.0.1:9/", f"{address}bad/", f"{address}good/")
    monkeypatch.setitem(data.DATA_SETS, "tiny", data.DATA_SETS["tiny"]._replace(mirrors=mirrors))
    assert len(data.load("tiny", own, "train").images) == TRAIN_PICTURES
    assert sorted(path.name for path in (tmp_path / "cache" / "tiny").iterdir()) == [IMAGES, LABELS]


def test_a_failed_download_names_every_address_and_leaves_nothing(own: Path, tmp_path: Path) -> None:
    (own / f"{IMAGES}.gz").unlink()
    text = refused(own, download=True)
    assert "http://127.0.0.1:9/train-images-idx3-ubyte.gz" in text
    assert "--data-dir" in text
    assert not list((tmp_path / "cache").rglob("*.gz"))
    assert not list((tmp_path / "cache").rglob("*.part"))


class Endless(QuietHandler):
    """Sends a gzip header, and then noughts for as long as anybody listens."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(100_000):
                self.wfile.write(bytes(1 << 16))


def test_a_server_that_sends_without_end_is_cut_off(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / f"{IMAGES}.gz").unlink()
    with serving(Endless) as address:
        monkeypatch.setitem(data.DATA_SETS, "tiny", data.DATA_SETS["tiny"]._replace(mirrors=(address,)))
        assert "more than the file can have" in refused(own, download=True)
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [".lock"]


def test_offline_nothing_is_downloaded(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / f"{IMAGES}.gz").unlink()
    monkeypatch.setenv(originals.OFFLINE_VARIABLE, "1")
    text = refused(own, download=True)
    assert "127.0.0.1" not in text
    assert "unset INFOGAN_OFFLINE" in text
    assert "INFOGAN_OFFLINE" not in refused(own)  # nothing would have been downloaded anyway


def test_what_a_killed_download_left_is_removed(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "tiny"
    folder.mkdir(parents=True)
    (folder / f".{IMAGES}.gz-abc.part").write_bytes(b"half")
    data.load("tiny", own, "train", download=False)
    assert sorted(path.name for path in folder.iterdir()) == [IMAGES, LABELS]


def test_one_process_at_a_time_fills_the_cache(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpack = originals._unpack
    unpacked = []

    def watched(packed: Path, target: Path, file: data.Original) -> None:
        with pytest.raises(filelock.Timeout):
            filelock.FileLock(tmp_path / "cache" / ".lock").acquire(timeout=0)
        unpacked.append(file.name)
        unpack(packed, target, file)

    monkeypatch.setattr(originals, "_unpack", watched)
    data.load("tiny", own, "train", download=False)
    assert unpacked == [IMAGES, LABELS]
    filelock.FileLock(tmp_path / "cache" / ".lock").acquire(timeout=0).lock.release()


def test_who_waited_takes_what_the_other_process_made(own: Path, tmp_path: Path) -> None:
    for name in (IMAGES, LABELS):
        (own / f"{name}.gz").rename(own / f"{name}.other")
    acquire = filelock.FileLock.acquire

    def after_another(lock: filelock.BaseFileLock, *args: float) -> object:
        (tmp_path / "cache" / "tiny").mkdir(exist_ok=True)
        for name in (IMAGES, LABELS):
            made = gzip.decompress((own / f"{name}.other").read_bytes())
            (tmp_path / "cache" / "tiny" / name).write_bytes(made)
        return acquire(lock, *args)

    with mock.patch.object(filelock.FileLock, "acquire", after_another):
        assert len(data.load("tiny", own, "train").images) == TRAIN_PICTURES  # where it would fail to download


def test_a_cache_that_cannot_be_written_is_a_sentence(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    text = refused(own)
    assert "INFOGAN_CACHE" in text


@st.composite
def idx_files(draw: st.DrawFn) -> bytes:
    """Bytes that begin as an IDX file does, often with as much behind as the header promises."""
    shape = draw(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 5), max_size=4))
    head = bytes((0, 0, draw(st.sampled_from([8, 9, 13])), len(shape))) + struct.pack(f">{len(shape)}I", *shape)
    promised = math.prod(shape)
    return head + bytes(promised if promised < 1000 and draw(st.booleans()) else draw(st.integers(0, 200)))


@given(content=st.one_of(st.binary(max_size=60), idx_files()), dimensions=st.sampled_from([1, 3]))
def test_any_bytes_are_an_idx_file_or_a_sentence(
    content: bytes, dimensions: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also of bytes that have the right digest: what a header promises is compared with what is there."""
    folder = tmp_path_factory.mktemp("idx")
    whole = idx(np.zeros((3, 2, 2), np.uint8)), idx(np.zeros(3, np.uint8))
    contents = (content, whole[1]) if dimensions == 3 else (whole[0], content)
    files = tuple(
        data.Original(name, len(part), hashlib.sha256(part).hexdigest())
        for name, part in zip((IMAGES, LABELS), contents, strict=True)
    )
    for file, part in zip(files, contents, strict=True):
        (folder / file.name).write_bytes(part)
    described = data.IdxDataSet({"train": files, "test": files}, (), "none")
    with mock.patch.dict(data.DATA_SETS, {"any": described}):
        pictures = attempt("any", folder)
    if pictures:
        assert pictures.images.nbytes + 16 == files[0].size
        assert len(pictures.images) == len(pictures.labels)


@given(change=st.data())
def test_a_changed_gzip_gives_the_same_bytes_or_a_sentence(
    change: st.DataObject, data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packed = (data_dir / f"{IMAGES}.gz").read_bytes()
    folder = tmp_path_factory.mktemp("gzip")
    shutil.copy(data_dir / f"{LABELS}.gz", folder)
    start = change.draw(st.integers(0, len(packed)))
    end = change.draw(st.integers(start, min(len(packed), start + 40)))
    (folder / f"{IMAGES}.gz").write_bytes(packed[:start] + change.draw(st.binary(max_size=40)) + packed[end:])
    with mock.patch.dict(os.environ, {originals.CACHE_VARIABLE: str(folder / "cache")}):
        pictures = attempt("tiny", folder)
        if pictures:
            assert np.array_equal(pictures.images[:, 0], digits(np.random.default_rng(0), TRAIN_PICTURES)[0])


@pytest.mark.skipif(not (SHARED_DATA / "mnist").is_dir(), reason="the real MNIST files are not here")
def test_the_real_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path))
    train = data.load("mnist", SHARED_DATA / "mnist", "train", download=False)
    test = data.load("mnist", SHARED_DATA / "mnist", "test", download=False)
    assert (train.images.shape, test.images.shape) == ((60_000, 1, 28, 28), (10_000, 1, 28, 28))
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]


@given(n=st.integers(1, 50), batch_size=st.integers(1, 50), seed=st.integers(0, 9), stop=st.integers(0, 40))
def test_batches_cover_an_epoch_and_go_on_from_any_position(n: int, batch_size: int, seed: int, stop: int) -> None:
    images = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1)
    if batch_size > n:
        with pytest.raises(UserError, match="--batch-size"):
            Batches(images, batch_size, seed)
        return
    batches = Batches(images, batch_size, seed)
    drawn = [batches.next() for _ in range(stop)]
    epoch = np.concatenate([b.ravel() for b in drawn[: len(batches)]]) if drawn else np.zeros(0)
    assert len(np.unique(epoch)) == len(epoch)
    assert (batches.epoch, batches.index) == divmod(stop, len(batches))

    resumed = Batches(images, batch_size, seed)
    resumed.epoch, resumed.index = batches.epoch, batches.index
    assert all(np.array_equal(batches.next(), resumed.next()) for _ in range(2 * len(batches)))


def test_epochs_have_different_orders() -> None:
    batches = Batches(np.arange(100, dtype=np.uint8).reshape(100, 1, 1, 1), 50, seed=0)
    first, _, second, _ = (batches.next() for _ in range(4))
    assert not np.array_equal(first, second)
