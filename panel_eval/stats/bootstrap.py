"""Resampling of items: weights once, statistics of all resamples at once.

Only items (or whole clusters of them) are resampled. The votes inside an item are not: for plug-in divergences
that would add their bias a second time (METHODS 0.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, as_weights, quotient

_BLOCK = 1 << 20
"""Draws made at a time, so that only the result needs memory."""


def resampling_weights(
    n_items: int, n_resamples: int, seed: int, clusters: Sequence[object] | IntArray | None = None
) -> FloatArray:
    """How often each item is drawn in each bootstrap resample.

    Draws as many items (or clusters, which come or stay away whole) as there are, with replacement.

    Args:
        n_items: number of items.
        n_resamples: number of resamples.
        seed: the same seed gives the same weights.
        clusters: (n_items,) the cluster of each item, as names or codes; None draws single items.

    Returns:
        (n_resamples, n_items) whole numbers as float64. Rows sum to n_items, unless clusters differ in size.

    Raises:
        ValueError: negative sizes, or not one cluster for each item.
    """
    if n_items < 0 or n_resamples < 0:
        raise ValueError("n_items and n_resamples must not be negative")
    if clusters is None:
        return _draw_counts(n_items, n_resamples, seed)
    names = np.asarray(clusters)
    if names.shape != (n_items,):
        raise ValueError(f"clusters must name one cluster for each of {n_items} items, got shape {names.shape}")
    distinct, member = np.unique(names, return_inverse=True)
    return np.take(_draw_counts(distinct.size, n_resamples, seed), member, axis=1)


def weighted_means(weights: FloatArray, scores: FloatArray) -> FloatArray:
    """Mean of each score in each resample, items without the score (NaN) left out.

    Args:
        weights: (n_resamples, n_items), from `resampling_weights`.
        scores: (n_items, n_scores); infinite scores make the mean infinite where they are drawn.

    Returns:
        (n_resamples, n_scores); NaN where no item with that score was drawn.

    Raises:
        ValueError: wrong shapes or negative weights.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or np.ndim(weights) != 2:
        raise ValueError("weights must be (n_resamples, n_items) and scores (n_items, n_scores)")
    drawn = as_weights(weights, len(table)).T
    sums = drawn @ np.where(np.isfinite(table), table, 0.0)
    for infinity in (np.inf, -np.inf):
        columns = np.flatnonzero((table == infinity).any(axis=0))
        hits = drawn @ (table[:, columns] == infinity).astype(np.float64)
        sums[:, columns] += np.where(hits > 0, infinity, 0.0)
    counts = drawn @ (~np.isnan(table)).astype(np.float64)
    return quotient(sums, counts)


def percentile_interval(replicates: FloatArray, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Percentile bootstrap interval.

    Args:
        replicates: (n_resamples,) or (n_resamples, n_scores). NaN replicates are ignored; infinite ones count as
            the ends of the line.
        level: nominal coverage.

    Returns:
        (low, high), each 0-d or (n_scores,); NaN where fewer than half of the replicates are finite.

    Raises:
        ValueError: level outside (0, 1), or replicates of another shape.
    """
    array = np.asarray(replicates, dtype=np.float64)
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    if array.ndim not in (1, 2):
        raise ValueError(f"replicates must be (n_resamples,) or (n_resamples, n_scores), got {array.shape}")
    tails = np.array([0.5 * (1.0 - level), 0.5 * (1.0 + level)])
    columns = array[:, None] if array.ndim == 1 else array
    ends = np.array([_quantiles(column, tails) for column in columns.T]).reshape(columns.shape[1], 2)
    low, high = ends.T
    return low.reshape(array.shape[1:]), high.reshape(array.shape[1:])


def _draw_counts(n_units: int, n_resamples: int, seed: int) -> FloatArray:
    generator = np.random.Generator(np.random.PCG64(seed))
    counts = np.zeros((n_resamples, n_units))
    if n_units == 0:
        return counts
    rows = max(1, _BLOCK // n_units)
    for first in range(0, n_resamples, rows):
        block = counts[first : first + rows]
        cells = generator.integers(n_units, size=block.shape)
        cells += n_units * np.arange(len(block))[:, None]
        block[:] = np.bincount(cells.ravel(), minlength=block.size).reshape(block.shape)
    return counts


def _quantiles(values: FloatArray, tails: FloatArray) -> FloatArray:
    present = values[~np.isnan(values)]
    finite = np.isfinite(present)
    if present.size == 0 or 2 * finite.sum() < values.size:
        return np.full(tails.shape, np.nan)
    if finite.all():
        return np.asarray(np.quantile(present, tails))
    # Nothing lies between a finite and an infinite replicate: each end takes the outer of its neighbours.
    place = tails * (present.size - 1)
    return np.asarray(np.sort(present)[[math.floor(place[0]), math.ceil(place[1])]])
