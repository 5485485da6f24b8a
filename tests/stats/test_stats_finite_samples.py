"""Expectations over all outcomes of n reviewers, enumerated, against exact values (METHODS 1.7, 2.1)."""

from itertools import product
from math import factorial, prod

import numpy as np
import pytest

from panel_eval import stats

POPULATION = np.array([0.25, 0.5, 0.25])
LN2 = np.log(2.0)


def outcomes_of(n):
    """Every count vector of n votes over three labels: (frequencies, probability under POPULATION)."""
    counts = [c for c in product(range(n + 1), repeat=3) if sum(c) == n]
    ways = np.array([factorial(n) / prod(factorial(k) for k in c) for c in counts])
    table = np.array(counts, dtype=float)
    return table / n, ways * np.prod(POPULATION**table, axis=1)


def expectation(statistic, n, forecast):
    frequencies, chance = outcomes_of(n)
    assert chance.sum() == pytest.approx(1.0, abs=1e-12)
    return chance @ statistic(frequencies, np.tile(forecast, (len(frequencies), 1)))


@pytest.mark.parametrize("n", [2, 3, 4, 7])
@pytest.mark.parametrize("forecast", [[0.1, 0.6, 0.3], [1.0, 0.0, 0.0], [0.25, 0.5, 0.25]])
def test_debiased_brier_is_exactly_unbiased(n, forecast):
    truth = np.sum((POPULATION - forecast) ** 2)
    mean = expectation(lambda p, q: stats.brier_debiased(p, q, np.full(len(p), n)), n, np.array(forecast))
    assert mean == pytest.approx(truth, abs=1e-12)


@pytest.mark.parametrize("n", [2, 4])
def test_impurity_is_exactly_unbiased(n):
    mean = expectation(lambda p, q: stats.impurity(p, np.full(len(p), n)), n, POPULATION)
    assert mean == pytest.approx(1 - np.sum(POPULATION**2), abs=1e-12)


@pytest.mark.parametrize("statistic", [stats.cross_entropy_bits, stats.brier, stats.rps])
def test_scores_per_vote_are_exactly_unbiased(statistic):
    forecast = np.array([0.1, 0.6, 0.3])
    truth = statistic(POPULATION[None], forecast[None])[0]
    assert expectation(statistic, 3, forecast) == pytest.approx(truth, abs=1e-12)


# METHODS 2.1: what a perfect panel scores on average because there are only n reviewers; nats.
@pytest.mark.parametrize(
    ("n", "entropy", "kl", "tvd", "jsd"),
    [
        (3, 0.6237, 0.4160, 0.3359, 0.1256),
        (4, 0.7294, 0.3103, 0.2520, 0.0928),
        (5, 0.7955, 0.2442, 0.2520, 0.0720),
        (10, 0.9277, 0.1120, 0.1742, 0.0309),
    ],
)
def test_a_perfect_panel_is_penalised_for_few_reviewers(n, entropy, kl, tvd, jsd):
    assert expectation(lambda p, _: stats.entropy_bits(p), n, POPULATION) * LN2 == pytest.approx(
        entropy, abs=5.1e-5
    )
    assert expectation(stats.kl_bits, n, POPULATION) * LN2 == pytest.approx(kl, abs=5.1e-5)
    assert expectation(stats.total_variation, n, POPULATION) == pytest.approx(tvd, abs=5.1e-5)
    assert expectation(stats.jsd_bits, n, POPULATION) * LN2 == pytest.approx(jsd, abs=5.1e-5)


def test_the_bias_of_kl_is_the_same_for_every_panel():
    bias = []
    for forecast in (np.array([0.1, 0.6, 0.3]), np.array([0.8, 0.1, 0.1])):
        truth = stats.kl_bits(POPULATION[None], forecast[None])[0]
        bias.append(expectation(stats.kl_bits, 4, forecast) - truth)
    assert bias[0] == pytest.approx(bias[1], abs=1e-12)
    assert bias[0] * LN2 == pytest.approx(0.3103, abs=5.1e-5)
