"""Median polish and robust spread."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.response_times import group_medians, median_polish, robust_spread


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
