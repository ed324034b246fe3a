"""The figures in docs/results are those that the tables show, none of them is impossible, and the scripts are right."""

import argparse
import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tyro

from infogan.trainer import data
from infogan.trainer.cli import main as train_main
from infogan.trainer.config import TrainConfig
from infogan.trainer.recipes import RECIPES
from tiny import ROOT, TINY

Script = Callable[[str], Any]

RESULTS = sorted((ROOT / "docs" / "results").glob("*-seed*.json"))
BEYOND = sorted((ROOT / "docs" / "results").glob("data-*.json"))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Imports a file of benchmarks/ as Python does that runs it there."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    for name in ("measuring", "results", "seeds", "ablation", "goals", "data_sets"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module


def made_up(
    seed: int, accuracy: float = 0.99, slant: float = 0.95, recall: float = 0.7, **machine: Any
) -> dict[str, Any]:
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
    training = {"after_first_epoch": early, "seconds": 600, "score": 2.1}
    machine = {"device": "cpu", "precision": "bf16", "threads": 2, **machine}
    return {"seed": seed, **training, **machine, "report": report}


def written(module: Any, folder: Path, *figures: dict[str, Any]) -> Any:
    """The script that makes the page, looking at these results."""
    for each in figures:
        (folder / f"cnn-seed{each['seed']}.json").write_text(json.dumps(each))
    (folder / "bundled-cnn.json").write_text(json.dumps(made_up(3)["report"]))
    module.RESULTS = folder
    return module


def test_the_pages_show_the_figures(script: Script) -> None:
    assert (ROOT / "docs" / "results.md").read_text() == script("results").page()
    if (ROOT / "docs" / "ablation.md").exists():
        assert (ROOT / "docs" / "ablation.md").read_text() == script("ablation").page(ROOT / "docs" / "ablation")


def test_the_report_shows_the_figures_beside_it() -> None:
    report = ROOT / "docs" / "report"
    page, told = ((report / name).read_text() for name in ("index.html", "README.md"))
    runs = sorted(report.glob("*.json"))
    assert [path.stem for path in runs] == ["poster-cnn", "poster-mlp", "robust-cnn", "robust-mlp"]
    for path in runs:
        accuracy = json.loads(path.read_text())["categories"]["accuracy"]
        assert f"<td>{accuracy:.2%}</td>" in page
        assert f"{accuracy * 100:.2f} %" in told
        assert accuracy > 0.98 or "poster" in path.stem
    assert not re.search(r'(src|srcset|href)="(?!data:)', page)  # it needs nothing beside it


def test_a_page_of_good_seeds(script: Script, tmp_path: Path) -> None:
    page = written(script("results"), tmp_path, made_up(0, 0.985), made_up(10), made_up(2)).page()
    assert "| c1 accuracy | >= 98.70% | mean of 3 | 98.83% | yes |" in page
    assert "| c1 accuracy | >= 98.00% | worst of 3 | 98.50% | yes |" in page
    assert "| recall, of what real pictures reach | >= 0.80 | worst of 3 | 0.87 | yes |" in page
    assert "mean 98.83%, worst 98.50%, standard deviation 0.29%" in page
    assert "**no**" not in page
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith(("| 0 |", "| 2 |", "| 10 |"))]
    assert rows == [["| 0", "98.50%"], ["| 2", "99.00%"], ["| 10", "99.00%"]]
    assert "| seed 3 | 99.00%" in page


def test_what_is_not_reached_is_said(script: Script, tmp_path: Path) -> None:
    page = written(script("results"), tmp_path, made_up(0), made_up(1, 0.9, slant=0.0, recall=0.5)).page()
    missed = [line.split(" | ")[0][2:] for line in page.splitlines() if "**no**" in line]
    assert missed == [
        "c1 accuracy",
        "c1 accuracy",
        "seconds of training to 97 %, two cores with bf16",
        "c2 with slant, read from generated digits",
        "c2 with slant, set for generated digits",
        "c2 with slant, read from test digits",
        "c2 with slant, within any one digit",
        "recall, of what real pictures reach",
    ]


