"""Change over a sequence: by hand, by all orders, and how often it is found where there is none, or one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t

from panel_eval.stats.drift import (
    change_range,
    change_test,
    compare_halves,
    compare_shares,
    in_blocks,
    middle_split,
    splits,
)

STEADY = np.array([-0.6, -0.1, 0.0, 0.2, 0.4])
SHARES = np.array([0.08, 0.2, 0.4, 0.22, 0.1])
"""Skewed, with ties, as scores of agreement are."""


def steps(n: int) -> np.ndarray:
    return np.arange(n, dtype=float)


def test_splits_stay_away_from_the_ends_and_from_equal_times() -> None:
    assert splits(steps(12)).tolist() == [5, 6, 7]
    assert splits(np.array([0.0] * 6 + [1.0] * 6)).tolist() == [6]
    assert splits(np.zeros(30)).size == 0
    assert splits(steps(9)).size == 0
    assert splits(steps(100))[[0, -1]].tolist() == [10, 90]


def test_one_split_is_the_exact_two_sample_permutation_test() -> None:
    """Six scores before, five after, one split: the share of all orders that are as uneven."""
    score = np.array([0.1, 0.5, 0.4, 0.2, 0.9, 0.3, 0.8, 1.2, 1.0, 0.7, 1.1])
    found = change_test(score, np.array([6]), permutations=40_000, seed=1)
    apart = score - score.mean()
    seen = abs(apart[:6].sum())
    exact = np.mean([abs(apart[list(way)].sum()) >= seen - 1e-12 for way in combinations(range(11), 6)])
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 40_000))
    assert found.place == 6


def test_the_scan_by_all_orders() -> None:
    """Ten different scores have one split, 5: the p-value of perfect order is 2 / C(10, 5) = 2 / 252."""
    found = change_test(steps(10), splits(steps(10)), permutations=50_000, seed=2)
    assert found.p_value == pytest.approx(2 / 252, rel=0.2)


@pytest.mark.parametrize("n", [12, 25, 80])
def test_nothing_changed_is_rarely_called_a_change(n: int) -> None:
    """1,000 steady sequences: at most 5 % (+ 2.6 standard errors) have p <= .05."""
    generator = np.random.default_rng(n)
    p = np.array(
        [
            change_test(
                generator.choice(STEADY, n, p=SHARES), splits(steps(n)), permutations=199, seed=seed
            ).p_value
            for seed in range(1000)
        ]
    )
    assert (p <= 0.05).mean() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 1000)


def test_a_change_half_way_is_found_and_its_range_holds_the_place() -> None:
    """60 sequences of 80, one standard deviation lower from the 41st on: nearly all found, where they are."""
    generator = np.random.default_rng(5)
    found, held, widths = [], [], []
    for seed in range(60):
        score = generator.normal(0, 1, 80) - (steps(80) >= 40)
        found.append(change_test(score, splits(steps(80)), permutations=199, seed=seed).p_value <= 0.05)
        first, last = change_range(score, splits(steps(80)), seed=seed)
        held.append(first <= 40 <= last)
        widths.append(last - first)
    assert np.mean(found) > 0.85
    assert np.mean(held) > 0.95 - 2.6 * np.sqrt(0.95 * 0.05 / 60)
    assert np.median(widths) < 40


def test_equal_scores_have_not_changed() -> None:
    found = change_test(np.full(20, 0.3), splits(steps(20)), permutations=99, seed=0)
    assert found.p_value == 1.0
    assert np.isnan(change_test(np.ones(5), splits(steps(5)), permutations=9, seed=0).p_value)


@given(arrays(float, st.integers(12, 40), elements=st.floats(-5, 5, width=32)), st.floats(-3, 3), st.floats(0.5, 4))
def test_moving_and_stretching_scores_changes_nothing(score: np.ndarray, moved: float, stretched: float) -> None:
    places = splits(steps(score.size))
    if np.ptp(score) < 1e-3:
        return
    one = change_test(score, places, permutations=49, seed=3)
    other = change_test(score * stretched + moved, places, permutations=49, seed=3)
    assert one.p_value == pytest.approx(other.p_value, abs=0.021)


def test_halves_by_hand() -> None:
    """(1, 2, 3) against (4, 6): means 2 and 5, squared errors 1 / 3 and 2 / 2, Welch's degrees of freedom."""
    found = compare_halves(np.array([1.0, 2.0, 3.0, 4.0, 6.0]), 3)
    assert (found.first, found.second, found.difference) == (2.0, 5.0, 3.0)
    freedom = (1 / 3 + 1) ** 2 / ((1 / 3) ** 2 / 2 + 1)
    half = t.ppf(0.975, freedom) * np.sqrt(4 / 3)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half))
    assert np.isnan(compare_halves(np.ones(8), 4).low)


def test_shares_as_newcombe_published_them() -> None:
    """Newcombe (1998), table II: 56/70 less 48/80 is .2000, method 10 gives .0524 to .3339."""
    hit = np.array([True] * 48 + [False] * 32 + [True] * 56 + [False] * 14)
    found = compare_shares(hit, 80)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_blocks_are_means_of_neighbours() -> None:
    mean, first = in_blocks(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 2)
    assert (mean.tolist(), first.tolist()) == ([1.5, 4.0], [0, 2])


def test_the_middle_is_where_times_differ() -> None:
    assert middle_split(steps(20)) == 10
    assert middle_split(np.array([0.0] * 13 + [1.0] * 7)) == 13
    assert middle_split(np.zeros(40)) is None
    assert middle_split(steps(9)) is None
