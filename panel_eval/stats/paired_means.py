"""Weighted means of paired differences with standard errors from independent units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.bootstrap import membership
from panel_eval.stats.standard_errors import t_interval


@dataclass(frozen=True)
class PairedMeans:
    """Means of differences over items, several columns at once.

    Attributes:
        mean: (n_columns,) weighted means; NaN without weight.
        standard_error: (n_columns,) from units; NaN under two units.
        low, high: (n_columns,) ends of the 95 % interval, with a t quantile of n_units - 1 degrees of freedom, of
            fewer where a few units weigh more than the others.
        n_items: (n_columns,) items with weight.
        n_units: (n_columns,) units with weight.
        sums: (n_units, n_columns) weighted differences summed by unit, for `sign_flip_test`.
    """

    mean: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    n_items: IntArray
    n_units: IntArray
    sums: FloatArray


def paired_means(values: FloatArray, weights: FloatArray, unit: IntArray) -> PairedMeans:
    """Weighted mean of each column, sum_i v_i / sum_i w_i, as a ratio of sums over independent units.

    SE = sqrt(sum_g (V_g - mean W_g)² / (1 - h_g)) / sum_g W_g with h_g the unit's share of all weight. Of C units
    of one size that is the clustered standard error with the factor C / (C - 1), with one item a unit s / sqrt(N).
    A unit that holds much of the weight pulls the mean to itself: dividing by 1 - h_g makes up for it, and the
    degrees of freedom are those that the variance of the sum has (C - 1 for units of one size; hardly more than 1
    where one unit is nearly all).

    Args:
        values: (n_items, n_columns) weight times difference; 0 where an item has no part in a column.
        weights: (n_items, n_columns) weights, at least 0.
        unit: (n_items,) which unit each item belongs to, from 0: itself, or its cluster.

    Returns:
        Means, errors and sums.

    Raises:
        ValueError: shapes that differ, or values that are not finite.

    References:
        Bell & McCaffrey (2002), "Bias Reduction in Standard Errors for Linear Regression with Multi-Stage Samples":
        their second adjustment (CR2) and its degrees of freedom, for a mean; the linearised variance of a ratio as
        in Cochran (1977), Sampling Techniques, ch. 6.
    """
    if values.shape != weights.shape or values.ndim != 2 or unit.shape != (len(values),):
        raise ValueError(f"values, weights and unit do not fit: {values.shape}, {weights.shape}, {unit.shape}")
    if not (np.isfinite(values).all() and np.isfinite(weights).all()):
        raise ValueError("values and weights must be finite")
    member = membership(unit, int(unit.max(initial=-1)) + 1)
    value, weight = np.asarray(member @ values), np.asarray(member @ weights)
    total = weight.sum(axis=0)
    mean = quotient(value.sum(axis=0), total)
    n_units = (weight > 0).sum(axis=0)
    share = quotient(weight, total)
    squares = quotient(np.square(value - np.nan_to_num(mean) * weight), 1.0 - share)
    error = np.where(n_units > 1, quotient(np.sqrt(squares.sum(axis=0)), total), np.nan)
    low, high = t_interval(mean, error, 1.0 + _freedom(share))
    return PairedMeans(mean, error, low, high, (weights > 0).sum(axis=0), n_units, value)


def _freedom(share: FloatArray) -> FloatArray:
    """(n_columns,) degrees of freedom of the squared error of a mean over units with such shares of the weight.

    (sum_g h_g)² / sum_gk Cov(a_g, a_k)² with a_g the adjusted residuals of equally noisy, independent items, whose
    covariances are h_g on the diagonal and -h_g h_k / sqrt((1 - h_g)(1 - h_k)) off it.
    """
    off = quotient(np.square(share), 1.0 - share)
    squares = np.square(share).sum(axis=0) + np.square(off.sum(axis=0)) - np.square(off).sum(axis=0)
    return np.maximum(quotient(np.ones(squares.shape), squares), 1.0)
