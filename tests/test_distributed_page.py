"""docs/distributed.md shows what its benchmark measured."""

import importlib
import json
import statistics
from typing import Any

import pytest

from tiny import ROOT

DOCS = ROOT / "docs"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("replicas")


def test_the_page_shows_the_figures(script: Any) -> None:
    page = (DOCS / "distributed.md").read_text()
    figures = json.loads((DOCS / "results" / "replicas.json").read_text())
    assert figures["flags"] == script.FLAGS
    assert script.with_table(page, figures) == page


def test_two_processes_learn_what_one_learns() -> None:
    figures = json.loads((DOCS / "results" / "replicas.json").read_text())
    one, two = ([row["accuracy"] for row in figures[number]] for number in ("1", "2"))
    spread = max(one) - min(one)
    assert abs(statistics.mean(two) - statistics.mean(one)) <= max(spread, 0.01)
    assert min(two) > 0.9
