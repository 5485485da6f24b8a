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
