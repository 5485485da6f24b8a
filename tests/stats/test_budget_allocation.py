"""A budget over items: against every possible plan, and by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.stats.budget_allocation import allocate_budget, best_steps, even_gain, gain_of, random_gain

RISES = st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=1, max_size=4)


def best_by_trying_all(gain: np.ndarray, budget: int) -> float:
    n, most = gain.shape[0], gain.shape[1] - 1
    plans = product(range(most + 1), repeat=n)
    return max(sum(gain[i, m] for i, m in enumerate(plan)) for plan in plans if sum(plan) <= budget)


@given(RISES, st.integers(0, 12))
@settings(deadline=None)
def test_where_each_vote_buys_less_than_the_last_no_plan_is_better(rises, budget):
    gain = np.array([[0, *np.cumsum(sorted(row, reverse=True))] for row in rises], float)
    votes = allocate_budget(gain, budget)
    assert votes.sum() <= budget
    assert gain_of(gain, votes) == pytest.approx(best_by_trying_all(gain, budget))


@given(RISES, st.integers(0, 12))
@settings(deadline=None)
def test_elsewhere_the_plan_falls_short_by_less_than_one_step(rises, budget):
    gain = np.array([[0, *np.cumsum(row)] for row in rises], float)
    votes, steps = allocate_budget(gain, budget), best_steps(gain)
    assert votes.sum() <= budget
    left_out = steps.gain[np.searchsorted(steps.spent, budget, side="right") :]
    short = best_by_trying_all(gain, budget) - gain_of(gain, votes)
    assert -1e-9 <= short <= max(left_out.max(initial=0.0), 0.0) + 1e-9


def test_two_votes_that_pay_only_together_are_bought_together():
    gain = np.array([[0.0, 0.0, 1.0], [0.0, 0.4, 0.7]])
    assert allocate_budget(gain, 2).tolist() == [2, 0]  # .5 a vote, against .4 and then .3
    assert allocate_budget(gain, 1).tolist() == [0, 1]  # the pair does not fit
    assert allocate_budget(gain, 9).tolist() == [2, 2]


def test_equal_items_get_one_vote_each_before_any_gets_two_the_first_rows_first():
    gain = np.tile([0.0, 0.5, 0.9], (3, 1))
    assert allocate_budget(gain, 2).tolist() == [1, 1, 0]
    assert allocate_budget(gain, 4).tolist() == [2, 1, 1]


def test_votes_that_buy_nothing_are_not_bought():
    assert allocate_budget(np.array([[0.0, 0.0], [0.0, 0.3]]), 5).tolist() == [0, 1]


def test_an_even_spread_by_hand():
    gain = np.array([[0.0, 0.6, 0.8], [0.0, 0.2, 0.4]])
    assert even_gain(gain, 1) == pytest.approx((0.6 + 0.2) / 2)  # to either of the two
    assert even_gain(gain, 2) == pytest.approx(0.8)
    assert even_gain(gain, 3) == pytest.approx(0.8 + (0.2 + 0.2) / 2)
    assert even_gain(gain, 99) == pytest.approx(1.2)


def test_a_random_spread_is_the_mean_over_all_ways_to_fill_places():
    gain = np.array([[0.0, 0.6, 0.8], [0.0, 0.2, 0.4]])
    # Two votes on the four places: 1 of 6 ways both on the first item, 1 both on the second, 4 one each.
    assert random_gain(gain, 2) == pytest.approx(0.8 / 6 + 0.4 / 6 + 4 * (0.6 + 0.2) / 6)
    assert random_gain(gain, 99) == pytest.approx(1.2)


def test_what_is_no_table_of_gains_is_refused():
    with pytest.raises(ValueError, match="gain must be"):
        best_steps(np.array([[0.1, 0.2]]))
    with pytest.raises(ValueError, match="budget"):
        allocate_budget(np.array([[0.0, 0.2]]), -1)
