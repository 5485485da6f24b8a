"""How long people took, with what the item and the person explain taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

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


def own_tail(values: FloatArray, limit: float) -> float:
    """Chance of a value under a limit by the upper half of all values, as if they were normal.

    Φ((limit − m) / s), m the median and s how far the .8413 quantile lies above it: one standard deviation of a
    normal distribution. Values added far below lower m and raise s, so that the tail is overestimated, not
    missed: three in ten of all put m at the .2857 quantile of the others, .57 standard deviations down, s at 1.32.

    Args:
        values: (n,), such as one person's log seconds.
        limit: on the same scale.
    """
    middle, upper = np.quantile(values, [0.5, ndtr(1.0)])
    return float(ndtr((limit - middle) / max(upper - middle, np.finfo(float).tiny)))


def length_slopes(values: FloatArray, lengths: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """(n_groups,) by how much values grow with length in each group, untouched by single values far out.

    The median of the values in the longer third less that in the shorter third, over the same of the lengths.

    Args:
        values: (n,), such as seconds.
        lengths: (n,), such as words.
        group: (n,) code of the group of each.
        n_groups: how many there are.

    Returns:
        NaN for a group of fewer than six, or whose thirds are equally long.

    References:
        Brown & Mood (1951), "On Median Tests for Linear Hypotheses"; thirds as in Tukey's resistant line (1977).
    """
    found = np.full(n_groups, np.nan)
    order = np.lexsort((lengths, group))
    for own in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        third = own.size // 3
        if third < 2:
            continue
        apart = np.median(lengths[own[-third:]]) - np.median(lengths[own[:third]])
        if apart > 0:
            found[group[own[0]]] = (np.median(values[own[-third:]]) - np.median(values[own[:third]])) / apart
    return found


def robust_spread(values: NDArray[np.float64]) -> float:
    """Standard deviation by the median absolute deviation: 1.4826 × median |x - median|, for a normal distribution.

    References:
        Rousseeuw & Croux (1993), "Alternatives to the Median Absolute Deviation".
    """
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if values.size else float("nan")
