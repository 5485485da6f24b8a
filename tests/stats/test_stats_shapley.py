"""Shapley values: a toy panel by hand, the axioms, and random orders against all subsets."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.stats.shapley import exact_plan, sampled_plan

A, B, C = 1, 2, 4
VALUE = {0: 0.0, A: 0.12, B: 0.12, C: 0.06, A | B: 0.12, A | C: 0.30, B | C: 0.30, A | B | C: 0.30}
"""B repeats A; C adds .18 to either, more than its .06 alone."""


def games(n_players: int):
    return arrays(np.float64, 2**n_players, elements=st.floats(-5, 5, width=32))


def test_a_toy_panel_by_hand():
    # What each adds in the six orders ABC ACB BAC BCA CAB CBA:
    # A: .12 .12 0 0 .24 0 = .48; B the same by symmetry; C: .18 .18 .18 .18 .06 .06 = .84; each over 6.
    plan = exact_plan(3)
    shares = plan.shares(np.array([VALUE[mask] for mask in plan.subsets]))
    assert shares == pytest.approx([0.08, 0.08, 0.14])
    assert plan.standard_errors(np.array([VALUE[mask] for mask in plan.subsets])).tolist() == [0, 0, 0]


def test_the_gloves_game():
    # Two left gloves, one right; a pair is worth 1: the known value is 1/6, 1/6, 2/3.
    plan = exact_plan(3)
    pairs = [float(mask & C > 0 and mask & (A | B) > 0) for mask in plan.subsets]
    assert plan.shares(np.array(pairs)) == pytest.approx([1 / 6, 1 / 6, 2 / 3])


@given(games(4))
def test_all_subsets_equal_all_orders(values):
    shares = np.zeros(4)
    for order in permutations(range(4)):
        mask = 0
        for player in order:
            shares[player] += values[mask | 1 << player] - values[mask]
            mask |= 1 << player
    assert exact_plan(4).shares(values) == pytest.approx(shares / 24, abs=1e-9)


@given(games(5))
def test_shares_sum_to_the_whole(values):
    assert exact_plan(5).shares(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(games(5), st.integers(0, 2**32 - 1))
def test_shares_of_random_orders_sum_to_the_whole(values, seed):
    plan = sampled_plan(5, 3, np.random.default_rng(seed))
    assert plan.shares(values[list(plan.subsets)]).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(games(4))
def test_a_player_that_adds_nothing_gets_nothing(values):
    without_the_last = np.concatenate([values, values])  # bit 4 changes nothing
    plan = exact_plan(5)
    shares = plan.shares(without_the_last)
    assert shares[4] == pytest.approx(0, abs=1e-12)
    assert shares[:4] == pytest.approx(exact_plan(4).shares(values), abs=1e-9)
    sampled = sampled_plan(5, 2, np.random.default_rng(1))
    assert sampled.shares(without_the_last[list(sampled.subsets)])[4] == pytest.approx(0, abs=1e-12)


@given(games(4))
def test_players_that_are_alike_get_the_same(values):
    swapped = [mask & 0b1100 | (mask & 1) << 1 | (mask & 2) >> 1 for mask in range(16)]
    alike = values + values[swapped]
    shares = exact_plan(4).shares(alike)
    assert shares[0] == pytest.approx(shares[1], abs=1e-9)


@given(games(4), games(4), st.floats(-3, 3))
def test_shares_are_linear_and_shared_out_item_by_item(first, second, factor):
    plan = exact_plan(4)
    together = plan.shares(first + factor * second)
    assert together == pytest.approx(plan.shares(first) + factor * plan.shares(second), abs=1e-7)
    table = plan.shares(np.column_stack([first, second]))
    assert table == pytest.approx(np.column_stack([plan.shares(first), plan.shares(second)]), abs=1e-9)


def test_random_orders_are_within_their_stated_error():
    """500 plans of 20 pairs on one random game: the errors have the size stated, and no bias."""
    generator = np.random.default_rng(4)
    values = np.sqrt(np.array([bin(mask).count("1") for mask in range(64)])) + 0.3 * generator.normal(size=64)
    exact = exact_plan(6).shares(values)
    ratios = []
    for _ in range(500):
        plan = sampled_plan(6, 20, generator)
        own = values[list(plan.subsets)]
        ratios.append((plan.shares(own) - exact) / plan.standard_errors(own))
    found = np.array(ratios)
    # Student's t with 19 degrees of freedom: standard deviation 1.06; its own error over 500 plans is about .035.
    assert found.std(axis=0) == pytest.approx(np.full(6, 1.06), abs=0.15)
    assert np.abs(found.mean(axis=0)).max() < 4 * 1.06 / np.sqrt(500)


def test_an_order_with_its_reverse_is_exact_for_two_players():
    plan = sampled_plan(2, 1, np.random.default_rng(0))
    assert plan.shares(np.array([0.0, 1.0, 2.0, 4.0])) == pytest.approx([1.5, 2.5])
    assert np.isnan(plan.standard_errors(np.array([0.0, 1.0, 2.0, 4.0]))).all()


@pytest.mark.parametrize("players", [0, 17])
def test_no_table_of_no_or_too_many_players(players):
    with pytest.raises(ValueError, match="n_players"):
        exact_plan(players)


def test_random_orders_need_a_pair():
    with pytest.raises(ValueError, match="pair"):
        sampled_plan(3, 0, np.random.default_rng(0))
