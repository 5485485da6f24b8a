"""The hard label of a panel: against enumeration of all votes, hand values, and what holds for any population."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.majority import log_tempered, majority_chances, most_voted, set_codes


def enumerated(p: np.ndarray, n: int) -> np.ndarray:
    """Chance of each label, summed over every way in which n people can vote."""
    chance = np.zeros(p.size)
    for votes in itertools.product(range(n + 1), repeat=p.size):
        if sum(votes) != n:
            continue
        ways = math.factorial(n) / math.prod(math.factorial(v) for v in votes)
        best = [k for k, v in enumerate(votes) if v == max(votes)]
        for k in best:
            chance[k] += ways * math.prod(share**v for share, v in zip(p, votes, strict=True)) / len(best)
    return chance


def test_two_labels_and_three_people_by_hand() -> None:
    # .7^3 + 3 * .7^2 * .3 = .343 + .441
    assert majority_chances(np.array([[0.7, 0.3]]), 3)[0] == pytest.approx([0.784, 0.216])


def test_one_or_two_people_are_no_surer_than_the_population() -> None:
    # With two: p^2 + 2 p (1 - p) / 2 = p.
    p = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
    assert majority_chances(p, 1) == pytest.approx(p)
    assert majority_chances(p, 2) == pytest.approx(p)


def test_three_labels_of_which_each_gets_one_vote() -> None:
    # 6/27 of the time 1-1-1, where each label has a third of the chance: symmetric.
    assert majority_chances(np.full((1, 3), 1 / 3), 3)[0] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(("n_labels", "n"), [(2, 4), (2, 7), (3, 3), (3, 6), (3, 9), (4, 4), (4, 6), (5, 5)])
def test_it_is_the_sum_over_all_votes(n_labels: int, n: int) -> None:
    p = np.random.default_rng([n_labels, n]).dirichlet(np.ones(n_labels), size=3)
    p[0] = np.eye(n_labels)[0] * 0.5 + np.eye(n_labels)[1] * 0.5
    assert majority_chances(p, n) == pytest.approx(np.array([enumerated(row, n) for row in p]), abs=1e-12)


@given(st.integers(2, 5), st.integers(1, 12), st.integers(0, 10**6))
def test_more_sure_of_its_answer_than_the_people(n_labels: int, n: int, seed: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.full(n_labels, 0.7), size=4)
    chance = majority_chances(p, n)
    top = chance.argmax(axis=1)
    rows = np.arange(4)
    assert chance.sum(axis=1) == pytest.approx(1.0)
    assert (top == p.argmax(axis=1)).all()
    assert (chance[rows, top] >= p[rows, top] - 1e-9).all()


@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_the_order_of_the_labels_does_not_matter(seed: int, order: list[int]) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(4), size=2)
    assert majority_chances(p[:, order], 5) == pytest.approx(majority_chances(p, 5)[:, order], abs=1e-12)


def test_ties_are_kept_as_sets() -> None:
    assert most_voted(np.array([[2.0, 2.0, 0.0], [1.0, 3.0, 0.0]])).tolist() == [
        [True, True, False], [False, True, False]
    ]  # fmt: skip


def test_sets_of_few_and_of_many_labels_get_codes() -> None:
    for n_labels in (3, 70):
        sets = np.zeros((4, n_labels), dtype=bool)
        sets[[0, 2], 0] = sets[1, n_labels - 1] = sets[3, :2] = True
        codes = set_codes(sets)
        assert codes[0] == codes[2]
        assert len(set(codes.tolist())) == 3


def test_a_temperature_of_two_takes_the_root() -> None:
    # .64, .36 -> .8, .6 -> .8 / 1.4
    assert np.exp(log_tempered(np.log([[0.64, 0.36]]), 0.5))[0] == pytest.approx([0.8 / 1.4, 0.6 / 1.4])


def test_no_people_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        majority_chances(np.array([[0.5, 0.5]]), 0)
    with pytest.raises(ValueError, match="n_labels"):
        most_voted(np.zeros(3))
