"""Posterior expectations against hand values, drawing, and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.stats import brier_debiased, impurity
from panel_eval.stats.posterior_expectations import (
    expected_entropy_bits,
    expected_impurity,
    posterior_mean,
    total_variance,
)


def expected_squared_distance(alpha, q):
    """E||p - q||^2 = ||m - q||^2 + V, which every test below leans on."""
    return ((posterior_mean(alpha) - q) ** 2).sum(axis=1) + total_variance(alpha)


posteriors = arrays(np.float64, (3, 4), elements=st.floats(0.01, 50.0))


def test_a_population_about_which_nothing_is_known():
    # p uniform on [0, 1]: variance 1/12 for each of two labels, E[p^2] = 1/3
    assert expected_squared_distance(np.ones((1, 2)), np.array([[0.5, 0.5]])) == pytest.approx(1 / 6)
    assert expected_squared_distance(np.ones((1, 2)), np.array([[1.0, 0.0]])) == pytest.approx(1 / 6 + 1 / 2)
    assert expected_impurity(np.ones((1, 2))) == pytest.approx(1 / 3)


def test_expectations_equal_the_mean_over_drawn_populations():
    alpha, q = np.array([[2.5, 1.5, 0.7]]), np.array([[0.2, 0.3, 0.5]])
    drawn = np.random.default_rng(0).dirichlet(alpha[0], 200_000)
    assert expected_impurity(alpha) == pytest.approx((1 - (drawn**2).sum(axis=1)).mean(), abs=0.002)
    assert expected_squared_distance(alpha, q) == pytest.approx(((drawn - q) ** 2).sum(axis=1).mean(), abs=0.003)


def test_expected_entropy_of_a_dirichlet_by_hand():
    # Dir(1, 1): a uniform share x, E[-x ln x - (1-x) ln (1-x)] = 1/2 nat.
    # Dir(2, 1): psi(4) - 2/3 psi(3) - 1/3 psi(2) = 11/6 - 2/3 * 3/2 - 1/3 * 1 = 1/2 nat as well.
    entropy = expected_entropy_bits(np.array([[1.0, 1.0], [2.0, 1.0], [1e6, 1e-9]]))
    assert entropy == pytest.approx([0.5 / np.log(2), 0.5 / np.log(2), 0.0], abs=1e-6)


def test_expected_entropy_after_four_and_five_votes():
    # METHODS 2.2: half a vote for every label, in nats
    counts = np.array([[1, 2, 1], [0, 4, 0], [0, 3, 2], [4, 67, 29]])
    nats = expected_entropy_bits(counts + 0.5) * np.log(2.0)
    assert nats == pytest.approx([0.907937, 0.468110, 0.771806, 0.758928], abs=1e-6)


@given(posteriors)
def test_the_posterior_mean_is_worth_as_many_reviewers_as_the_posterior_has_votes(alpha):
    # E||p - m||^2 = E[1 - sum p^2] / S: the distance of a fresh panel of S people
    total = alpha.sum(axis=1)
    at_mean = expected_squared_distance(alpha, alpha / total[:, None])
    assert expected_impurity(alpha) / total == pytest.approx(at_mean)


def test_with_many_votes_they_meet_the_unbiased_scores():
    counts, q = np.array([[40_000.0, 10_000.0, 50_000.0]]), np.array([[0.3, 0.3, 0.4]])
    p, n = counts / counts.sum(), counts.sum(axis=1)
    assert expected_impurity(counts + 0.5) == pytest.approx(impurity(p, n), abs=1e-5)
    assert expected_squared_distance(counts + 0.5, q) == pytest.approx(brier_debiased(p, q, n), abs=1e-5)


@pytest.mark.parametrize("alpha", [[1.0, 2.0], [[0.0, 1.0]], [[np.nan, 1.0]]])
@pytest.mark.parametrize("expected", [expected_impurity, expected_entropy_bits, posterior_mean, total_variance])
def test_what_is_no_posterior_is_refused(alpha, expected):
    with pytest.raises(ValueError, match="alpha must be"):
        expected(np.array(alpha))
