"""Figures of the codes, against cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infogan.trainer import metrics
from infogan.trainer.latents import Bernoulli, Categorical, Uniform


def test_one_to_one_finds_the_permutation() -> None:
    labels = np.repeat(np.arange(4), 5)
    permutation = np.array([2, 0, 3, 1])
    counts = metrics.confusion(permutation[labels], labels, 4, 4)
    mapping = metrics.one_to_one(counts)
    assert (mapping[permutation] == np.arange(4)).all()
    assert metrics.accuracy(permutation[labels], labels, mapping) == 1


def test_a_merged_pair_of_labels_costs_one_of_them() -> None:
    """Two labels in one category: one to one can only name one, many to one no more."""
    labels = np.repeat(np.arange(3), 10)
    merged = np.array([0, 1, 1])[labels]
    counts = metrics.confusion(merged, labels, 3, 3)
    assert metrics.accuracy(merged, labels, metrics.one_to_one(counts)) == pytest.approx(2 / 3)
    assert metrics.clustering(merged, labels, counts).majority == pytest.approx(2 / 3)


def test_more_categories_than_labels_favour_the_majority_map() -> None:
    labels = np.repeat(np.arange(2), 10)
    split = np.where(labels == 0, 0, 1 + np.arange(20) % 2)
    counts = metrics.confusion(split, labels, 3, 2)
    mapping = metrics.one_to_one(counts)
    assert sorted(mapping) == [-1, 0, 1]
    assert metrics.accuracy(split, labels, mapping) == 0.75
    assert metrics.clustering(split, labels, counts).majority == 1


def test_clustering_of_equal_and_of_unrelated_partitions() -> None:
    labels = np.tile(np.arange(10), 300)
    same = metrics.clustering(labels, labels, metrics.confusion(labels, labels, 10, 10))
    assert same == (1, pytest.approx(1), pytest.approx(1))
    other = np.random.default_rng(0).permutation(labels)
    chance = metrics.clustering(other, labels, metrics.confusion(other, labels, 10, 10))
    assert chance.nmi < 0.02
    assert abs(chance.ari) < 0.01


def test_information_of_discrete_codes() -> None:
    categorical, value = Categorical("c", 4), np.eye(4)
    assert metrics.information(categorical, value, value, None, None) == pytest.approx(np.log(4))
    assert metrics.information(categorical, value, np.full((4, 4), 0.25), None, None) == pytest.approx(0)
    coin, sides = Bernoulli("c"), np.array([[0.0], [1.0]])
    assert metrics.information(coin, sides, sides, None, None) == pytest.approx(np.log(2))
    assert metrics.information(coin, sides, np.full((2, 1), 0.5), None, None) == pytest.approx(0)


def test_information_of_a_continuous_code_is_log_likelihood_plus_entropy() -> None:
    value, std = np.array([[0.5], [-0.5]]), np.array([0.1, 0.1])
    found = metrics.information(Uniform("c"), value, None, value[:, 0], std)
    assert found == pytest.approx(-0.5 * np.log(2 * np.pi) - np.log(0.1) + np.log(2))


def test_r_squared() -> None:
    value = np.array([1.0, 2.0, 3.0])
    assert metrics.r_squared(value, value) == 1
    assert metrics.r_squared(value, np.full(3, 2.0)) == 0
    assert metrics.r_squared(value, -value) < 0


def test_partial_correlation_takes_out_what_the_controls_explain() -> None:
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal((2, 5000))
    x, y = common + 0.1 * rng.standard_normal(5000), common + 0.1 * rng.standard_normal(5000)
    assert np.corrcoef(x, y)[0, 1] > 0.95
    assert abs(metrics.partial_correlation(x, y, common[:, None])) < 0.05
    assert metrics.partial_correlation(x + own, y + own, common[:, None]) > 0.95


def test_partial_correlation_against_the_recursive_formula() -> None:
    """r_xy.z = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2)), Yule 1907."""
    x, y, z = np.random.default_rng(1).standard_normal((3, 200))
    y, z = y + x, z + 0.5 * x - y
    r = np.corrcoef((x, y, z))
    expected = (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    assert metrics.partial_correlation(x, y, z[:, None]) == pytest.approx(expected)


def test_partial_correlation_where_nothing_is_left() -> None:
    x = np.arange(10.0)
    assert metrics.partial_correlation(x, 2 * x + 1, x[:, None]) == 0
    assert metrics.partial_correlation(np.ones(10), x, np.zeros((10, 1))) == 0
    assert metrics.partial_correlation(x[:2], x[:2], np.zeros((2, 1))) == 0


def test_partial_correlation_leaves_out_rows_that_could_not_be_measured() -> None:
    x, y, z = np.random.default_rng(2).standard_normal((3, 50))
    y = y + x
    gaps = y.copy()
    gaps[::10] = np.nan
    kept = np.arange(50) % 10 != 0
    expected = metrics.partial_correlation(x[kept], y[kept], z[kept, None])
    assert metrics.partial_correlation(x, gaps, z[:, None]) == pytest.approx(expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_variance_between_classes_is_a_share(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    share = metrics.explained_by_class(rng.standard_normal(60), rng.integers(classes, size=60))
    assert -1e-9 <= share <= 1


def test_variance_between_classes_at_its_ends() -> None:
    classes = np.array([0, 0, 1, 1])
    assert metrics.explained_by_class(np.array([1.0, 1, 5, 5]), classes) == pytest.approx(1)
    assert metrics.explained_by_class(np.array([1.0, 2, 1, 2]), classes) == pytest.approx(0)
    assert metrics.explained_by_class(np.ones(4), classes) == 0
