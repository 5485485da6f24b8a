"""Bets on ranks: uniform whatever the scores are, and fair bets on them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import kstest

from panel_eval.stats.change_evidence import mix_over_nights
from panel_eval.stats.rank_betting import STAKES, fresh_ranks, rank_log_evidence, repeated_ranks


def test_ranks_among_an_items_own_earlier_scores() -> None:
    scores = np.array([[1.0, 3.0, 2.0, 2.0], [5.0, np.nan, 5.0, 4.0]])
    ranks = repeated_ranks(scores, np.full(scores.shape, 0.5))
    # item 1: 3 above one of two: (1 + .5) / 2; 2 above one of three: (1 + .5) / 3; 2 tied: (1 + .5 * 2) / 4
    assert ranks[0, 1:].tolist() == pytest.approx([0.75, 0.5, 0.5])
    # item 2: tied with its only earlier score: .5 * 2 / 2; below two: .5 / 3
    assert ranks[1, 2:].tolist() == pytest.approx([0.5, 1 / 6])
    assert np.isnan(ranks[:, 0]).all()
    assert np.isnan(ranks[1, 1])


def test_fresh_ranks_count_the_same_night_too() -> None:
    nights = [np.array([1.0, 2.0]), np.array([1.5, 1.5])]
    first, second = fresh_ranks(nights, [np.array([0.2, 0.5]), np.array([0.5, 0.5])])
    assert first.tolist() == pytest.approx([0.2, (1 + 0.5) / 2])
    assert second.tolist() == pytest.approx([(1 + 0.5) / 3, (1 + 0.5 * 2) / 4])


SCORES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "three values": lambda rng, shape: rng.choice([0.0, 0.5, 2.0], p=[0.8, 0.15, 0.05], size=shape),
    "heavy tails": lambda rng, shape: rng.standard_cauchy(size=shape),
    "always the same": lambda rng, shape: np.ones(shape),
}


@pytest.mark.parametrize("kind", SCORES)
def test_ranks_are_uniform_and_independent_from_night_to_night(kind: str) -> None:
    rng = np.random.default_rng([3, len(kind)])
    scores = SCORES[kind](rng, (4000, 8))
    ranks = repeated_ranks(scores, rng.random(scores.shape))[:, 1:]
    assert kstest(ranks.ravel(), "uniform").pvalue > 1e-3
    correlations = np.corrcoef(ranks.T)[np.triu_indices(7, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(4000)  # 21 of them, sd 1 / sqrt(4000) each
    fresh = np.concatenate(fresh_ranks(list(scores[:500].T), [rng.random(500) for _ in range(8)]))
    assert kstest(fresh, "uniform").pvalue > 1e-3


def test_one_rank_wins_what_the_stakes_say() -> None:
    # a rank of 1 on the second of two nights: mean over stakes of 1 + stake / 2
    evidence = rank_log_evidence([np.array([np.nan]), np.array([1.0])])
    assert np.exp(evidence[1, 1]) == pytest.approx(np.mean([1 + stake / 2 for stake in STAKES]))
    assert np.exp(evidence[1, 1]) == pytest.approx(1.0)  # high and low are as likely bets
    twice = rank_log_evidence([np.array([np.nan]), np.array([1.0, 1.0])])
    assert np.exp(twice[1, 1]) == pytest.approx(np.mean([(1 + stake / 2) ** 2 for stake in STAKES]))


def test_nights_without_ranks_are_worth_nothing() -> None:
    empty = [np.array([]), np.array([np.nan, np.nan]), np.array([])]
    assert (rank_log_evidence(empty) == 0).all()


@pytest.mark.parametrize("kind", SCORES)
def test_the_wager_gains_nothing_while_nothing_changes(kind: str) -> None:
    """E[e] is 1 at any night, and it ever reaches 20 in at most 5 of 100 series: with 5 items on 40 nights."""
    rng = np.random.default_rng([4, len(kind)])
    last, highest = [], []
    for _ in range(400):
        scores = SCORES[kind](rng, (5, 40))
        ranks = repeated_ranks(scores, rng.random(scores.shape))
        wealth = np.exp(logsumexp(mix_over_nights(rank_log_evidence(list(ranks.T))), axis=0))
        last.append(wealth[-1])
        highest.append(wealth.max())
    assert np.mean(last) <= 1.0 + 4 * np.std(last) / np.sqrt(400)  # its rare large values are seldom met in 400
    assert np.mean(np.array(highest) >= 20) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
