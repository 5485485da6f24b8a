"""Errors in common: worked values, and the true correlation recovered whatever the number of reviewers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.error_correlation import (
    effective_judges,
    effective_judges_eigen,
    error_correlation,
    kappa_p,
    residual_product,
    vote_noise,
)


@pytest.mark.parametrize(("judges", "effective"), [(3, 1.3636), (5, 1.4706), (9, 1.5517)])
def test_judges_at_a_correlation_of_six_tenths(judges, effective):
    assert float(effective_judges(0.6, judges)) == pytest.approx(effective, abs=5e-5)
    assert float(effective_judges(0.6, judges)) < 1 / 0.6


def test_effective_judges_at_the_ends():
    assert float(effective_judges(0.0, 4)) == 4
    assert float(effective_judges(1.0, 4)) == 1
    assert float(effective_judges(1.3, 4)) == 1  # only noise gives more than 1
    assert float(effective_judges(-0.1, 4)) == pytest.approx(4 / 0.7)
    assert np.isnan(effective_judges([-0.5, np.nan], 4)).all()
    with pytest.raises(ValueError, match="n_judges"):
        effective_judges(0.1, 0)


def alike(rho, judges):
    return np.full((judges, judges), rho) + (1 - rho) * np.eye(judges)


def test_eigen_version_of_three_judges():
    # Eigenvalues 2.2, .4, .4: 3² / (4.84 + .16 + .16) = 1.7442
    assert float(effective_judges_eigen(alike(0.6, 3))) == pytest.approx(1.7442, abs=5e-5)
    assert effective_judges_eigen(np.array([np.eye(3), np.ones((3, 3))])) == pytest.approx([3, 1])


@given(st.integers(2, 6), st.floats(0, 1))
def test_eigen_version_is_that_of_the_eigenvalues(judges, rho):
    values = np.linalg.eigvalsh(alike(rho, judges))
    assert float(effective_judges_eigen(alike(rho, judges))) == pytest.approx(values.sum() ** 2 / (values**2).sum())


def test_noise_of_the_mri_item():
    # p = (.25, .5, .25), n = 4: (.1875 + .25 + .1875) / 3
    assert vote_noise(np.array([[0.25, 0.5, 0.25]]), [4])[0] == pytest.approx(0.625 / 3)
    assert np.isnan(vote_noise(np.array([[1.0, 0.0]]), [1]))[0]


@pytest.mark.parametrize("reviewers", [3, 4, 5])
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_true_correlation_is_found_with_few_reviewers(reviewers, rho):
    """Errors e_j = √ρ c + √(1-ρ) d_j, so that corr(e_a, e_b) = ρ; reviewers are drawn from the population."""
    draw = np.random.default_rng([reviewers, round(10 * rho)])
    n_items, n_labels = 200_000, 3
    populations = draw.dirichlet([4.0] * n_labels, size=n_items)

    def error():
        raw = draw.normal(size=(n_items, n_labels))
        return 0.1 * (raw - raw.mean(axis=1, keepdims=True))

    shared = error()
    a, b = (populations + np.sqrt(rho) * shared + np.sqrt(1 - rho) * error() for _ in range(2))
    p = draw.multinomial(reviewers, populations) / reviewers
    noise = vote_noise(p, np.full(n_items, reviewers)).mean()
    products = [residual_product(x, y, p).mean() for x, y in ((a, b), (a, a), (b, b))]
    corrected = float(error_correlation(*(product - noise for product in products)))
    uncorrected = float(error_correlation(*products))
    # Each product of 200,000 items is known to about .0006, the error variance is .02: four errors are below .05.
    assert corrected == pytest.approx(rho, abs=0.05)
    assert uncorrected > rho + 0.2


def test_a_judge_without_error_has_no_correlation():
    assert np.isnan(error_correlation(0.1, 0.0, 0.2))
    assert np.isnan(error_correlation(0.1, 0.3, -0.01))


def test_kappa_p_worked():
    a = np.array([(0.8, 0.1, 0.1), (0.2, 0.7, 0.1), (0.3, 0.3, 0.4), (0.6, 0.2, 0.2)])
    b = np.array([(0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.2, 0.5, 0.3), (0.5, 0.3, 0.2)])
    truth = np.eye(3)[[0, 1, 2, 0]]
    means = [(x * y).sum(axis=1).mean() for x, y in ((a, b), (a, truth), (b, truth))]
    assert means[0] == pytest.approx(0.4775)
    assert float(kappa_p(*means, 3)) == pytest.approx(0.0685236769, abs=5e-11)


def test_kappa_p_of_judges_that_err_alike_and_alone():
    # Both 80 % right among 3 labels. Alone: .64 + .2 * .2 / 2 agree by chance; always alike: 1.
    assert float(kappa_p(0.66, 0.8, 0.8, 3)) == pytest.approx(0.0)
    assert float(kappa_p(1.0, 0.8, 0.8, 3)) == pytest.approx(1.0)
    assert np.isnan(kappa_p(1.0, 1.0, 1.0, 3))
    with pytest.raises(ValueError, match="n_labels"):
        kappa_p(1.0, 1.0, 1.0, 1)
