"""Soft, hard and classwise calibration error together, in one pass over the resamples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from panel_eval.stats.arrays import FloatArray, IntArray, as_pair, as_weights, quotient
from panel_eval.stats.calibration import TopLabel, equal_mass_bins, top_label_calibration


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
    binned = binned_gaps(p, q, n_bins)
    place = (binned.bins + binned.n_bins * np.arange(binned.bins.shape[1])).T.ravel()
    item = np.tile(np.arange(len(p)), binned.bins.shape[1])
    gaps = csr_array((binned.gaps.T.ravel(), (place, item)), shape=(place.size // len(p) * binned.n_bins, len(p)))
    missed = np.abs(np.asarray(gaps @ weights)).reshape(-1, binned.n_bins, *weights.shape[1:]).sum(axis=1)
    soft, hard, *labels = (quotient(column, weights.sum(axis=0)) for column in missed)
    return CalibrationErrors(soft, hard, np.asarray(np.mean(labels, axis=0)))


class BinnedGaps(NamedTuple):
    """Confidence less outcome of each item, and its bin, for each kind of error.

    Attributes:
        gaps: (n_items, 2 + n_labels) columns: top label against soft hits, against hard hits, then each label.
        bins: (n_items, 2 + n_labels) bin of the item in that column, from 0.
        n_bins: no column has more.
        top: confidence and hits of the top label.
    """

    gaps: FloatArray
    bins: IntArray
    n_bins: int
    top: TopLabel


def binned_gaps(p: FloatArray, q: FloatArray, n_bins: int | None = None) -> BinnedGaps:
    """What the binned calibration errors are sums of, in equal-mass bins.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape, no row missing.
        n_bins: bins for the top label and for each label; by default as in `equal_mass_bins`.

    Raises:
        ValueError: rows that are not distributions, shapes that differ, rows of q that are missing.
    """
    top = top_label_calibration(p, q)
    if np.isnan(top.confidence).any():
        raise ValueError("every row of q must hold a forecast")
    gaps = np.column_stack([top.confidence - top.soft_hit, top.confidence - top.hard_hit, q - p])
    of_top = equal_mass_bins(top.confidence, n_bins)
    bins = np.column_stack([of_top, of_top, *(equal_mass_bins(mass, n_bins) for mass in q.T)])
    return BinnedGaps(gaps, bins, int(bins.max(initial=0)) + 1, top)
