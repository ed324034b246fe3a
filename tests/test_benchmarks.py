"""What is measured, not how fast it is: that depends on the machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

from infogan.gui.window import MainWindow
from infogan.trainer import game
from infogan.trainer.networks import cnn_widths
from infogan.trainer.state import TrainingState
from tiny import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import anatomy
import app
import bench
import growth
import inference
import machine
import speed_page
import training
from anatomy import Stopwatch
from bench import GOALS, table
from loops import Loop, taking_turns, turn
from textbook import Textbook
from timing import in_turns, largest_rise, percentiles, ratio
from training import Engine, drawings, operations, settings

SMALL = {"channels": 4, "hidden": 16, "batch_size": 16, "precision": "fp32"}


@pytest.mark.parametrize("network", ["cnn", "mlp"])
def test_the_textbook_loop_computes_the_same_losses(network: str) -> None:
    """From the same weights, on the same pictures, noise and codes, step after step."""
    config = settings("poster", network, **SMALL)
    images = np.random.default_rng(0).integers(0, 256, (64, 1, 28, 28)).astype(np.uint8)
    state, textbook = TrainingState(config, images, torch.device("cpu")), Textbook(config, images)
    rng = np.random.default_rng(config.seed)
    for _ in range(4):
        batch = state.next_batch()
        terms = game.update(state, batch, "fp32")
        z, c = (torch.from_numpy(part) for part in config.latents.sample(rng, len(batch)))
        d_loss, g_loss = textbook.update(torch.from_numpy(batch).float() / 255, z, c)
        assert d_loss == pytest.approx(terms["d_loss"].item(), rel=1e-4)
        assert g_loss == pytest.approx(terms["g_loss"].item(), rel=1e-4)


def layers(width: int, n: int) -> tuple[float, float, float]:
    """Operations of one pass of ``n`` pictures forward through the CNN's G, its trunk, and the trunk's first layer."""
    channels, hidden = cnn_widths((1, 28, 28), 64), 1024
    outer, inner = 14 * 14 * channels[0] * 16 * 1, 7 * 7 * channels[1] * 16 * channels[0]
    full = 7 * 7 * channels[1] * hidden
    return 2 * n * (width * hidden + full + inner + outer), 2 * n * (outer + inner + full), 2 * n * outer


@pytest.mark.parametrize(("recipe", "passes"), [("poster", 11), ("robust", 14)])
def test_a_step_does_no_more_work_than_it_must(recipe: str, passes: int) -> None:
    """Operations by the shapes of the layers: 3 passes of G, and of the trunk 8 or, with changed copies, 11.

    A pass backward costs one for the weights and one for what is below. D's step needs no gradient of pictures, G's
    none of D's weights. Heads add less than three in a hundred.
    """
    config = settings(recipe, "cnn", batch_size=64)
    engine = Engine(config, drawings(64))
    engine.step()
    generator, trunk, first = layers(config.latents.input_width, 64)
    floor = 3 * generator + (passes - 3) * trunk - (passes - 5) // 3 * first
    assert 1 <= operations(engine.step) / floor < 1.03


def test_figures() -> None:
    assert percentiles([0.001] * 98 + [0.1] * 2) == {"p50_ms": 1.0, "p99_ms": 100.0}
    assert ratio([2.0, 4.0, 9.0], [1.0, 2.0, 3.0]) == 2.0
    assert largest_rise([4.0, 2.0, 3.0, 2.5]) == pytest.approx(0.5)
    assert largest_rise([3.0, 2.0]) == 0.0
    calls: list[str] = []
    seconds = in_turns({name: partial(calls.append, name) for name in "ab"}, rounds=2, repeats=3)
    assert "".join(calls) == "ab" + "aaabbb" * 2
    assert [len(times) for times in seconds.values()] == [6, 6]


def test_a_stopwatch_counts_what_is_within_once() -> None:
    class Parts:
        def outer(self) -> None:
            self.inner()
            self.inner()

        def inner(self) -> None:
            sum(range(20_000))

    parts, stopwatch = Parts(), Stopwatch()
    with stopwatch.watching(("outer", parts, "outer"), ("inner", parts, "inner")):
        parts.outer()
    assert stopwatch.seconds["inner"] > stopwatch.seconds["outer"] > 0
    before = dict(stopwatch.seconds)
    parts.outer()
    assert stopwatch.seconds == before


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part on tiny networks and little data."""
    for module in (training, anatomy, growth, inference):
        monkeypatch.setattr(module, "settings", lambda *recipe, **changed: settings(*recipe, **{**SMALL, **changed}))
    for module in (training, anatomy, growth):
        monkeypatch.setattr(module, "PICTURES", 64)
    monkeypatch.setattr(growth, "BATCHES", (64, 32))
    monkeypatch.setattr(growth, "DATA", (32, 64))
    monkeypatch.setattr(growth, "LATENTS", {"no category": {"categorical": ()}})
    monkeypatch.setattr(machine, "_SIDES", (16,))
    monkeypatch.setattr(machine, "_READ", 1024)
    monkeypatch.setattr(inference, "_CALLS", 1)


@pytest.fixture
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


