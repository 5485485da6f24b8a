"""Runs and patterns in sequences of labels: counted by hand and by all arrangements."""

from __future__ import annotations

from itertools import groupby, permutations

import numpy as np
import pytest

from panel_eval.stats.label_runs import longest_repeat, longest_run, repeat_chance, run_chance


@pytest.mark.parametrize("n", [2, 5, 7])
def test_the_chance_of_a_run_is_its_share_of_all_arrangements(n: int) -> None:
    for used in range(1, n + 1):
        arrangements = set(permutations([1] * used + [0] * (n - used)))
        longest = [max(len(list(run)) for label, run in groupby(row) if label) for row in arrangements]
        for length in range(1, n + 1):
            expected = np.mean([found >= length for found in longest])
            assert run_chance(n, used, length) == pytest.approx(expected, abs=1e-12)


def test_two_of_four_stand_together_in_three_of_six() -> None:
    assert run_chance(4, 2, 2) == 0.5


def test_beyond_what_is_added_up_the_first_term_is_never_too_small() -> None:
    """2,001 labels, 20 of one kind: a run of 4; by simulation of the same with 2,000 the exact sum is near."""
    assert run_chance(2001, 20, 4) == pytest.approx(run_chance(2000, 20, 4), rel=0.01)
    assert run_chance(2001, 1500, 5) == 1.0


def test_the_least_likely_run_is_told_with_its_place() -> None:
    """B runs 3 of 3 in 9: 7 of 84 arrangements; A's run of 4 of 6 is likelier. Two labels: p = 2 × 1/12."""
    run = longest_run([0, 0, 1, 1, 1, 0, 0, 0, 0])
    assert (run.label, run.start, run.length) == (1, 2, 3)
    assert run.p_value == pytest.approx(2 * 7 / 84)


def test_one_label_only_tells_nothing_by_its_order() -> None:
    assert longest_run([2] * 40).p_value == 1.0


def test_shuffled_sequences_are_flagged_no_more_often_than_the_level() -> None:
    generator = np.random.default_rng(5)
    found = [longest_run(generator.choice(3, 60, p=[0.6, 0.3, 0.1])).p_value for _ in range(2000)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.parametrize(
    ("labels", "period", "place"),
    [
        ([0, 1, 0, 1, 0, 0, 0, 2], 2, (0, 5)),
        ([2, 0, 1, 2, 0, 1, 2, 2, 2], 3, (0, 7)),
        ([1, 1, 1, 1, 1, 1], 2, (0, 0)),  # standing still is no pattern
        ([3, 0, 0, 1, 0, 0, 1, 2], 3, (1, 6)),
        ([0, 1], 2, (0, 0)),
    ],
)
def test_a_pattern_is_the_longest_stretch_that_repeats(
    labels: list[int], period: int, place: tuple[int, int]
) -> None:
    assert longest_repeat(labels, period) == place


@pytest.mark.parametrize(
    ("labels", "period"), [([0, 0, 1, 1], 2), ([0, 0, 0, 1, 1, 1, 2], 2), ([0, 0, 1, 1, 2, 2], 3)]
)
def test_the_chance_of_a_pattern_is_at_least_its_share_of_all_arrangements(labels: list[int], period: int) -> None:
    """And no more than the expected number of such stretches, which is counted here one by one."""
    rows = list(permutations(labels))
    for length in range(period + 1, len(labels) + 1):
        stretches = [
            sum(
                len(set(row[at : at + period])) > 1
                and all(row[k] == row[k - period] for k in range(at + period, at + length))
                for at in range(len(row) - length + 1)
            )
            for row in rows
        ]
        assert repeat_chance(labels, period, length) == pytest.approx(min(1.0, np.mean(stretches)))
        assert repeat_chance(labels, period, length) >= np.mean(np.array(stretches) > 0) - 1e-12


def test_two_of_the_six_arrangements_of_a_a_b_b_alternate() -> None:
    assert repeat_chance([0, 1, 0, 1], 2, 4) == pytest.approx(2 / 6)
