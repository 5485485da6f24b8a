"""Resampling of items: weights once, statistics of all resamples at once.

Only items (or whole clusters of them) are resampled. The votes inside an item are not: for plug-in divergences
that would add their bias a second time (METHODS 0.3).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array

from panel_eval.stats.arrays import FloatArray, IntArray

_BLOCK = 1 << 20
"""Draws made at a time, so that only the result needs memory."""


def resampling_weights(n_units: int, n_resamples: int, seed: int) -> FloatArray:
    """How often each unit is drawn in each bootstrap resample: as many as there are, with replacement.

    Args:
        n_units: number of items, or of clusters or blocks that come or stay away whole.
        n_resamples: number of resamples.
        seed: the same seed gives the same weights.

    Returns:
        (n_resamples, n_units) whole numbers as float64; rows sum to n_units.

    Raises:
        ValueError: negative sizes.
    """
    if n_units < 0 or n_resamples < 0:
        raise ValueError("n_units and n_resamples must not be negative")
    return _draw_counts(n_units, n_resamples, seed)


def membership(group: IntArray, n_groups: int) -> csr_array:
    """(n_groups, n_items) sparse matrix that sums items by group when multiplied with a table of items.

    Args:
        group: (n_items,) group of each item, from 0.
        n_groups: number of groups.
    """
    return csr_array((np.ones(group.size), (group, np.arange(group.size))), shape=(n_groups, group.size))


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
    if present.size == 0 or 2 * np.count_nonzero(finite) < values.size:
        return np.full(tails.shape, np.nan)
    place = tails * (present.size - 1)
    if not finite.all():
        # Nothing lies between a finite and an infinite replicate: each end takes the outer of its neighbours.
        return np.asarray(np.sort(present)[[math.floor(place[0]), math.ceil(place[1])]])
    # numpy.quantile gives the same and takes four times as long; it is asked thousands of times.
    below = place.astype(np.int64)
    above = np.minimum(below + 1, present.size - 1)
    ordered = np.partition(present, np.unique([below, above]))
    return np.asarray(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
