"""Sign-flip permutation test and paired means: METHODS 3.1, 3.2, exact enumeration, the level under the null."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats as scipy_stats

from panel_eval.stats.paired_means import paired_means
from panel_eval.stats.sign_flip import sign_flip_test

A = np.array([0.10, 0.25, 0.31, 0.05, 0.42, 0.18, 0.22, 0.37, 0.29, 0.14])
B = np.array([0.12, 0.20, 0.25, 0.07, 0.30, 0.15, 0.23, 0.28, 0.24, 0.10])


def test_the_published_pair_has_the_exact_p_value():
    found = sign_flip_test((A - B)[:, None])
    assert found.two_sided[0] == pytest.approx(0.03125)  # METHODS 3.2: 32 of 1,024 patterns
    assert found.above[0] == pytest.approx(0.015625)


def test_random_patterns_come_near_the_exact_p_value():
    differences = np.random.default_rng(3).normal(0.3, 1.0, size=(16, 1))
    patterns = np.array(list(itertools.product([-1.0, 1.0], repeat=16))) @ differences
    exact = (np.abs(patterns) >= abs(differences.sum()) - 1e-12).mean()
    found = sign_flip_test(differences, flips=40_000, seed=5).two_sided[0]
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 40_000))


def test_thousands_of_units_in_groups_agree_with_the_t_test():
    differences = np.random.default_rng(4).normal(0.012, 1.0, size=(20_000, 1))
    found = sign_flip_test(differences, flips=20_000).two_sided[0]
    assert found == pytest.approx(scipy_stats.ttest_1samp(differences[:, 0], 0.0).pvalue, abs=0.03)


def test_no_difference_has_a_p_value_of_1():
    found = sign_flip_test(np.zeros((40, 2)))
    assert found.two_sided.tolist() == [1.0, 1.0]


def test_without_units_there_is_no_p_value():
    assert np.isnan(sign_flip_test(np.empty((0, 2))).two_sided).all()


def test_the_published_mean_and_standard_error():
    found = paired_means((A - B)[:, None], np.ones((10, 1)), np.arange(10))
    assert found.mean[0] == pytest.approx(0.039)
    assert found.standard_error[0] == pytest.approx(0.0146401275)
    interval = scipy_stats.ttest_1samp(A - B, 0.0).confidence_interval(0.95)
    assert (found.low[0], found.high[0]) == pytest.approx((interval.low, interval.high))


def test_clusters_give_the_published_clustered_error():
    scores = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1], dtype=float)  # METHODS 3.1, with the factor C / (C - 1)
    found = paired_means(scores[:, None], np.ones((12, 1)), np.repeat(np.arange(4), 3))
    assert found.standard_error[0] == pytest.approx(0.1360827635)
    assert (found.n_items[0], found.n_units[0]) == (12, 4)


def test_of_unequal_clusters_the_error_is_unbiased_and_its_freedom_that_of_its_variance():
    # Of independent items with variance 1 the squared error is x' M x: its mean is tr M, which must be that of a
    # mean of 12 items, and a chi-square of as much spread has (tr M)² / tr M² degrees of freedom.
    sizes = np.array([6, 3, 1, 1, 1])
    member = np.repeat(np.eye(5), sizes, axis=1)
    residuals = member - np.outer(sizes, np.ones(12)) / 12
    adjusted = residuals / np.sqrt(1 - sizes / 12)[:, None] / 12
    matrix = adjusted.T @ adjusted
    assert np.trace(matrix) == pytest.approx(1 / 12)
    freedom = np.trace(matrix) ** 2 / np.trace(matrix @ matrix)
    x = np.random.default_rng(1).normal(size=12)
    found = paired_means(x[:, None], np.ones((12, 1)), np.repeat(np.arange(5), sizes))
    assert found.standard_error[0] == pytest.approx(np.sqrt(x @ matrix @ x))
    half = scipy_stats.t.ppf(0.975, freedom) * found.standard_error[0]
    assert (found.low[0], found.high[0]) == pytest.approx((x.mean() - half, x.mean() + half))


@pytest.mark.parametrize("sizes", [[200] + [5] * 20, [300] + [1] * 300, [100] + [5] * 40])
def test_an_interval_covers_the_truth_where_one_cluster_holds_much_of_the_data(sizes):
    unit = np.repeat(np.arange(len(sizes)), sizes)
    covered = 0
    for seed in range(1000):
        draw = np.random.default_rng([seed, 7])
        x = draw.normal(size=len(sizes))[unit] + draw.normal(size=unit.size)
        found = paired_means(x[:, None], np.ones((unit.size, 1)), unit)
        covered += found.low[0] <= 0 <= found.high[0]
    assert covered / 1000 >= 0.95 - 3.5 * 0.0069  # Monte-Carlo error .0069; without the adjustments .39, .57, .88
