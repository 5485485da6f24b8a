"""Dawid and Skene's model against its paper, brute force, a general optimiser, and simulations with known truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from anaesthetists import graded
from scipy.optimize import minimize
from scipy.special import log_softmax

from panel_eval.stats import entropy_bits
from panel_eval.stats.chain_mixing import scale_reduction
from panel_eval.stats.dawid_skene import (
    ReviewedItems,
    accuracy,
    agreeing,
    draw_confusions,
    expected_truth,
    fit_dawid_skene,
    information_bits,
    jeffreys_pseudo_counts,
    mean_shift,
)

PRIOR = np.array([0.5, 0.3, 0.2])


def simulated(seed: int, items: int, reviewers: int, per_item: int) -> tuple[ReviewedItems, np.ndarray]:
    """Votes drawn from the model with a random confusion matrix for each reviewer."""
    generator = np.random.default_rng([seed, 17])
    confusion = np.stack([generator.dirichlet(1 + 8 * np.eye(3)[t], reviewers) for t in range(3)], axis=1)
    truth = generator.choice(3, items, p=PRIOR)
    item = np.repeat(np.arange(items), per_item)
    who = np.concatenate([generator.choice(reviewers, per_item, replace=False) for _ in range(items)])
    label = np.array([generator.choice(3, p=confusion[r, truth[i]]) for i, r in zip(item, who, strict=True)])
    return ReviewedItems.of(item, who, label, items, reviewers, 3), confusion


def tiny() -> tuple[ReviewedItems, list[tuple[int, int, int]]]:
    """Four items, two labels, three reviewers; some votes missing, and one reviewer twice on one item."""
    cast = [(0, 0, 0), (0, 1, 0), (0, 2, 1), (1, 0, 1), (1, 2, 1), (2, 1, 0), (2, 1, 1), (2, 0, 0), (3, 2, 1)]
    item, who, label = (np.array(codes) for codes in zip(*cast, strict=True))
    return ReviewedItems.of(item, who, label, 4, 3, 2), cast


def test_the_paper_s_estimates_are_found_again() -> None:
    """Dawid & Skene (1979), table 2: shares .40 .42 .11 .07, and the rates of who graded three times."""
    patient, observer, grade = graded()
    votes = ReviewedItems.of(patient, observer, grade, 45, 5, 4)
    fit = fit_dawid_skene(votes, np.full((4, 4), 1e-9), class_pseudo_count=1e-9)[0]
    assert fit.prior == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)
    first = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    assert fit.confusion[0] == pytest.approx(np.array(first), abs=0.0051)
    assert fit.converged


def test_the_likelihood_is_that_of_all_ways_the_truth_could_be() -> None:
    """Σ over the 2^4 ways of labelling four items truly, of the chance of each way and of all votes given it."""
    votes, cast = tiny()
    generator = np.random.default_rng(3)
    prior, confusion = generator.dirichlet([2, 2]), generator.dirichlet([2, 2], (3, 2))
    ways = [
        np.prod(prior[list(way)]) * np.prod([confusion[who, way[item], label] for item, who, label in cast])
        for way in product(range(2), repeat=4)
    ]
    posterior, likelihood = expected_truth(votes, prior, confusion)
    assert likelihood == pytest.approx(np.log(sum(ways)))
    first = sum(chance for way, chance in zip(product(range(2), repeat=4), ways, strict=True) if way[2] == 0)
    assert posterior[2, 0] == pytest.approx(first / sum(ways))


def test_a_general_optimiser_finds_no_higher_place() -> None:
    """The penalised likelihood written out; BFGS from the fit and from nearby ends where the fit does."""
    votes, _ = simulated(4, items=60, reviewers=3, per_item=3)
    pseudo = jeffreys_pseudo_counts(3)
    fit = fit_dawid_skene(votes, pseudo)[0]
    table = votes.table.toarray().reshape(60, 3, 3)

    def loss(free: np.ndarray) -> float:
        log_prior = log_softmax(np.append(free[:2], 0.0))
        log_confusion = log_softmax(
            np.concatenate([free[2:].reshape(3, 3, 2), np.zeros((3, 3, 1))], axis=2), axis=2
        )
        joint = log_prior + np.einsum("ijk,jtk->it", table, log_confusion)
        own = np.logaddexp.reduce(joint, axis=1).sum()
        return -float(own + (pseudo * log_confusion).sum() + 0.5 * log_prior.sum())

    def free_of(prior: np.ndarray, confusion: np.ndarray) -> np.ndarray:
        logs = np.log(confusion)
        return np.append(np.log(prior[:2] / prior[2]), (logs[..., :2] - logs[..., 2:]).ravel())

    at = free_of(fit.prior, fit.confusion)
    assert -loss(at) == pytest.approx(fit.objective)
    nearby = at + np.random.default_rng(0).normal(0, 0.3, at.size)
    for start in (at, nearby):
        found = minimize(loss, start, method="BFGS", options={"gtol": 1e-6})
        assert -found.fun <= fit.objective + 1e-5
    assert found.x == pytest.approx(at, abs=0.02)


def test_each_step_climbs_and_labels_keep_their_order() -> None:
    votes, confusion = simulated(5, items=300, reviewers=6, per_item=4)
    fits = fit_dawid_skene(votes, jeffreys_pseudo_counts(3), seed=1)
    assert agreeing(fits) == 4
    assert np.abs(fits[0].confusion - confusion).mean() < 0.06
    again = fit_dawid_skene(votes, jeffreys_pseudo_counts(3), seed=1)
    assert np.array_equal(fits[0].confusion, again[0].confusion)


def test_splits_become_certainties() -> None:
    """METHODS 4: six tasks, four workers, none of them unanimous; every posterior is one-hot to two digits."""
    given = np.array([[0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 1]])
    item, who = np.indices(given.shape).reshape(2, -1)
    votes = ReviewedItems.of(item, who, given.ravel(), 6, 4, 2)
    fit = fit_dawid_skene(votes, np.full((2, 2), 0.01), class_pseudo_count=0.01)[0]
    assert fit.posterior.max(axis=1).min() > 0.99
    share = given.mean(axis=1)
    assert entropy_bits(np.column_stack([1 - share, share])).min() > 0.8


def test_items_that_people_honestly_see_in_two_ways_are_called_certain() -> None:
    """100 items at 50:50 and 200 clear ones, ten like-minded reviewers: of one bit the model sees a third."""
    generator = np.random.default_rng(8)
    chance = np.concatenate([np.full(100, 0.5), np.tile([0.03, 0.97], 100)])
    given = (generator.random((300, 10)) < chance[:, None]).astype(int)
    item, who = np.indices(given.shape).reshape(2, -1)
    fit = fit_dawid_skene(ReviewedItems.of(item, who, given.ravel(), 300, 10, 2), jeffreys_pseudo_counts(2))[0]
    split = entropy_bits(fit.posterior)[:100]
    assert split.mean() < 0.35
    assert (fit.posterior[:100].max(axis=1) > 0.9).mean() > 0.6


@pytest.mark.slow
def test_intervals_hold_the_true_matrices_as_often_as_they_say() -> None:
    """60 tables of 200 items, 8 reviewers, 4 votes an item: of 60 × 72 cells some 95 % lie in their intervals."""
    held, accurate = [], []
    for seed in range(60):
        votes, confusion = simulated(seed, items=200, reviewers=8, per_item=4)
        pulled = 4.0 * fit_dawid_skene(votes.by_one(), jeffreys_pseudo_counts(3))[0].confusion[0]
        fits = fit_dawid_skene(votes, pulled)
        prior, drawn = draw_confusions(votes, fits[0], pulled, kept=np.ones(8, bool), draws=500, seed=seed)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        held.append(((low <= confusion) & (confusion <= high)).mean())
        low, high = np.quantile(accuracy(prior[:, None], drawn), [0.025, 0.975], axis=0)
        true = accuracy(PRIOR, confusion)
        accurate.append(((low <= true) & (true <= high)).mean())
    assert 0.92 < np.mean(held) < 0.98
    assert 0.88 < np.mean(accurate) < 0.98


def test_chains_from_the_best_and_the_worst_start_meet_where_votes_tell_enough() -> None:
    votes, _ = simulated(2, items=200, reviewers=6, per_item=4)
    fits = fit_dawid_skene(votes, jeffreys_pseudo_counts(3))
    kept = np.array([True, False, False, False, False, True])
    chains = [
        draw_confusions(votes, fit, jeffreys_pseudo_counts(3), kept=kept, draws=200, seed=place)
        for place, fit in enumerate((fits[0], fits[-1]))
    ]
    assert chains[0][1].shape == (200, 2, 3, 3)
    assert chains[0][1].sum(axis=3) == pytest.approx(np.ones((200, 2, 3)))
    assert scale_reduction(np.stack([accuracy(prior[:, None], drawn) for prior, drawn in chains])).max() < 1.1


def test_a_thousand_votes_on_one_item_underflow_nowhere() -> None:
    codes = np.zeros(1000, dtype=int)
    votes = ReviewedItems.of(codes, codes, np.arange(1000) % 2, 1, 1, 2)
    fit = fit_dawid_skene(votes, jeffreys_pseudo_counts(2))[0]
    assert np.isfinite(fit.objective)
    assert fit.posterior.sum() == pytest.approx(1.0)


def test_what_is_told_of_a_matrix_by_hand() -> None:
    """Half the items each way. A copier of coins: 1/2 right, 0 bits. A swapper: never right, all of the one bit."""
    half = np.array([0.5, 0.5])
    coin, swapped, sure = np.full((2, 2), 0.5), np.array([[0.0, 1.0], [1.0, 0.0]]), np.eye(2)
    assert [accuracy(half, m) for m in (coin, swapped, sure)] == pytest.approx([0.5, 0.0, 1.0])
    assert [information_bits(half, m) for m in (coin, swapped, sure)] == pytest.approx([0.0, 1.0, 1.0], abs=1e-9)
    # one step too high on a third of the items of the lowest of three labels, .6 of all: .6 × 1/3 = .2
    strict = np.array([[2 / 3, 1 / 3, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert mean_shift(np.array([0.6, 0.2, 0.2]), strict) == pytest.approx(0.2)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match="label must be"):
        ReviewedItems.of(np.array([0]), np.array([0]), np.array([2]), 1, 1, 2)
    votes, _ = tiny()
    with pytest.raises(ValueError, match="pseudo-counts"):
        fit_dawid_skene(votes, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="at least two"):
        scale_reduction(np.zeros((1, 10)))


def test_scale_reduction_by_hand() -> None:
    """Chains (0, 2) and (4, 6): W = 2, B / n = 8, n = 2: R² = (2 / 2 + 8) / 2 = 4.5."""
    assert scale_reduction(np.array([[0.0, 2.0], [4.0, 6.0]])) == pytest.approx(np.sqrt(4.5))
    assert scale_reduction(np.ones((2, 5))) == 1.0
