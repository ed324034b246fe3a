"""The figures in docs/results are those that the tables show, none of them is impossible, and the scripts are right."""

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from infogan.trainer import data
from infogan.trainer.cli import main as train_main
from tiny import ROOT, TINY

RESULTS = sorted((ROOT / "docs" / "results").glob("*-seed*.json"))


def script(name: str) -> Any:
    """A file of benchmarks/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made_up(seed: int, accuracy: float = 0.99, slant: float = 0.95, recall: float = 0.7) -> dict[str, Any]:
    """The figures of a seed that never was."""
    kinds = ("test", "generated", "set")
    factors = {"c2": {"slant": slant, "width": -0.1}, "c3": {"slant": 0.1, "width": 0.8}}
    continuous = {
        code: dict.fromkeys(kinds, values)
        | {f"{kind}_by_class": {str(digit): values for digit in range(10)} for kind in kinds}
        for code, values in factors.items()
    }
    sample = {"precision": 0.9, "recall": recall, "frechet_distance": 0.1, "smallest_share": 0.08}
    report = {
        "model": {"name": f"seed {seed}"},
        "categories": {"accuracy": accuracy},
        "codes": {"c1": {"information": 2.29}},
        "continuous": continuous,
        "samples": {"generated": sample, "real": {**sample, "recall": 0.8}},
    }
    early = {"seconds": 200.0, "accuracy": accuracy}
    training = {"after_first_epoch": early, "seconds": 600, "precision": "fp32", "score": 2.1}
    return {"seed": seed, **training, "report": report}


def written(folder: Path, *figures: dict[str, Any]) -> Any:
    """The script that makes the page, looking at these results."""
    module = script("results")
    for each in figures:
        (folder / f"cnn-seed{each['seed']}.json").write_text(json.dumps(each))
    (folder / "bundled-cnn.json").write_text(json.dumps(made_up(3)["report"]))
    module.RESULTS = folder
    return module


def test_the_page_shows_the_figures() -> None:
    assert (ROOT / "docs" / "results.md").read_text() == script("results").page()


def test_a_page_of_good_seeds(tmp_path: Path) -> None:
    page = written(tmp_path, made_up(0, 0.985), made_up(10), made_up(2)).page()
    assert "| c1 accuracy | >= 98.70% | mean | 98.83% | yes |" in page
    assert "| c1 accuracy | >= 98.00% | worst | 98.50% | yes |" in page
    assert "| recall, of what real pictures reach | >= 0.80 | worst | 0.87 | yes |" in page
    assert "mean 98.83%, worst 98.50%, standard deviation 0.29%" in page
    assert "**no**" not in page
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith(("| 0 |", "| 2 |", "| 10 |"))]
    assert rows == [["| 0", "98.50%"], ["| 2", "99.00%"], ["| 10", "99.00%"]]
    assert "| seed 3 | 99.00%" in page


def test_what_is_not_reached_is_said(tmp_path: Path) -> None:
    page = written(tmp_path, made_up(0), made_up(1, 0.9, slant=0.0, recall=0.5)).page()
    missed = [line.split(" | ")[0][2:] for line in page.splitlines() if "**no**" in line]
    assert missed == [
        "c1 accuracy",
        "c1 accuracy",
        "seconds to 97 %, everything counted",
        "c2 with slant, read from generated digits",
        "c2 with slant, set for generated digits",
        "c2 with slant, read from test digits",
        "c2 with slant, within any one digit",
        "recall, of what real pictures reach",
    ]


def test_a_page_without_seeds_is_a_page(tmp_path: Path) -> None:
    assert "bundled" in written(tmp_path).page()


def test_an_interrupted_seed_goes_on_with_true_figures(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look after the first epoch stays what it was, and time adds up."""
    seeds = script("seeds")
    monkeypatch.setitem(data.DATA_SETS, "mnist", data.DATA_SETS["tiny"])
    calls: list[list[str]] = []

    def train(command: list[str], check: bool) -> None:
        assert check
        calls.append(command[3:])
        if len(calls) == 2:
            raise KeyboardInterrupt
        tiny = [] if "--resume" in command else [*TINY, "--dataset", "mnist"]
        assert train_main([*tiny, *command[3:]]) == 0

    monkeypatch.setattr(seeds.subprocess, "run", train)
    arguments = argparse.Namespace(
        network="cnn", runs=tmp_path / "runs", results=tmp_path / "results", data_dir=data_dir
    )
    with pytest.raises(KeyboardInterrupt):
        seeds.run_seeds(arguments, range(1))
    look = json.loads((tmp_path / "runs" / "cnn-seed0-epoch1.json").read_text())
    seeds.run_seeds(arguments, range(1))
    seeds.run_seeds(arguments, range(1))  # done: nothing is trained again
    figures = json.loads((tmp_path / "results" / "cnn-seed0.json").read_text())
    assert figures["after_first_epoch"] == look
    assert 0 < look["seconds"] < figures["seconds"]
    assert figures["report"]["model"]["step"] == 5 * 5
    assert [call[call.index("--epochs") + 1] for call in calls] == ["1", "5", "5"]


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
    assert 0 < report["codes"]["c1"]["information"] <= report["codes"]["c1"]["entropy"] + 1e-6
    assert all(-1 <= r <= 1 for code in report["continuous"].values() for r in code["test"].values())
    samples = report["samples"]
    assert samples["pictures"] == 10_000
    for kind in ("generated", "real"):
        assert sum(samples[kind]["class_shares"]) == pytest.approx(1)
        assert all(0 <= samples[kind][name] <= 1 for name in ("precision", "recall", "coverage", "duplicates"))
    assert samples["real"]["frechet_distance"] < samples["generated"]["frechet_distance"]
    assert 0 < figures["after_first_epoch"]["seconds"] < figures["seconds"]
