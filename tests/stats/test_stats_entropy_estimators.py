"""Entropy estimators: METHODS' tables, exact expectations by enumeration, an integral done another way."""

from itertools import product
from math import factorial, log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln, polygamma, psi

from panel_eval.stats.entropy_estimators import (
    dirichlet_entropy_bits,
    dirichlet_entropy_sd_bits,
    distinct_count_vectors,
    miller_madow_bits,
    nsb_entropy_bits,
)

LN2 = log(2.0)
COUNTS = np.array([[1, 2, 1], [0, 4, 0], [0, 3, 2], [4, 67, 29]])
POPULATION = np.array([0.25, 0.5, 0.25])


@pytest.mark.parametrize(
    ("estimator", "nats"),
    [
        (miller_madow_bits, [1.289721, 0.0, 0.773012, 0.766059]),
        (lambda c: dirichlet_entropy_bits(c, 0.5), [0.907937, 0.468110, 0.771806, 0.758928]),
        (lambda c: dirichlet_entropy_sd_bits(c, 0.5), [0.153452, 0.260169, 0.168110, 0.060919]),
        (lambda c: dirichlet_entropy_bits(c, 1.0), [0.950000, 0.676190, 0.863690, 0.770750]),
        (nsb_entropy_bits, [0.977672, 0.234822, 0.811586, 0.764549]),
    ],
)
def test_the_table_of_estimators(estimator, nats):
    # METHODS 2.2, to its printed digits.
    assert estimator(COUNTS) * LN2 == pytest.approx(nats, abs=6e-7)


@pytest.mark.parametrize(
    ("n", "miller_madow", "nsb"),
    [(3, 0.7956, 0.7624), (4, 0.8925, 0.8163), (5, 0.9449, 0.8532), (10, 1.0220, 0.9408)],
)
def test_expectations_over_all_outcomes(n, miller_madow, nsb):
    # METHODS 2.1: each outcome of n reviewers of (.25, .5, .25) with its probability.
    counts = np.array([c for c in product(range(n + 1), repeat=3) if sum(c) == n])
    chance = [factorial(n) / prod(map(factorial, c)) * np.prod(POPULATION**c) for c in counts.tolist()]
    assert chance @ miller_madow_bits(counts) * LN2 == pytest.approx(miller_madow, abs=6e-5)
    assert chance @ nsb_entropy_bits(counts) * LN2 == pytest.approx(nsb, abs=6e-5)


def test_dirichlet_moments_match_drawn_populations():
    drawn = np.random.default_rng(3).dirichlet([1.5, 2.5, 0.5], 200_000)
    entropy = -(drawn * np.log2(np.maximum(drawn, 1e-300))).sum(axis=1)
    counts, prior = np.array([[1, 2, 0]]), np.array([0.5, 0.5, 0.5])
    assert dirichlet_entropy_bits(counts, prior)[0] == pytest.approx(entropy.mean(), abs=4 * entropy.std() / 447)
    assert dirichlet_entropy_sd_bits(counts, prior)[0] == pytest.approx(entropy.std(), rel=0.01)


def test_nsb_against_adaptive_integration():
    counts, n_labels = np.array([6.0, 1.0, 0.0, 0.0, 2.0]), 5

    def chance_and_slope(beta):
        with_votes = (
            gammaln(n_labels * beta) - gammaln(n_labels * beta + 9) + (gammaln(beta + counts) - gammaln(beta)).sum()
        )
        return np.exp(with_votes) * (n_labels * polygamma(1, n_labels * beta + 1) - polygamma(1, beta + 1))

    def entropy(beta):
        alpha = counts + beta
        return psi(alpha.sum() + 1) - (alpha * psi(alpha + 1)).sum() / alpha.sum()

    def over_log_beta(function):
        return quad(lambda t: function(np.exp(t)) * np.exp(t), log(1e-6), log(1e4), limit=500, epsrel=1e-10)[0]

    expected = over_log_beta(lambda b: chance_and_slope(b) * entropy(b)) / over_log_beta(chance_and_slope)
    assert nsb_entropy_bits(counts[None])[0] * LN2 == pytest.approx(expected, abs=1e-6)


def test_a_prior_for_each_item():
    # Dir(2, 1): psi(4) - (2 psi(3) + psi(2)) / 3 = (1 + 1/2 + 1/3) - (2 (1 + 1/2) + 1) / 3 = 1/2 nats.
    # Dir(1, 1): psi(3) - psi(2) = 1/2 nats.
    prior = np.array([[1.0, 1.0], [0.25, 0.75]])
    counts = np.array([[1.0, 0.0], [0.75, 0.25]])
    assert dirichlet_entropy_bits(counts, prior) * LN2 == pytest.approx([0.5, 0.5])


rows = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 30), min_size=k, max_size=k).filter(any), min_size=1, max_size=6)
)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_labels_does_not_matter_and_posterior_means_are_entropies(counts, shuffler):
    table = np.array(counts, dtype=float)
    order = list(range(table.shape[1]))
    shuffler.shuffle(order)
    for estimator in (miller_madow_bits, nsb_entropy_bits, lambda c: dirichlet_entropy_bits(c, 0.5)):
        assert estimator(table[:, order]) == pytest.approx(estimator(table), abs=1e-12)
    for posterior_mean in (nsb_entropy_bits(table), dirichlet_entropy_bits(table, 0.5)):
        assert (posterior_mean > 0).all()
        assert (posterior_mean < np.log2(table.shape[1])).all()


@given(rows, st.sampled_from([1.0, 0.5, 1e17]))
def test_distinct_vectors_put_every_row_back(counts, unit):
    table = unit * np.array(counts, dtype=float)
    vectors, place = distinct_count_vectors(table)
    assert np.array_equal(vectors[place], np.sort(table, axis=1))
    assert len(np.unique(vectors, axis=0)) == len(vectors)


@pytest.mark.parametrize("counts", [[1.0, 2.0], [[0.0, 0.0]], [[-1.0, 2.0]], [[np.nan, 1.0]], [[np.inf, 1.0]]])
def test_counts_that_are_none(counts):
    for estimator in (miller_madow_bits, nsb_entropy_bits, lambda c: dirichlet_entropy_bits(c, 0.5)):
        with pytest.raises(ValueError, match="counts"):
            estimator(counts)


@pytest.mark.parametrize("prior", [0.0, [0.5, -1.0], [0.5, 0.5, 0.5], [[0.5, 0.5]] * 2])
def test_priors_that_are_none(prior):
    with pytest.raises(ValueError, match="prior"):
        dirichlet_entropy_bits([[1.0, 2.0]], prior)
