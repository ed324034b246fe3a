"""docs/handwriting.md says what was measured, and its script measures what it says."""

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from infogan.export.bundle import Bundle
from infogan.trainer import data
from tiny import ROOT

DOCS = ROOT / "docs"
FIGURES = json.loads((DOCS / "results" / "handwriting.json").read_text())


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("handwriting")


def test_the_page_shows_the_figures(script: Any) -> None:
    page = (DOCS / "handwriting.md").read_text()
    assert script.with_table(page, FIGURES) == page
    assert script.table(FIGURES) in page


def test_the_figures_are_those_of_the_bundled_model() -> None:
    bundle = Bundle.open(ROOT / "assets" / "mnist-cnn.infogan")
    assert bundle.has_encoder
    assert FIGURES["pair_id"] == bundle.manifest.pair_id
    (told,) = [value for name, value in bundle.manifest.quality.items() if "reconstructed test pictures (" in name]
    assert FIGURES["test"]["pixel_error"] == pytest.approx(told, abs=1e-4)
    assert FIGURES["test"]["pictures"] == 10_000
    assert FIGURES["pens"]["digits"] == 300


def test_the_bundled_model_reconstructs_what_is_drawn(script: Any) -> None:
    """Our own pen digits, which are in the repository, come near to what the 300 gave."""
    bundle = Bundle.open(ROOT / "assets" / "mnist-cnn.infogan")
    pens, labels = script.pen_digits(ROOT / "tests" / "data" / "strokes.json")
    z, c = bundle.encode(pens)
    assert abs(z).max() <= 1
    read = [bundle.label("c1", int(index)) for index in c[:, bundle.latents.slices["c1"]].argmax(1)]
    assert [str(label) for label in labels] == read
    assert np.square(bundle.generate(z, c) - pens).mean() < 2 * FIGURES["pens"]["pixel_error"]


def test_it_measures(
    script: Any, encoder_bundle_path: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(data.DATA_SETS, "mnist", data.DATA_SETS["tiny"])
    monkeypatch.setattr(script, "TIMED", 5)
    (tmp_path / "handwriting.md").write_text(f"before\n{script.BEGIN}\nold\n{script.page.END}\nafter\n")
    strokes = ROOT / "tests" / "data" / "strokes.json"
    script.run(argparse.Namespace(bundle=encoder_bundle_path, data_dir=data_dir, strokes=strokes, docs=tmp_path))
    figures = json.loads((tmp_path / "results" / "handwriting.json").read_text())
    page = (tmp_path / "handwriting.md").read_text()
    assert page == f"before\n{script.BEGIN}\n{script.table(figures)}\n{script.page.END}\nafter\n"
    assert 0 < figures["milliseconds"]["p50"] <= figures["milliseconds"]["p99"]
    with Image.open(tmp_path / "handwriting.png") as sheet:
        assert sheet.width > 12 * 28
    with Image.open(tmp_path / "morph.gif") as film:
        assert film.size == (28 * script.SCALE, 28 * script.SCALE)
