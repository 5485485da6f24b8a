"""How long people took, with what the item and the person explain taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from panel_eval.stats.arrays import FloatArray, IntArray

_ROUNDS = 4


def group_medians(values: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """(n_groups,) the median of each group's values; NaN for a group without any.

    Args:
        values: (n,).
        group: (n,) code of the group of each.
        n_groups: how many there are.
    """
    order = np.lexsort((values, group))
    counts = np.bincount(group, minlength=n_groups)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    ordered = np.append(values[order], np.nan)  # a place that empty groups may look at
    low, high = starts + np.maximum(counts - 1, 0) // 2, starts + counts // 2
    middle: FloatArray = 0.5 * (ordered[np.minimum(low, values.size)] + ordered[np.minimum(high, values.size)])
    return np.where(counts > 0, middle, np.nan)


def median_polish(values: FloatArray, row: IntArray, column: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What is left of values once the medians of rows and columns are taken out, turn by turn.

    Args:
        values: (n,), such as log seconds.
        row: (n,) code of the item.
        column: (n,) code of the reviewer.

    Returns:
        (n,) residuals, (n_rows,) row effects, (n_columns,) column effects; value = residual + row + column, so that
        the overall level is part of the rows'.

    References:
        Tukey (1977), Exploratory Data Analysis, chapter 11.
    """
    n_rows, n_columns = int(row.max(initial=-1)) + 1, int(column.max(initial=-1)) + 1
    left, rows, columns = values.astype(np.float64), np.zeros(n_rows), np.zeros(n_columns)
    for _ in range(_ROUNDS):
        step = np.nan_to_num(group_medians(left, row, n_rows))
        left, rows = left - step[row], rows + step
        step = np.nan_to_num(group_medians(left, column, n_columns))
        left, columns = left - step[column], columns + step
    return left, rows, columns


def robust_spread(values: NDArray[np.float64]) -> float:
    """Standard deviation by the median absolute deviation: 1.4826 × median |x - median|, for a normal distribution.

    References:
        Rousseeuw & Croux (1993), "Alternatives to the Median Absolute Deviation".
    """
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if values.size else float("nan")
