"""The figures in docs/results are those that the tables show, and none of them is impossible."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tiny import ROOT

RESULTS = sorted((ROOT / "docs" / "results").glob("*-seed*.json"))


def results_script() -> Any:
    spec = importlib.util.spec_from_file_location("results", ROOT / "benchmarks" / "results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not RESULTS, reason="no seed has been measured yet")
def test_the_page_shows_the_figures() -> None:
    assert (ROOT / "docs" / "results.md").read_text() == results_script().page()


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_figures_are_possible(path: Path) -> None:
    figures = json.loads(path.read_text())
    report = figures["report"]
    assert path.stem == f"{figures['network']}-seed{figures['seed']}"
    assert report["model"]["seed"] == figures["seed"]
    assert report["model"]["recipe"] == "robust"
    categories = report["categories"]
    counts = categories["confusion"]
    right = sum(row[int(label)] for row, label in zip(counts, categories["labels"], strict=True) if label is not None)
    assert sum(map(sum, counts)) == report["model"]["test_pictures"] == 10_000
    assert categories["accuracy"] == pytest.approx(right / 10_000)
    assert categories["accuracy"] <= categories["majority"] + 1e-9
    assert 0 < report["codes"]["c1"]["information"] <= report["codes"]["c1"]["entropy"] + 1e-6
    assert all(-1 <= r <= 1 for code in report["continuous"].values() for r in code["test"].values())
    samples = report["samples"]
    assert samples["pictures"] == 10_000
    for kind in ("generated", "real"):
        assert sum(samples[kind]["class_shares"]) == pytest.approx(1)
        assert all(0 <= samples[kind][name] <= 1 for name in ("precision", "recall", "coverage", "duplicates"))
    assert samples["real"]["frechet_distance"] < samples["generated"]["frechet_distance"]
    assert 0 < figures["after_first_epoch"]["seconds"] < figures["seconds"]