@pytest.mark.parametrize("other", [{"precision": "fp32"}, {"threads": 1}, {"device": "cuda"}])
def test_the_time_is_that_of_two_fast_cores(other: dict[str, Any], script: Script, tmp_path: Path) -> None:
    page = written(script("results"), tmp_path, made_up(0, **other)).page()
    assert "two cores with bf16 | <= 360 | worst | not measured | |" in page


def test_a_page_without_seeds_is_a_page(script: Script, tmp_path: Path) -> None:
    page = written(script("results"), tmp_path).page()
    assert "## The bundled models" in page
    assert "## The CNN's" not in page
    assert "No seed of the CNN has been measured" in page


def test_a_seed_that_lost_a_digit_misses_the_goal(script: Script, tmp_path: Path) -> None:
    lost = made_up(0)
    del lost["report"]["continuous"]["c2"]["generated_by_class"]["4"]
    page = written(script("results"), tmp_path, lost).page()
    assert "| c2 with slant, within any one digit | > 0.00 | worst of 1 | -inf | **no** |" in page


class Trainer:
    """Stands in for the other process: trains in this one, with tiny settings; one of the calls is interrupted."""

    def __init__(self, interrupted: int) -> None:
        self.interrupted = interrupted
        self.calls: list[list[str]] = []

    def __call__(self, flags: list[str]) -> int:
        self.calls.append(flags)
        if len(self.calls) == self.interrupted:
            if "--out" in flags:  # the folder is there, and nothing in it to go on from
                Path(flags[flags.index("--out") + 1]).mkdir(parents=True)
            raise KeyboardInterrupt
        return train_main([*([] if "--resume" in flags else [*TINY, "--dataset", "mnist"]), *flags])


