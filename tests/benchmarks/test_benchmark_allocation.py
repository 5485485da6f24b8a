"""The benchmark of planned reviews: its arithmetic, and that plans bring real items closer to what they are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import allocation
from chaosnli import DATA, load_counts


def test_a_plan_that_gains_half_as_much_again_has_the_ratio_one_and_a_half():
    before, even = np.array([1.0, 1.2]), np.array([0.8, 1.0])
    assert allocation.gain_ratio(before, even, before - 0.3) == pytest.approx((1.5, 0.0))


def test_an_even_spread_gives_each_item_as_many_and_a_rest_to_some():
    reviews = allocation.evenly(10, 23, np.random.default_rng(0))
    assert sorted(reviews) == [2] * 7 + [3] * 3


def test_bought_votes_are_real_ones_that_were_not_used_yet():
    votes = np.array([[3, 0, 0], [1, 1, 1]], float)
    town = allocation.Town("t", votes, votes / 3)
    grown = town.ask(np.array([[1, 0, 0], [0, 1, 0]], float), np.array([2, 2]), np.random.default_rng(0))
    assert grown.tolist() == votes.tolist()


@pytest.mark.slow
def test_on_chaosnli_plans_gain_more_of_what_they_are_for_than_an_even_spread():
    if not (DATA / "chaosnli").is_dir():
        pytest.skip(f"no chaosnli in {DATA}")
    _, votes = load_counts()
    town = allocation.Town("chaosnli", votes, votes / votes.sum(axis=1, keepdims=True))
    runs = [allocation.one_repeat(town, "1-7", 750, seed) for seed in range(3)]
    mean = {way: np.mean([run[way] for run in runs], axis=0) for way in runs[0]}
    assert mean["distribution"][0] < mean["even"][0] < mean["before"][0]  # KL, bits
    assert mean["class"][1] < mean["even"][1] < mean["before"][1]  # -log2 P(true class)
