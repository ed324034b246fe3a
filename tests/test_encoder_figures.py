"""Figures of the encoder: on a model whose answer is known, and through the commands."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infogan.export import evaluate_cli
from infogan.export.bundle import Bundle
from infogan.export.encoder_figures import encoder_report
from infogan.export.evaluate import evaluate
from infogan.export.evaluation_table import summary, table
from infogan.export.samples import Samples
from infogan.trainer import data
from infogan.trainer.data import Pictures
from infogan.trainer.latents import LatentSpec, Noise, Uniform
from tiny import bars


class Bars:
    """G draws a bar, its slant c1, its width the first of two numbers of the noise; E reads both exactly."""

    latents = LatentSpec((Uniform("c1"),), Noise(2))
    image_shape = 1, 28, 28

    def __init__(self, rows: int) -> None:
        self.z, self.c = self.latents.sample(np.random.default_rng(1), rows)

    def generate(self, z: np.ndarray, c: np.ndarray) -> np.ndarray:
        return bars(0.3 * c[:, 0], 5 + 2 * z[:, 0])

    def encode(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        drawn = self.generate(self.z, self.c)
        which = [int(np.square(drawn - image).sum((1, 2, 3)).argmin()) for image in images]
        found = self.z[which].copy()
        found[:, 1] = 0  # G does not show it
        return found, self.c[which]


def split(images: np.ndarray) -> Pictures:
    return Pictures(np.rint(images * 255).astype(np.uint8), np.zeros(len(images), np.uint8), "")


def test_a_perfect_encoder() -> None:
    bundle: Any = Bars(60)
    images = bundle.generate(bundle.z, bundle.c)
    pictures = split(images)
    report = encoder_report(bundle, None, Samples(bundle.z, bundle.c, images, None), pictures, pictures)  # type: ignore[arg-type]
    assert report["pixel_error"] < 1e-5  # of rounding to bytes
    assert report["pca_components"] == 3
    assert 1e-4 < report["pca_error"] < 0.1
    assert report["noise_r_squared"] == [pytest.approx(1), pytest.approx(0, abs=0.2)]
    used, unused = report["noise_effect"]
    assert used > 0.2
    assert unused == 0
    assert report["codes"]["c1"]["slant"]["all"] > 0.95
    assert report["codes"]["c1"]["slant"]["within"] > 0.98
    assert abs(report["codes"]["c1"]["thickness"]["within"]) < abs(report["codes"]["c1"]["slant"]["within"])


def test_evaluate_measures_it(
    encoder_bundle: Bundle,
    encoder_bundle_path: Path,
    data_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "figures.json"
    assert evaluate_cli.main([str(encoder_bundle_path), "--data-dir", str(data_dir), "--json", str(file)]) == 0
    assert "40 test pictures reconstructed" in capsys.readouterr().out
    section = json.loads(file.read_text())["encoder"]
    images = np.asarray(data.load("tiny", data_dir, "test").images, np.float32) / 255
    expected = np.square(encoder_bundle.reconstruct(images) - images).mean()
    assert section["pixel_error"] == pytest.approx(float(expected), rel=1e-4)
    assert len(section["noise_effect"]) == len(section["noise_r_squared"]) == 62
    quality = encoder_bundle.manifest.quality
    (figure,) = [value for name, value in quality.items() if "error per pixel of reconstructed" in name]
    assert figure == pytest.approx(section["pixel_error"], abs=1e-4)


def test_without_an_encoder_nothing_is_said_of_it(tiny_bundle: Bundle, data_dir: Path) -> None:
    train, test = (data.load("tiny", data_dir, split) for split in ("train", "test"))
    report = evaluate(tiny_bundle, train, test, None)
    assert "encoder" not in report
    assert "reconstructed" not in table(report)
    assert not any("reconstructed" in name for name in summary(report))
