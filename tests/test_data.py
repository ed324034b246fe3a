"""Finding, verifying and mapping a data set; batches."""

import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infogan.trainer import data
from infogan.trainer.errors import UserError
from tiny import SHARED_DATA, TRAIN_PICTURES, digits, write_data_set

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def own(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny data set that a test may damage, with an empty cache."""
    folder = tmp_path / "own"
    shutil.copytree(data_dir, folder, ignore=shutil.ignore_patterns("cache"))
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    return folder


def refused(folder: Path | None, download: bool = False) -> str:
    with pytest.raises(UserError) as caught:
        data.load("tiny", folder, "train", download=download)
    text = str(caught.value)
    assert "\n" not in text
    return text


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
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(UserError, match=r"9 pictures .* 8 labels"):
        data.load("odd", tmp_path, "train", download=False)


def test_an_idx_file_of_another_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = digits(np.random.default_rng(0), 4)
    monkeypatch.setitem(data.DATA_SETS, "odd", write_data_set(tmp_path, {"train": (labels, images)}))
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(UserError, match="not an IDX file of bytes in 3 dimensions"):
        data.load("odd", tmp_path, "train", download=False)


def test_unknown_data_set_and_folder() -> None:
    with pytest.raises(UserError, match=r"unknown data set 'cifar', expected one of: mnist"):
        data.load("cifar", None, "train")
    with pytest.raises(UserError, match="is not a folder"):
        data.load("mnist", Path("/nowhere"), "train")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine's loopback address, and the folder that it serves."""
    handler = partial(QuietHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", tmp_path
        server.shutdown()
        thread.join()


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


@pytest.mark.skipif(not (SHARED_DATA / "mnist").is_dir(), reason="the real MNIST files are not here")
def test_the_real_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(data.CACHE_VARIABLE, str(tmp_path))
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
            data.Batches(images, batch_size, seed)
        return
    batches = data.Batches(images, batch_size, seed)
    drawn = [batches.next() for _ in range(stop)]
    epoch = np.concatenate([b.ravel() for b in drawn[: len(batches)]]) if drawn else np.zeros(0)
    assert len(np.unique(epoch)) == len(epoch)
    assert (batches.epoch, batches.index) == divmod(stop, len(batches))

    resumed = data.Batches(images, batch_size, seed)
    resumed.epoch, resumed.index = batches.epoch, batches.index
    assert all(np.array_equal(batches.next(), resumed.next()) for _ in range(2 * len(batches)))


def test_epochs_have_different_orders() -> None:
    batches = data.Batches(np.arange(100, dtype=np.uint8).reshape(100, 1, 1, 1), 50, seed=0)
    first, _, second, _ = (batches.next() for _ in range(4))
    assert not np.array_equal(first, second)
