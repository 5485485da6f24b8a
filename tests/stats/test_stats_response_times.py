"""Median polish and robust spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from panel_eval.stats.response_times import (
    group_medians,
    length_slopes,
    median_polish,
    own_tail,
    robust_spread,
)


def test_medians_by_group_are_numpys() -> None:
    generator = np.random.default_rng(0)
    values, group = generator.normal(size=200), generator.integers(0, 30, 200)
    found = group_medians(values, group, 31)
    for k in range(30):
        assert found[k] == pytest.approx(np.median(values[group == k]))
    assert np.isnan(found[30])


def test_effects_of_rows_and_columns_come_out_in_spite_of_outliers() -> None:
    """Additive table with a few cells far off: they, and only they, are left over."""
    rows, columns = np.array([0.0, 1.0, 2.0, 5.0, 3.0]), np.array([0.0, -1.0, 0.5, 2.0, 0.2])
    row, column = (grid.ravel() for grid in np.meshgrid(np.arange(5), np.arange(5), indexing="ij"))
    values = rows[row] + columns[column]
    values[[3, 12]] -= 10.0
    left, of_rows, of_columns = median_polish(values, row, column)
    assert np.flatnonzero(np.abs(left) > 1e-9).tolist() == [3, 12]
    assert np.diff(of_rows) == pytest.approx(np.diff(rows))
    assert np.diff(of_columns) == pytest.approx(np.diff(columns))
    assert left + of_rows[row] + of_columns[column] == pytest.approx(values)


def test_spread_of_normal_values_is_their_standard_deviation() -> None:
    values = np.random.default_rng(1).normal(3, 2, 100_000)
    assert robust_spread(np.append(values, [1e9] * 1000)) == pytest.approx(2.0, rel=0.03)


def test_the_tail_is_that_of_the_normal_distribution_behind_the_upper_half() -> None:
    """Normal quantiles of mean 2, spread .5: under 1 lie Φ(-2) = .02275, whatever the lower quarter really is."""
    values = norm.ppf((np.arange(2000) + 0.5) / 2000, 2.0, 0.5)
    for seen in (values, np.maximum(values, 1.4)):
        assert own_tail(seen, 1.0) == pytest.approx(0.02275, abs=1e-3)
        assert own_tail(seen, 2.0) == pytest.approx(0.5, abs=1e-3)


def test_three_in_ten_far_below_make_the_tail_wider_and_do_not_hide_themselves() -> None:
    """m falls by .566 and s is 1.316 of .5: Φ((1 - 1.717) / .658) = .138 are expected under 1; .3 lie there."""
    values = np.concatenate([norm.ppf((np.arange(1400) + 0.5) / 1400, 2.0, 0.5), np.full(600, -1.0)])
    assert own_tail(values, 1.0) == pytest.approx(0.138, abs=2e-3)


def test_equal_values_have_no_tail() -> None:
    assert [own_tail(np.full(20, 3.0), limit) for limit in (2.9, 3.1)] == [0.0, 1.0]


def test_slopes_are_those_of_the_lines_in_spite_of_values_far_out() -> None:
    lengths = np.tile(np.arange(30.0), 2)
    group = np.repeat([0, 2], 30)
    values = np.where(group == 0, 5.0 + 0.25 * lengths, 7.0)
    values[[0, 29, 40]] = 1e6
    found = length_slopes(values, lengths, group, 4)
    assert found[0] == pytest.approx(
        0.25, rel=0.1
    )  # one of ten far out at either end moves the median by half a step
    assert found[2] == 0.0
    assert np.isnan(found[[1, 3]]).all()
    assert np.isnan(length_slopes(np.arange(10.0), np.full(10, 4.0), np.zeros(10, dtype=np.int64), 1)).all()
