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
        low, high: (n_columns,) ends of the 95 % interval, with a t quantile of n_units - 1 degrees of freedom.
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

    SE = sqrt(C / (C - 1) sum_g (V_g - mean W_g)²) / sum_g W_g over C units: of a plain mean (all weights 1) that is
    the clustered standard error with the finite-cluster factor, with one item a unit s / sqrt(N).

    Args:
        values: (n_items, n_columns) weight times difference; 0 where an item has no part in a column.
        weights: (n_items, n_columns) weights, at least 0.
        unit: (n_items,) which unit each item belongs to, from 0: itself, or its cluster.

    Returns:
        Means, errors and sums.

    Raises:
        ValueError: shapes that differ, or values that are not finite.

    References:
        Cameron & Miller (2015), "A Practitioner's Guide to Cluster-Robust Inference"; the linearised variance of a
        ratio as in Cochran (1977), Sampling Techniques, ch. 6.
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
    squares = np.square(value - np.nan_to_num(mean) * weight).sum(axis=0)
    error = quotient(np.sqrt(squares * quotient(n_units, n_units - 1.0)), total)
    low, high = t_interval(mean, error, n_units)
    return PairedMeans(mean, error, low, high, (weights > 0).sum(axis=0), n_units, value)
