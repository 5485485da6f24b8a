"""Correlation and ranking quality over items, for one sample or many resamples at once.

`w` says how often each item is drawn: (n_replicates, n_items) gives (n_replicates,) results; (n_items,) or None
give a 0-d array. Items with NaN in either variable are left out. A correlation that does not exist is NaN.
"""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray, as_vector, as_weights, per_item, quotient
from panel_eval.stats.ties import TieGroups, tie_groups

_CONSTANT = 1e-12
"""A variance below this part of the second moment is the rounding error of a constant."""


def weighted_pearson(x: FloatArray, y: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Pearson's correlation of x and y over items.

    Args:
        x: (n_items,).
        y: (n_items,).
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d, in [-1, 1]; NaN where x or y is constant.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    x, y, weights = _complete(x, y, w)
    if x.size == 0 or _is_constant(x) or _is_constant(y):
        return np.full(weights.shape[1:], np.nan)
    x, y = x - x.mean(), y - y.mean()
    moments = weights.T @ np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y])
    total, sx, sy, sxx, syy, sxy = np.moveaxis(moments, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        var_x, var_y = sxx - sx * sx / total, syy - sy * sy / total
        return _ratio(sxy - sx * sy / total, var_x, var_y, _CONSTANT * sxx, _CONSTANT * syy)


def weighted_spearman(x: FloatArray, y: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Spearman's rank correlation of x and y over items, with midranks for ties.

    Equals Spearman's correlation of the sample in which each item is repeated as often as it was drawn. Items
    are sorted once; the midranks of a resample are its cumulative weights.

    Args:
        x: (n_items,); values within 1e-9 are tied.
        y: (n_items,), likewise.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d, in [-1, 1]; NaN where x or y is constant.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    x, y, weights = _complete(x, y, w)
    if x.size == 0:
        return np.full(weights.shape[1:], np.nan)
    x_groups, y_groups = tie_groups(x), tie_groups(y)
    x_ranks, x_spread = _centred_midranks(x_groups, weights)
    y_ranks, y_spread = _centred_midranks(y_groups, weights)
    together = np.einsum("i...,i...,i...->...", weights, x_ranks[x_groups.group], y_ranks[y_groups.group])
    least = _CONSTANT * weights.sum(axis=0) ** 3
    return _ratio(together, x_spread, y_spread, least, least)


def weighted_auroc(score: FloatArray, positive: BoolArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the ROC curve: the chance that a positive item scores above a negative one, ties as half.

    Args:
        score: (n_items,) higher = more positive; values within 1e-9 are tied.
        positive: (n_items,) mask.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d, in [0, 1]; NaN where a class is empty.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    score, label, weights = _complete(score, np.asarray(positive, dtype=np.float64), w)
    if score.size == 0:
        return np.full(weights.shape[1:], np.nan)
    groups = tie_groups(score)
    ordered = weights[groups.order]
    positives = groups.merge(ordered * per_item(label[groups.order], ordered))
    negatives = groups.merge(ordered) - positives
    below = np.cumsum(negatives, axis=0)
    won = np.einsum("i...,i...->...", positives, below - 0.5 * negatives)
    pairs = positives.sum(axis=0) * below[-1]
    return quotient(won, pairs)


def _complete(x: FloatArray, y: FloatArray, w: FloatArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The items that have both values, and their weights, items first."""
    x = as_vector(x, "the first variable")
    y = as_vector(y, "the second variable", x.size)
    weights = as_weights(w, x.size)
    keep = ~(np.isnan(x) | np.isnan(y))
    return (x, y, weights) if keep.all() else (x[keep], y[keep], weights[keep])


def _is_constant(x: FloatArray) -> bool:
    return bool(np.ptp(x) <= _CONSTANT * np.abs(x).max())


def _centred_midranks(groups: TieGroups, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Midrank of each tie group less the mean rank (n_groups, ...), and the ranks' sum of squares (...)."""
    mass = groups.sums(weights)
    ranks = np.cumsum(mass, axis=0)
    ranks -= 0.5 * mass
    ranks -= 0.5 * weights.sum(axis=0)
    return ranks, np.einsum("i...,i...,i...->...", mass, ranks, ranks)


def _ratio(
    together: FloatArray, x_spread: FloatArray, y_spread: FloatArray, x_least: FloatArray, y_least: FloatArray
) -> FloatArray:
    """Covariance over the root of both variances, NaN unless each variance exceeds its rounding error."""
    exists = (x_spread > x_least) & (y_spread > y_least)
    scale = np.sqrt(np.where(exists, x_spread, 1.0)) * np.sqrt(np.where(exists, y_spread, 1.0))
    return np.where(exists, np.clip(together / scale, -1.0, 1.0), np.nan)