@pytest.fixture
def trainer(script: Script, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """What the benchmarks train with here: a tiny data set in MNIST's place, the second call interrupted."""
    train = Trainer(interrupted=2)
    monkeypatch.setitem(data.DATA_SETS, "mnist", data.DATA_SETS["tiny"])
    monkeypatch.setattr(script("measuring"), "train", train)
    return train


def test_an_interrupted_seed_goes_on_with_true_figures(
    script: Script, trainer: Trainer, data_dir: Path, tmp_path: Path
) -> None:
    """The look after the first epoch stays what it was, and time adds up."""
    seeds = script("seeds")
    arguments = argparse.Namespace(
        network="cnn", runs=tmp_path / "runs", results=tmp_path / "results", data_dir=data_dir, threads=1
    )
    with pytest.raises(KeyboardInterrupt):
        seeds.run_seeds(arguments, range(1))
    look = json.loads((tmp_path / "runs" / "cnn-seed0-epoch1.json").read_text())
    seeds.run_seeds(arguments, range(1))
    seeds.run_seeds(arguments, range(1))  # done: nothing is trained again
    figures = json.loads((tmp_path / "results" / "cnn-seed0.json").read_text())
    assert figures["after_first_epoch"] == look
    assert 0 < look["seconds"] < figures["seconds"]
    epochs = RECIPES["robust", "cnn"].epochs
    assert figures["report"]["model"]["step"] == 5 * epochs
    assert [call[call.index("--epochs") + 1] for call in trainer.calls] == ["1", str(epochs), str(epochs)]
    assert all(call[call.index("--threads") + 1] == "1" for call in trainer.calls if "--resume" not in call)
    assert figures["threads"] == 1


def test_the_ablation_goes_on_where_it_stopped(
    script: Script, trainer: Trainer, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ablation = script("ablation")
    monkeypatch.setattr(ablation, "BUDGET", [])
    monkeypatch.setattr(ablation, "SEEDS", (0,))
    monkeypatch.setattr(ablation, "VARIANTS", ablation.VARIANTS[:2])
    with pytest.raises(KeyboardInterrupt):
        ablation.run_all(data_dir, tmp_path / "runs", tmp_path)
    assert "poster, MLP" not in (tmp_path / "ablation.md").read_text()
    ablation.run_all(data_dir, tmp_path / "runs", tmp_path)
    assert len(trainer.calls) == 3
    (tmp_path / "ablation" / "findings.md").write_text("What was found.")
    rows = [
        line.split(" | ") for line in ablation.page(tmp_path / "ablation").splitlines() if line.startswith("| poster")
    ]
    figures = json.loads((tmp_path / "ablation" / "poster-mlp-seed0.json").read_text())
    assert [row[:2] for row in rows] == [["| poster, CNN", "1"], ["| poster, MLP", "1"]]
    assert rows[1][2] == f"{figures['accuracy']:.1%}"
    assert figures["flags"] == ["--recipe", "poster", "--network", "mlp"]
    assert ablation.cell([{"recall": share} for share in (0.5, 0.1, 0.6)], "recall") == "0.50 (0.10 to 0.60)"
    assert ablation.page(tmp_path / "ablation").endswith("What was found.\n")


def test_a_variant_that_fails_does_not_keep_the_others_from_being_measured(
    script: Script, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ablation, tried = script("ablation"), []
    monkeypatch.setattr(script("measuring"), "train", lambda flags: tried.append(flags) or 1)
    ablation.run_all(data_dir, tmp_path / "runs", tmp_path)
    assert len(tried) == len(ablation.VARIANTS) * len(ablation.SEEDS)
    assert "poster-cnn-seed0: infogan-train ended with exit code 1" in capsys.readouterr().out
    assert not (tmp_path / "ablation").exists()


def test_an_unguided_run_may_swap_codes_and_signs(script: Script) -> None:
    follows = script("ablation").follows
    assert follows({"slant": 0.9, "width": 0.1}, {"slant": 0.2, "width": 0.8}) == (0.9, 0.8)
    assert follows({"slant": 0.1, "width": -0.7}, {"slant": -0.9, "width": 0.2}) == (0.9, 0.7)


def test_training_is_a_process_of_its_own(script: Script) -> None:
    assert script("measuring").train(["--no-such-flag"]) == 2


def test_every_variant_is_a_command_that_the_trainer_takes(script: Script) -> None:
    ablation = script("ablation")
    assert len({variant.name for variant in ablation.VARIANTS}) == len(ablation.VARIANTS)
    settings = []
    for variant in ablation.VARIANTS:
        flags = [*ablation.BUDGET, *variant.flags]
        config = tyro.cli(
            TrainConfig, args=flags, default=RECIPES[variant.flags[1], "mlp" if "mlp" in flags else "cnn"]
        )
        config.check()
        settings.append(config)
    assert len(set(settings)) == len(settings)


@pytest.mark.parametrize("path", BEYOND, ids=lambda path: path.stem)
def test_figures_beyond_mnist_are_possible(path: Path, script: Script) -> None:
    figures = json.loads(path.read_text())
    run = script("data_sets").RUNS[figures["name"]]
    assert path.stem == f"data-{figures['name']}"
    assert figures["flags"] == list(run.flags)
    assert figures["seconds"] > 60
    report = figures["report"]
    for code in report["codes"].values():
        assert code["information"] <= code["entropy"] + 1e-6 or "r_squared" in code
    for kind in ("generated", "real"):
        of = report["samples"][kind]
        assert all(0 <= of[name] <= 1 for name in ("precision", "recall", "coverage", "duplicates"))
    assert report["samples"]["real"]["duplicates"] < 0.05
    assert report["samples"]["real"]["recall"] > report["samples"]["generated"]["recall"]
    assert all(goal.of(figures) > 0 for goal in run.goals if goal.sign == ">=")


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
