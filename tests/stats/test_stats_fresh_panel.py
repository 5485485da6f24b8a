"""Closed forms of fresh human panels, against enumeration of all votes, an independent library, and limits."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial

from panel_eval import stats
from panel_eval.stats.entropy_estimators import dirichlet_entropy_bits
from panel_eval.stats.fresh_panel import expected_scale_spread, fresh_panel_cross_entropy_bits, scale_spread

ALPHA = np.array([2.5, 1.0, 0.25])
SMOOTHING = np.array([0.5, 0.5, 0.5])


def all_votes(n):
    votes = np.array([c for c in product(range(n + 1), repeat=3) if sum(c) == n])
    return votes, dirichlet_multinomial.pmf(votes, ALPHA, n)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_expected_cross_entropy_against_observed_votes_is_that_of_all_panels(n):
    votes, chance = all_votes(n)
    q = (votes + SMOOTHING) / (n + 1.5)
    target = np.array([0.5, 0.5, 0.0])
    enumerated = chance @ stats.cross_entropy_bits(np.tile(target, (len(q), 1)), q)
    assert fresh_panel_cross_entropy_bits(ALPHA[None], n, SMOOTHING, target[None])[0] == pytest.approx(enumerated)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_expected_cross_entropy_against_the_population_the_panel_comes_from(n):
    votes, chance = all_votes(n)
    q = (votes + SMOOTHING) / (n + 1.5)
    population = (votes + ALPHA) / (n + ALPHA.sum())  # its mean, given these votes
    enumerated = chance @ stats.cross_entropy_bits(population, q)
    assert fresh_panel_cross_entropy_bits(ALPHA[None], n, SMOOTHING)[0] == pytest.approx(enumerated)


def test_every_item_has_its_own_number_of_people():
    alpha = np.tile(ALPHA, (3, 1))
    together = fresh_panel_cross_entropy_bits(alpha, np.array([1, 7, 3]), SMOOTHING)
    apart = [fresh_panel_cross_entropy_bits(ALPHA[None], n, SMOOTHING)[0] for n in (1, 7, 3)]
    assert together == pytest.approx(apart)


def test_an_infinite_panel_loses_only_the_population_s_entropy():
    # With so many people the chance of no vote at all is far below the smallest number.
    alpha = np.array([[800.0, 200.0, 1e-6], [2.5, 1.0, 0.25]])
    loss = fresh_panel_cross_entropy_bits(alpha, 3000, SMOOTHING)
    assert np.isfinite(loss).all()
    assert loss[0] - stats.entropy_bits(np.array([[0.8, 0.2, 0.0]]))[0] == pytest.approx(0.0, abs=2e-3)
    exact = dirichlet_entropy_bits(np.array([[2.0, 0.5, 0.0]]), np.array([0.5, 0.5, 0.25]))[0]
    assert loss[1] - exact == pytest.approx(0.0, abs=2e-3)


def test_an_unsmoothed_panel_can_miss_a_label():
    none = np.zeros(3)
    assert np.isinf(fresh_panel_cross_entropy_bits(ALPHA[None], 4, none)[0])
    # Where nobody was seen to choose what it can miss, nothing is infinite but what was chosen.
    assert np.isinf(fresh_panel_cross_entropy_bits(ALPHA[None], 4, none, np.array([[1.0, 0.0, 0.0]]))[0])


@pytest.mark.parametrize(
    ("alpha", "n", "extra", "target"),
    [
        (np.array([1.0, 1.0]), 2, np.ones(2), None),
        (np.array([[1.0, 0.0]]), 2, np.ones(2), None),
        (np.array([[1.0, 1.0]]), 0, np.ones(2), None),
        (np.array([[1.0, 1.0]]), 2, np.ones(3), None),
        (np.array([[1.0, 1.0]]), 2, np.ones(2), np.ones((2, 2)) / 2),
    ],
)
def test_what_does_not_fit_is_refused(alpha, n, extra, target):
    with pytest.raises(ValueError, match="must be"):
        fresh_panel_cross_entropy_bits(alpha, n, extra, target)


def test_scale_spread_is_exactly_unbiased():
    population = np.array([0.25, 0.5, 0.25])
    votes = np.array([c for c in product(range(4), repeat=3) if sum(c) == 3])
    ways = np.array([6 / np.prod([np.prod(np.arange(1, k + 1)) for k in c]) for c in votes])
    chance = ways * np.prod(population**votes, axis=1)
    mean = chance @ scale_spread(votes / 3, np.full(len(votes), 3))
    assert mean == pytest.approx(2 * 0.25 * 0.75)  # F = .25, .75


def test_scale_spread_of_one_reviewer_is_unknown():
    assert np.isnan(scale_spread(np.array([[1.0, 0.0]]), np.array([1]))[0])


def test_expected_scale_spread_of_two_labels_is_the_beta_s():
    # E[p (1 - p)] for Beta(a, b) = ab / ((a + b)(a + b + 1)) = 6 / (5 * 6)
    assert expected_scale_spread(np.array([[2.0, 3.0]]))[0] == pytest.approx(0.2)


def test_expected_scale_spread_cumulates_along_the_scale():
    # B = 1, 3 of S = 4: (1 * 3 + 3 * 1) / (4 * 5)
    assert expected_scale_spread(np.array([[1.0, 2.0, 1.0]]))[0] == pytest.approx(0.3)