class Here:
    """A loop in this process: those of their own take seconds to begin, and one test begins one."""

    def __init__(self, begin: Callable[[], Callable[[], object]], threads: int, environment: object = None) -> None:
        self.step = begin()

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *of_error: object) -> None:
        pass

    def turn(self) -> float:
        started = time.perf_counter()
        self.step()
        return time.perf_counter() - started

    def peak(self, dtype: torch.dtype) -> float:
        return machine.matrix_peak(dtype, 1)


def test_a_loop_runs_in_a_process_of_its_own() -> None:
    """With variables that this one does not have."""
    config = settings("poster", "mlp", **{**SMALL, "hidden": 8})
    with Loop(partial(training.engine_step, config, 32), 1) as loop:
        assert 0 < loop.turn() < 60
        assert loop.peak(torch.float32) > 0
    name, before = "ONLY_IN_THE_LOOP", dict(os.environ)
    found = partial(eval, f"__import__('os').environ[{name!r}]")
    with Loop(found, 1, {name: "x"}):
        assert dict(os.environ) == before
    with pytest.raises(KeyError, match=name), Loop(found, 1):
        pass


def test_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn's figure is a step's mean in its quickest four, after four that do not count."""
    clock, steps = iter([0.0, 8.0, 10.0, 14.0, 20.0, 28.0]), list[int]()
    with monkeypatch.context() as patched:
        patched.setattr(time, "perf_counter", lambda: next(clock))
        assert turn(lambda: steps.append(1)) == 1.0
    assert len(steps) == 16
    turns = taking_turns({"a": iter([1.0, 2.0]).__next__, "b": iter([3.0, 4.0]).__next__}, 2)
    assert {name: list(given) for name, given in turns.items()} == {"a": [1.0, 2.0], "b": [3.0, 4.0]}


def test_the_pace_of_the_machine_is_no_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of the larger batch takes a tenth longer; in the calmest round only the smaller one was left alone."""
    engines = {n: SimpleNamespace(step=None, pictures=n) for n in (50, 100)}
    pace, disturbed = np.array([3.0, 1.0, 2.0, 2.0, 3.0]), np.array([1.0, 3.0, 1.0, 1.0, 1.0])
    monkeypatch.setattr(growth, "taking_turns", lambda works, rounds: {50: 0.05 * pace, 100: 0.11 * pace * disturbed})
    costs = growth.costs(engines, 5)
    assert costs[100] / costs[50] == pytest.approx(1.1, abs=0.001)
    assert 1 < costs[50] < 2  # milliseconds, as in a calm round


@pytest.mark.usefixtures("small", "_threads")
def test_each_part_finds_what_its_goals_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "Loop", Here)
    monkeypatch.setattr(training, "has_matrix_units", lambda: True)
    figures = {
        "training": training.measure(1, quick=True),
        "growth": growth.measure(1, quick=True),
        "inference": inference.measure(quick=False),
    }
    assert all(goal.of(figures[part]) is not None for part in figures for goal in GOALS[part])
    assert set(figures["growth"]["batch"]) == {64, 32}
    assert figures["training"]["cnn"]["vector_units"].keys() == {"gflops", "peak_gflops", "peak_gflops_fp32"}
    parts = anatomy.measure(1, quick=True)
    assert all(set(spent) >= {"data", "G against them", "optimiser"} for spent in parts["phases"].values())
    assert parts["phases"]["robust"]["changed copies"] > 0
    assert "changed copies" not in parts["phases"]["poster"]
    assert 0 < sum(parts["operators"].values()) <= 1
    assert machine.described(1)["threads"] == 1
    assert all(line.count("|") == 6 for line in table(figures))


def test_what_a_hand_does_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    assert len(app.slider(window, 3)) == 3
    seconds = app.strokes(window, 3)
    assert len(seconds) == 3
    assert min(seconds) > 0


def test_the_first_picture(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "benchmarks" / "first_picture.py"), repr(time.time())]
    own = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    assert float(subprocess.run(script, env=own, capture_output=True, text=True, check=True).stdout) > 0


def test_what_the_app_needs_is_counted() -> None:
    sizes = app.installed()
    assert {"this project", "numpy", "onnxruntime", "PySide6-Essentials", "shiboken6", "pillow"} <= sizes.keys()
    assert not {"torch", "matplotlib"} & sizes.keys()


def test_the_table_says_what_is_met() -> None:
    figures = {
        "cnn": {"against_textbook": {"poster": 2.6}, "share_of_peak": {"poster": 0.6}, "robust_extra": 0.3},
        "mlp": {"against_textbook": {"poster": 1.9}},
    }
    lines = table({"training": figures})
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["yes", "**no**", "**no**", "yes"]
    names = [goal.name for goals in GOALS.values() for goal in goals]
    assert len(set(names)) == len(names)
    never = {"seconds_until": {"95%": 100.0, "97%": None}}
    assert table({"quality": never})[-1].endswith("| inf | **no** |")


def test_a_part_that_does_not_exist(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.py", "nonsense"])
    with pytest.raises(SystemExit) as left:
        bench.main()
    assert left.value.code == 2
    assert "there is no part nonsense" in capsys.readouterr().err


def test_the_page_shows_the_latest_figures() -> None:
    page = speed_page.PAGE.read_text()
    assert speed_page.with_tables(page, json.loads(bench.LATEST.read_text())) == page
    assert "| --- |" in page
