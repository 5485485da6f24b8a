"""Calibration against human frequencies, in bins.

A forecast is calibrated if, among items on which it puts mass f, a share f of the reviewers chose that label.
Against soft labels even the humans' own distribution is calibrated; against the majority it is not (METHODS 0.4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from panel_eval.stats.arrays import (
    FloatArray,
    IntArray,
    as_pair,
    as_vector,
    as_weights,
    per_item,
    quotient,
    row_sums,
)
from panel_eval.stats.mode import mode_accuracy, mode_sets
from panel_eval.stats.ties import TIE_TOLERANCE, tie_groups

MAX_BINS = 15
ITEMS_PER_BIN = 20
NO_BIN = -1
"""Bin of an item without a confidence (NaN); such items are left out."""


class TopLabel(NamedTuple):
    """The forecast's top label of each item, each field (n_items,); NaN where nobody answered.

    Attributes:
        confidence: mass the forecast puts on it.
        soft_hit: share of reviewers who chose it.
        hard_hit: chance that it is the humans' mode, ties broken at random.
    """

    confidence: FloatArray
    soft_hit: FloatArray
    hard_hit: FloatArray


def top_label_calibration(p: FloatArray, q: FloatArray) -> TopLabel:
    """Confidence in the forecast's top label, and how right it was.

    Where labels tie for the top (within 1e-9), hits are averaged over them: no tie is broken by label order.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (confidence, soft hit, hard hit) of each item.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    top = mode_sets(q)
    return TopLabel(q.max(axis=1), quotient(row_sums(p * top), top.sum(axis=1)), mode_accuracy(p, q))


def equal_mass_bins(confidence: FloatArray, n_bins: int | None = None) -> IntArray:
    """Bins with about as many items each; tied confidences (within 1e-9) share a bin.

    Args:
        confidence: (n_items,) in [0, 1]; NaN = no bin.
        n_bins: by default min(15, items // 20), at least 1.

    Returns:
        (n_items,) bin of each item from 0, rising with confidence; -1 where it is NaN.

    Raises:
        ValueError: wrong shape, confidences outside [0, 1], n_bins < 1.
    """
    values = _confidence(confidence)
    present = np.flatnonzero(~np.isnan(values))
    bins = np.full(values.size, NO_BIN, dtype=np.int64)
    if present.size == 0:
        return bins
    wanted = _bin_count(max(1, min(MAX_BINS, present.size // ITEMS_PER_BIN)) if n_bins is None else n_bins)
    ordered = np.sort(values[present])
    starts = np.flatnonzero(np.concatenate(([True], np.diff(ordered) > TIE_TOLERANCE)))
    sizes = np.diff(np.append(starts, present.size))
    # The middle of the tied items, as a share of all, is the same whatever order they come in.
    number = np.floor((starts + 0.5 * sizes) / present.size * wanted).astype(np.int64)
    first = np.flatnonzero(np.concatenate(([True], np.diff(number) > 0)))
    inside = np.searchsorted(ordered[starts[first]], values[present], side="right") - 1
    bins[present] = number[first][inside]
    return bins


def equal_width_bins(confidence: FloatArray, n_bins: int = 10) -> IntArray:
    """Bins (a, b] of equal width over [0, 1]; 0 falls into the first.

    Args:
        confidence: (n_items,) in [0, 1]; NaN = no bin.
        n_bins: how many.

    Returns:
        (n_items,) bin of each item from 0; -1 where it is NaN.

    Raises:
        ValueError: wrong shape, confidences outside [0, 1], n_bins < 1.
    """
    values = _confidence(confidence)
    edges = np.arange(1, _bin_count(n_bins)) / n_bins
    return np.where(np.isnan(values), NO_BIN, np.searchsorted(edges, values, side="left"))


def binned_calibration_error(
    confidence: FloatArray, outcome: FloatArray, bins: IntArray, w: FloatArray | None = None
) -> FloatArray:
    """Expected calibration error sum_b (|b| / N) * |mean confidence - mean outcome|, in [0, 1].

    With soft hits as outcome it is the soft ECE, with hard hits the usual one. Biased upwards by about
    sqrt(n_bins / n_items): compare only forecasts scored on the same items.

    Args:
        confidence: (n_items,).
        outcome: (n_items,) in [0, 1]. Items with NaN in either are left out.
        bins: (n_items,) bin of each item, -1 to leave it out; kept as they are in all resamples.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    gap = as_vector(confidence, "confidence") - as_vector(outcome, "outcome", np.size(confidence))
    index = np.asarray(bins)
    if index.shape != gap.shape or not np.issubdtype(index.dtype, np.integer):
        raise ValueError(f"bins must be {gap.shape} whole numbers, got {index.dtype} of shape {index.shape}")
    keep = (index > NO_BIN) & ~np.isnan(gap)
    weights = as_weights(w, gap.size)[keep]
    if not keep.any():
        return np.full(weights.shape[1:], np.nan)
    groups = tie_groups(index[keep].astype(np.float64))
    missed = np.abs(groups.sums(weights * per_item(gap[keep], weights))).sum(axis=0)
    total = weights.sum(axis=0)
    return quotient(missed, total)


def _confidence(confidence: FloatArray) -> FloatArray:
    values = as_vector(confidence, "confidence")
    # Mass of a row that sums to 1 + 1e-6 may exceed 1 by as much.
    if (values < 0).any() or (values > 1 + 1e-6).any():
        raise ValueError("confidence must lie in [0, 1]")
    return values


def _bin_count(n_bins: int) -> int:
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1, got {n_bins}")
    return n_bins
