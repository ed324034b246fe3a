"""Fixtures: a tiny data set in the official format, a tiny run, a tiny bundle. Nothing leaves the temporary folder."""

import os
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1"

import numpy as np
import pytest
from driving import settled
from hypothesis import settings
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from infogan.export import evaluate
from infogan.export.bundle import Bundle
from infogan.export.package import export_bundle
from infogan.gui.window import MainWindow
from infogan.trainer import checkpoint, classifier, data, originals
from infogan.trainer.cli import main as train_main
from tiny import TEST_PICTURES, TINY, TRAIN_PICTURES, digits, write_data_set

settings.register_profile("no clock", deadline=None)  # how long an example takes says what else the machine does
settings.load_profile("no clock")
evaluate.SAMPLES, evaluate.MEASURED = 200, 60  # enough for what tests look at; the real numbers take a minute
classifier._LEAST_STEPS = 5  # and no test looks at how good a classifier of ten pictures a class is


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds or leaves anything in the settings of whoever runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "config"))


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a data set called tiny, which this fixture registers; the cache is in it too."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    splits = {"train": digits(rng, TRAIN_PICTURES), "test": digits(rng, TEST_PICTURES)}
    data.DATA_SETS["tiny"] = write_data_set(folder, splits)
    os.environ[originals.CACHE_VARIABLE] = str(folder / "cache")
    return folder


def trained(factory: pytest.TempPathFactory, data_dir: Path, name: str, *flags: str) -> Path:
    """A run folder that the real command made."""
    run = factory.mktemp("runs") / name
    assert train_main([*TINY, "--data-dir", str(data_dir), *flags, "--out", str(run)]) == 0
    return run


def exported(factory: pytest.TempPathFactory, run: Path) -> Path:
    """A bundle of a run, its categories named."""
    path = factory.mktemp("bundles") / f"{run.name}.infogan"
    export_bundle(checkpoint.newest(run)[0], path)
    return path


@pytest.fixture(scope="session")
def tiny_run(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six steps."""
    return trained(tmp_path_factory, data_dir, "tiny", "--steps", "6")


@pytest.fixture(scope="session")
def tiny_bundle_path(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of that run."""
    return exported(tmp_path_factory, tiny_run)


@pytest.fixture(scope="session")
def tiny_bundle(tiny_bundle_path: Path) -> Bundle:
    """The same, opened."""
    return Bundle.open(tiny_bundle_path)


@pytest.fixture(scope="session")
def encoder_run(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps and then four of the encoder."""
    return trained(tmp_path_factory, data_dir, "encoder", "--steps", "4", "--encoder-steps", "4")


@pytest.fixture(scope="session")
def encoder_bundle_path(encoder_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of that run."""
    return exported(tmp_path_factory, encoder_run)


@pytest.fixture(scope="session")
def encoder_bundle(encoder_bundle_path: Path) -> Bundle:
    """The same, opened."""
    return Bundle.open(encoder_bundle_path)


@pytest.fixture
def window(qtbot: QtBot, tiny_bundle_path: Path, tiny_bundle: Bundle) -> MainWindow:
    """The main window with that bundle open, which it knows, and everything on screen."""
    window = MainWindow()
    qtbot.addWidget(window)
    window.settings.know(tiny_bundle.fingerprint)
    window.show()
    with settled(qtbot, window):
        window.opening.open_bundle(tiny_bundle_path)
    return window
