"""Risk and coverage if fresh people did the ranking, against worlds in which people can be asked again."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.evaluation.human_risk import fresh_risk
from panel_eval.evaluation.risk_curves import risk_at
from panel_eval.stats.entropy import entropy_bits

COVERAGE = np.array([0.1, 0.25, 0.5, 0.75, 1.0])


def test_it_is_the_risk_that_asking_other_people_gives() -> None:
    """Populations ~ Dirichlet(a), votes from them; the posterior of each is Dirichlet(a + votes).

    What the posterior says of fresh reviewers is held to fresh reviewers drawn from the populations themselves, in
    worlds whose votes and losses stay the same. The mean difference over 40 worlds must lie within four of its
    standard errors (t with 39 degrees of freedom: five such comparisons fail by chance once in 700 seeds).
    """
    generator = np.random.default_rng(20)
    prior, n, worlds = np.array([0.5, 0.5, 0.5]), 4, 40
    differences = np.empty((worlds, COVERAGE.size))
    for world in range(worlds):
        populations = generator.dirichlet(prior, 600)
        votes = generator.multinomial(n, populations)
        loss = 1.0 - votes[:, 0] / n  # the panel says the first label throughout
        (ours,) = fresh_risk(prior + votes, [np.full(600, n)], loss, COVERAGE, generator)
        asked = []
        for _ in range(20):
            again = generator.multinomial(n, populations) / n
            asked.append(risk_at(-entropy_bits(again), loss, COVERAGE))
        differences[world] = ours - np.mean(asked, axis=0)
    error = differences.std(axis=0, ddof=1) / np.sqrt(worlds)
    assert (np.abs(differences.mean(axis=0)) <= 4 * error + 1e-12).all()
    assert error[:-1].max() < 0.004  # the test can tell a bias of two hundredths


def test_known_populations_give_the_best_order_by_spread() -> None:
    """Items of no spread are kept first: of two kinds of items, half each, the unanimous ones have no loss."""
    alpha = np.array([[1e9, 1e-9]] * 50 + [[1e9, 1e9]] * 50)
    loss = np.array([0.0] * 50 + [0.5] * 50)
    (risk,) = fresh_risk(alpha, [np.full(100, 200)], loss, COVERAGE, np.random.default_rng(1))
    # 200 reviewers of a coin agree with chance 2^-199: the kinds are told apart, within a kind the order is random.
    assert risk == pytest.approx([0.0, 0.0, 0.0, 0.5 * 25 / 75, 0.25])


def test_one_reviewer_shows_no_spread_and_ranks_nothing() -> None:
    loss = np.linspace(0, 1, 40)
    (risk,) = fresh_risk(np.ones((40, 3)), [np.ones(40, dtype=int)], loss, COVERAGE, np.random.default_rng(1))
    assert risk == pytest.approx(np.full(5, 0.5))
