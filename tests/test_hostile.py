"""A bundle from a stranger is harmless: it opens, or one sentence refuses it."""

import os
import random
import zipfile
from pathlib import Path

import onnx
import pytest
from driving import settled
from hostile import corpus, write_linked_folder
from hypothesis import given
from hypothesis import strategies as st
from packing import pack
from pytestqt.qtbot import QtBot

from infogan.export import container
from infogan.export.bundle import Bundle, BundleError
from infogan.export.container import GENERATOR, RECOGNITION, Members
from infogan.export.gate import check_model
from infogan.export.golden import read_golden
from infogan.export.stored_zip import read_stored
from infogan.gui.window import MainWindow

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")
MUTATIONS = 400  # of a graph; measure_hostile.py opens as many changed bundles as one likes


@pytest.fixture(scope="module")
def members(tiny_bundle_path: Path) -> Members:
    return container.read_members(tiny_bundle_path)


def test_every_hostile_bundle_is_refused_for_what_it_is(members: Members, tmp_path: Path) -> None:
    wrong, path = {}, tmp_path / "m.infogan"
    for name, bundle in corpus(members):
        path.write_bytes(bundle.data)
        try:
            Bundle.open(path)
            wrong[name] = "was opened"
        except BundleError as error:
            if bundle.says not in str(error) or "\n" in str(error) or len(str(error)) > 600:
                wrong[name] = str(error)
    assert not wrong, "\n".join(f"{name}: {said}" for name, said in wrong.items())


def test_links_and_pipes_are_refused(members: Members, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is a link"):
        Bundle.open(write_linked_folder(tmp_path / "linked", members))
    os.mkfifo(tmp_path / "pipe.infogan")
    with pytest.raises(BundleError, match="not a regular file"):
        Bundle.open(tmp_path / "pipe.infogan")


def test_the_window_refuses_them_in_its_message_and_keeps_its_model(
    qtbot: QtBot, window: MainWindow, members: Members, tmp_path: Path
) -> None:
    before, path = window.state.bundle, tmp_path / "m.infogan"
    for name, bundle in corpus(members):
        path.write_bytes(bundle.data)
        with settled(qtbot, window):
            window.opening.open_path(path)
        said = window.message.text.text()
        assert bundle.says in said, f"{name}: {said}"
    assert window.state.bundle is before


def test_data_beside_a_bundle_is_never_read(members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """onnxruntime reads external data from the current folder even for a model that it is given as bytes."""
    monkeypatch.chdir(tmp_path)
    model = onnx.load_from_string(members[GENERATOR])
    onnx.save_model(model, "g.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    with pytest.raises(ValueError, match="is not allowed"):
        check_model((tmp_path / "g.onnx").read_bytes())


@given(st.binary())
def test_arbitrary_bytes_are_a_value_error(data: bytes) -> None:
    for parse in (check_model, lambda text: read_stored(text, 5), read_golden):
        with pytest.raises(ValueError):  # noqa: PT011 - each its own sentence
            parse(data)


def test_a_changed_graph_is_refused_or_onnx_reads_it_alike(members: Members) -> None:
    """Without the manifest's hashes, which would refuse nearly all of them at once."""
    rng, passed = random.Random(0), 0
    for _ in range(MUTATIONS):
        name = rng.choice([GENERATOR, RECOGNITION])
        data = bytearray(members[name])
        for _ in range(rng.randint(1, 4)):
            anywhere, near = rng.randrange(len(data)), rng.randrange(-400, 400)  # structure is dense at both ends
            data[rng.choice([anywhere, near])] = rng.randrange(256)
        try:
            check_model(bytes(data))
        except ValueError:
            continue
        passed += 1
        # What the gate lets through, onnx's own parser reads as the same message.
        model = onnx.load_from_string(bytes(data))
        assert not model.functions
        assert all(not tensor.external_data for tensor in model.graph.initializer)
    assert 0 < passed < MUTATIONS


def test_a_good_archive_is_read_as_zipfile_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    pack(path, {"a": b"1", "b": b""})
    with zipfile.ZipFile(path) as archive:
        assert read_stored(path.read_bytes(), 2) == [(name, archive.read(name)) for name in archive.namelist()]
    with pytest.raises(ValueError, match="at most 1"):
        read_stored(path.read_bytes(), 1)
