"""Bundles from elsewhere are loaded in a process of their own first."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from driving import settled
from onnx import helper, numpy_helper
from packing import pack, resealed
from pytestqt.qtbot import QtBot

from infogan.export import container, trial
from infogan.export.bundle import Bundle, BundleError, check
from infogan.export.container import GENERATOR, Members
from infogan.export.stored_zip import write_stored
from infogan.export.trial import open_tried
from infogan.gui.settings import Settings
from infogan.gui.window import MainWindow


@pytest.fixture(scope="module")
def members(tiny_bundle_path: Path) -> Members:
    return container.read_members(tiny_bundle_path)


def greedy(members: Members) -> Members:
    """The same answers, by way of some gigabytes: z is doubled twenty-five times, and its first columns are used."""
    model = onnx.load_from_string(members[GENERATOR])
    graph, size = model.graph, model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    for node in graph.node:
        node.input[:] = ["same" if name == "z" else name for name in node.input]
    names = ["z", *(f"z{i}" for i in range(25))]
    doubling = [helper.make_node("Concat", [a, a], [b], axis=1) for a, b in pairwise(names)]
    columns = numpy_helper.from_array(np.array([size, size * (2**25 - 1)]), "columns")
    graph.initializer.append(columns)
    nodes = [*doubling, helper.make_node("Split", [names[-1], "columns"], ["same", "rest"], axis=1), *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return resealed({**members, GENERATOR: model.SerializeToString()})


def test_a_bundle_is_tried_out_once(tiny_bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = open_tried(tiny_bundle_path)
    monkeypatch.setattr(trial, "try_out", lambda *_: pytest.fail("it is known"))
    assert open_tried(tiny_bundle_path, known={bundle.fingerprint}).name == bundle.name


@pytest.mark.skipif(sys.platform == "win32", reason="the system limits no memory")
def test_one_that_wants_too_much_memory_is_refused(members: Members, tmp_path: Path) -> None:
    path, wanting = tmp_path / "m.infogan", greedy(members)
    check(wanting, path)  # nothing in it looks wrong
    pack(path, wanting)
    with pytest.raises(BundleError, match=f"{path} is not a usable bundle") as caught:
        open_tried(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "says"),
    [("kill -SEGV $$", "ended a process"), ("exec tail -f /dev/null", "took longer"), ("echo no >&2; exit 1", "no")],
)
def test_whatever_becomes_of_the_process_is_a_sentence(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    if "took" in says:
        monkeypatch.setattr(trial, "SECONDS", 0.1)
    with pytest.raises(BundleError, match=says):
        trial.try_out(members, tmp_path / "m.infogan")
    program.unlink()
    with pytest.raises(BundleError, match="cannot be tried out"):
        trial.try_out(members, tmp_path / "m.infogan")


def test_a_frozen_app_tries_bundles_out_itself(members: Members) -> None:
    command = [sys.executable, "-m", "infogan.gui", trial.FLAG, "some/path"]
    good = subprocess.run(command, input=write_stored(members), capture_output=True, check=False)
    assert (good.returncode, good.stdout, good.stderr) == (0, b"", b"")
    bad = subprocess.run(command, input=b"PK", capture_output=True, check=False)
    assert bad.returncode == 1
    assert bad.stderr.startswith(b"some/path is not a usable bundle")


def test_the_window_learns_what_is_harmless(qtbot: QtBot, tiny_bundle: Bundle, tiny_bundle_path: Path) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    assert not window.settings.known
    with settled(qtbot, window):
        window.opening.open_bundle(tiny_bundle_path)
    assert window.state.bundle.name == tiny_bundle.name
    assert Settings().known == {tiny_bundle.fingerprint}
