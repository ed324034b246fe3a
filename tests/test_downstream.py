"""docs/downstream.md says what was measured, and its script measures what it says."""

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
from tiny import ROOT, digits, write_data_set

DOCS = ROOT / "docs"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("downstream")


def test_the_page_shows_the_figures_of_the_bundled_model(script: Any) -> None:
    figures = json.loads((DOCS / "results" / "downstream.json").read_text())
    page = (DOCS / "downstream.md").read_text()
    assert script.with_table(page, figures) == page
    assert figures["fingerprint"] == Bundle.open(ROOT / "assets" / "mnist-cnn.infogan").fingerprint
    few, all_of_them = "10", "60000"
    assert figures["digits"]["codes"][few] > figures["digits"]["pixels"][few] + 0.2
    assert figures["digits"]["codes and noise"][all_of_them] > 0.97


def test_it_measures(script: Any, encoder_bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    splits = {"train": digits(rng, 300), "test": digits(rng, 100)}
    monkeypatch.setitem(data.DATA_SETS, "mnist", write_data_set(tmp_path, splits))
    monkeypatch.setattr(script, "FILES", {split: f"{split}-images-idx3-ubyte.gz" for split in splits})
    for name, value in {"LABELLED": (20, 300), "MEASURED": 100, "MAPPED": 60}.items():
        monkeypatch.setattr(script, name, value)
    (tmp_path / "downstream.md").write_text(f"before\n{script.BEGIN}\nold\n{script.page.END}\nafter\n")
    script.run(argparse.Namespace(bundle=encoder_bundle_path, data_dir=tmp_path, docs=tmp_path))
    figures = json.loads((tmp_path / "results" / "downstream.json").read_text())
    assert (
        tmp_path / "downstream.md"
    ).read_text() == f"before\n{script.BEGIN}\n{script.table(figures)}\n{script.page.END}\nafter\n"
    assert figures["digits"]["pixels"]["300"] > 0.9
    with Image.open(tmp_path / "downstream.png") as page:
        assert page.width > 500
