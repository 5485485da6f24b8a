"""Soft, hard and classwise calibration error together, in one pass over the resamples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from panel_eval.stats.arrays import FloatArray, as_pair, as_weights, quotient
from panel_eval.stats.calibration import equal_mass_bins, top_label_calibration


class CalibrationErrors(NamedTuple):
    """Each (n_replicates,), or 0-d without replicates; NaN where no item counts."""

    soft: FloatArray
    hard: FloatArray
    classwise: FloatArray


def calibration_errors(
    p: FloatArray, q: FloatArray, n_bins: int | None = None, w: FloatArray | None = None
) -> CalibrationErrors:
    """The three binned calibration errors of a forecast, in equal-mass bins.

    The same numbers as `binned_calibration_error` of the top label (soft and hard hits), and its mean over the
    labels, each label's mass against the share of reviewers who chose it (classwise). With thousands of replicates
    the time goes into reading the weights, which is done once here for all of them.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows are left out.
        n_bins: bins for the top label and for each label; by default as in `equal_mass_bins`.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Raises:
        ValueError: rows that are not distributions, shapes that differ, negative weights.
    """
    p, q = as_pair(p, q)
    rows = np.flatnonzero(~np.isnan(q[:, 0]))
    weights = as_weights(w, len(p))
    if rows.size < len(p):
        p, q, weights = p[rows], q[rows], weights[rows]
    if not rows.size:
        none = np.full(weights.shape[1:], np.nan)
        return CalibrationErrors(none, none, none)
    top = top_label_calibration(p, q)
    forecast = np.column_stack([top.confidence, top.confidence, q])
    outcome = np.column_stack([top.soft_hit, top.hard_hit, p])
    soft, hard, *labels = _errors(forecast, outcome, weights, n_bins)
    return CalibrationErrors(soft, hard, np.asarray(np.mean(labels, axis=0)))


def _errors(forecast: FloatArray, outcome: FloatArray, weights: FloatArray, n_bins: int | None) -> list[FloatArray]:
    """Binned error of each column of the forecast against the same column of the outcome."""
    n_items, n_columns = forecast.shape
    bins = np.array([equal_mass_bins(column, n_bins) for column in forecast.T])
    width = int(bins.max()) + 1
    place = (bins + width * np.arange(n_columns)[:, None]).ravel()
    item = np.tile(np.arange(n_items), n_columns)
    gaps = csr_array(((forecast - outcome).T.ravel(), (place, item)), shape=(n_columns * width, n_items))
    missed = np.abs(np.asarray(gaps @ weights)).reshape(n_columns, width, *weights.shape[1:]).sum(axis=1)
    total = weights.sum(axis=0)
    return [quotient(column, total) for column in missed]
