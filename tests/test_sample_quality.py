"""Quality and variety of samples, on clouds of points whose answer is known."""

import numpy as np
import pytest

from infogan.trainer import sample_quality as quality


def cloud(seed: int, n: int = 600, centre: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return (centre + scale * np.random.default_rng(seed).standard_normal((n, 4))).astype(np.float32)


def test_frechet_distance_of_the_same_points_is_zero() -> None:
    assert quality.frechet_distance(cloud(0), cloud(0)) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_of_known_gaussians() -> None:
    """|m|^2 + d (s1 - s2)^2 for isotropic ones: 4 * 3^2 + 4 * (2 - 1)^2."""
    found = quality.frechet_distance(cloud(0, 50_000), cloud(1, 50_000, centre=3, scale=2))
    assert found == pytest.approx(40, rel=0.02)


def test_frechet_distance_of_a_feature_that_never_fires() -> None:
    dead = cloud(0)
    dead[:, 0] = 0
    assert np.isfinite(quality.frechet_distance(dead, dead))
    assert quality.frechet_distance(dead, dead) == pytest.approx(0, abs=1e-6)


def test_blur_lowers_sharpness_and_speckle_raises_it() -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:28, :28]
    strokes = (abs(x - rng.uniform(8, 20, (50, 1, 1, 1))) < 2).astype(np.float32) * (abs(y - 14) < 9)
    blurred = (strokes + np.roll(strokes, 1, 3) + np.roll(strokes, -1, 3)) / 3
    speckled = np.clip(strokes + rng.normal(0, 0.3, strokes.shape), 0, 1).astype(np.float32)
    sharp = quality.sharpness(strokes)
    assert quality.sharpness(blurred) < 0.7 * sharp < 0.9 * quality.sharpness(speckled)
    edge = np.zeros((1, 1, 3, 4), np.float32)
    edge[..., 2:] = 1  # two inner pixels: the Laplacian is 1 left of the edge and -1 right of it
    assert quality.sharpness(edge) == 1


def test_the_same_distribution_scores_high_and_another_scores_nothing() -> None:
    same = quality.manifolds(cloud(0), cloud(1))
    assert min(same.precision, same.recall, same.coverage) > 0.85
    assert same.density == pytest.approx(1, abs=0.15)
    assert quality.manifolds(cloud(0), cloud(1, centre=50)) == (0, 0, 0, 0)


def test_a_collapsed_generator_is_precise_and_recalls_nothing() -> None:
    real = cloud(0)
    collapsed = real[:1] + cloud(1) * np.float32(1e-3)
    found = quality.manifolds(real, collapsed)
    assert found.precision == 1
    assert found.recall < 0.02
    assert found.coverage < 0.02


def test_outliers_cost_precision_not_recall() -> None:
    real, fake = cloud(0), cloud(1)
    fake[:300] += 50
    found = quality.manifolds(real, fake)
    assert found.precision == pytest.approx(0.5, abs=0.05)
    assert found.recall > 0.75


def test_manifolds_by_hand() -> None:
    """On a line, k = 1: neighbourhoods of real 0, 1, 10 reach 1, 1, 9; of generated 0.5, 20 reach 19.5 each."""
    real, fake = np.array([[0], [1], [10]], np.float32), np.array([[0.5], [20]], np.float32)
    found = quality.manifolds(real, fake, k=1)
    assert found.precision == 0.5  # 20 lies 10 from the real 10, more than 9
    assert found.recall == 1
    assert found.coverage == pytest.approx(2 / 3)  # 10 is 9.5 away from 0.5
    assert found.density == pytest.approx(2 / 2)


def test_neighbour_distance_leaves_the_point_itself_out() -> None:
    points = np.array([[0.0], [1.0], [3.0]], np.float32)
    assert quality.neighbour_distance(points).tolist() == [1, 1, 4]
    assert quality.neighbour_distance(points, 2).tolist() == [9, 4, 9]


def test_duplicates() -> None:
    real = cloud(0, 1000)
    assert quality.duplicates(real, real) == pytest.approx(0.01, abs=0.002)
    repeated = cloud(1, 1000)
    repeated[:500] = repeated[500:]
    assert quality.duplicates(real, repeated) == 1


def test_spread_is_the_distance_of_two_points() -> None:
    assert quality.spread(np.array([[0.0, 0.0], [3.0, 4.0]], np.float32)) == pytest.approx(5)
    assert quality.spread(np.ones((5, 2), np.float32)) == 0


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = quality.manifolds(cloud(0), cloud(1))
    monkeypatch.setattr(quality, "_ROWS", 7)
    assert quality.manifolds(cloud(0), cloud(1)) == pytest.approx(whole)
