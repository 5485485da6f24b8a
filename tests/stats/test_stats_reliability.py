"""Split halves, dispersion, one vote against the others: by hand, by enumeration, against numpy."""

from itertools import combinations, product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval import stats
from panel_eval.stats.reliability import (
    dispersion_moments,
    dispersion_reliability,
    half_correlation,
    half_moments,
    leave_one_out_mean,
    reviewers_for_loss,
    share_half_moments,
    spearman_brown,
    split_votes,
)

rows = st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=6)


@given(rows, st.integers(0, 9))
def test_halves_are_disjoint_and_of_equal_size(counts, seed):
    table = np.array(counts, dtype=float)
    first, second = split_votes(table, np.random.default_rng(seed))
    assert (first + second <= table).all()
    half = table.sum(axis=1) // 2
    assert (first.sum(axis=1) == half).all()
    assert (second.sum(axis=1) == half).all()


def test_splits_are_equally_likely():
    # 2-1-1 into two and two: of the six ways to draw the first half, one is a pair of the first label.
    table = np.tile([2.0, 1.0, 1.0], (6000, 1))
    first, _ = split_votes(table, np.random.default_rng(0))
    assert (first[:, 0] == 2).mean() == pytest.approx(1 / 6, abs=0.02)
    assert (first[:, 0] == 0).mean() == pytest.approx(1 / 6, abs=0.02)


@pytest.mark.parametrize("counts", [(2, 1, 1), (3, 2, 0), (1, 1, 0), (4, 1, 2)])
def test_moments_of_a_share_are_those_of_all_splits(counts):
    votes = np.repeat(np.arange(3), counts)
    half = votes.size // 2
    found = []
    for first in combinations(range(votes.size), half):
        rest = [v for v in range(votes.size) if v not in first]
        for second in combinations(rest, half):
            x, y = (np.mean(votes[list(side)] == 0) for side in (first, second))
            found.append([(x + y) / 2, (x * x + y * y) / 2, x * y])
    assert share_half_moments(np.array([counts], dtype=float), 0)[0] == pytest.approx(np.mean(found, axis=0))


def test_half_correlation_is_pearson_s_of_both_orders():
    x, y = np.random.default_rng(1).normal(size=(2, 50))
    moments = half_moments(x, x + y).mean(axis=0)
    both = np.corrcoef(np.concatenate([x, x + y]), np.concatenate([x + y, x]))[0, 1]
    assert half_correlation(moments) == pytest.approx(both)


def test_half_correlation_of_a_constant_is_undefined():
    assert np.isnan(half_correlation(half_moments(np.full(5, 0.3), np.full(5, 0.3)).mean(axis=0)))


@pytest.mark.parametrize(("r", "factor", "whole"), [(0.5, 2, 2 / 3), (0.6, 2, 0.75), (0.2, 4, 0.5), (0.9, 1, 0.9)])
def test_spearman_brown(r, factor, whole):
    assert spearman_brown(r, factor) == pytest.approx(whole)


def test_spearman_brown_needs_a_length():
    with pytest.raises(ValueError, match="factor"):
        spearman_brown(0.5, 0.0)


def test_dispersion_of_a_two_two_item():
    # 12 ordered pairs, 4 agree: U = 2/3. Of 24 orders of the four, 8 put two equal pairs together: 1 - 2/3 + 1/3.
    assert dispersion_moments(np.array([[2.0, 2.0]]))[0] == pytest.approx([2 / 3, 2 / 3, 4 / 9])


@pytest.mark.parametrize("n", [4, 5, 6])
def test_square_of_the_dispersion_is_exactly_unbiased(n):
    population = np.array([0.2, 0.5, 0.3])
    votes = np.array([c for c in product(range(n + 1), repeat=3) if sum(c) == n], dtype=float)
    ways = np.array([factorial(n) / prod(factorial(int(k)) for k in c) for c in votes])
    mean = (ways * np.prod(population**votes, axis=1)) @ dispersion_moments(votes)
    true = 1 - np.sum(population**2)
    assert mean[:2] == pytest.approx([true, true**2], abs=1e-12)


def test_dispersion_needs_four_votes():
    assert np.isnan(dispersion_moments(np.array([[2.0, 1.0]]))).all()


def test_dispersion_reliability_is_the_correlation_with_a_second_panel():
    generator = np.random.default_rng(2)
    populations = generator.dirichlet([0.8, 0.8, 0.8], size=400_000)
    first, second = (generator.multinomial(4, populations).astype(float) for _ in range(2))
    between = np.corrcoef(dispersion_moments(first)[:, 0], dispersion_moments(second)[:, 0])[0, 1]
    reliability = float(dispersion_reliability(dispersion_moments(first).mean(axis=0)))
    assert reliability == pytest.approx(between, abs=0.015)


def test_one_vote_against_the_others_by_hand():
    # 2-1-1. Without a first vote the others are 1-1-1, a three-way tie; without another they are 2-0-1.
    def accuracy(others, vote, _):
        return stats.mode_accuracy(others, vote)

    assert leave_one_out_mean(np.array([[2.0, 1.0, 1.0]]), accuracy) == pytest.approx([0.5 / 3])


@given(rows)
def test_one_vote_against_the_others_as_a_loop(counts):
    table = np.array(counts, dtype=float)
    found = leave_one_out_mean(table, lambda others, vote, _: stats.brier(others, vote))
    for row, votes in zip(found, table, strict=True):
        people = np.repeat(np.arange(3), votes.astype(int))
        if people.size < 2:
            assert np.isnan(row)
            continue
        scores = []
        for left in range(people.size):
            others = np.bincount(np.delete(people, left), minlength=3) / (people.size - 1)
            scores.append(stats.brier(others[None], np.eye(3)[people[left]][None])[0])
        assert row == pytest.approx(np.mean(scores))


def test_a_linear_score_of_a_forecast_does_not_change_when_votes_are_left_out():
    table, q = np.array([[3.0, 1.0, 1.0], [0.0, 2.0, 4.0]]), np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])
    found = leave_one_out_mean(table, lambda others, _, at: stats.cross_entropy_bits(others, q[at]))
    assert found == pytest.approx(stats.cross_entropy_bits(table / table.sum(axis=1, keepdims=True), q))


def test_votes_must_be_whole():
    with pytest.raises(ValueError, match="whole"):
        dispersion_moments(np.array([[1.5, 2.5]]))


def test_reviewers_are_interpolated_in_their_inverse():
    sizes, losses = np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.5, 0.25])  # losses = 1 / n
    wanted = np.array([0.5, 0.75, 0.3, 1.0, 0.25])
    found = reviewers_for_loss(sizes, np.tile(losses, (5, 1)), wanted)
    assert found == pytest.approx([0.5, 0.75, 0.3, 1.0, 0.25])


def test_reviewers_outside_the_sizes():
    sizes, losses = np.array([1.0, 2.0]), np.array([1.0, 0.5])
    assert reviewers_for_loss(sizes, losses, np.array(1.2)) == np.inf
    assert reviewers_for_loss(sizes, losses, np.array(0.4)) == -np.inf
    assert np.isnan(reviewers_for_loss(sizes, losses, np.array(np.nan)))
    with pytest.raises(ValueError, match="rising"):
        reviewers_for_loss(np.array([2.0, 1.0]), losses, np.array(0.6))
