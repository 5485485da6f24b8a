"""Selective prediction: what is lost if only the most confident items are decided.

Items are ranked by confidence; items with tied confidence (within 1e-9) enter together, which is the expectation
over all orders of the tied items. `w` as in `correlation`: (n_replicates, n_items) counts, or None.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from panel_eval.stats.arrays import FloatArray, as_vector, as_weights, per_item, quotient
from panel_eval.stats.ties import tie_groups


@dataclass(frozen=True)
class RiskCoverage:
    """Risk against coverage, one point for each distinct confidence, from the most confident items on.

    Each array is (n_points,), or (n_replicates, n_points) for resamples.

    Attributes:
        coverage: share of items kept; the last is 1.
        selective_risk: mean loss of the kept items; NaN while a resample has kept none.
        generalized_risk: loss of the kept items divided by the number of all items.
    """

    coverage: FloatArray
    selective_risk: FloatArray
    generalized_risk: FloatArray


@dataclass(frozen=True)
class _Ranked:
    """Number and loss of the items of each tie group, and their running sums; each (n_points, ...)."""

    count: FloatArray
    loss: FloatArray
    kept: FloatArray
    lost: FloatArray


def risk_coverage(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> RiskCoverage:
    """Risk among the kept items, from the most to the least confident.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        The curve; without points where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    ranked = _rank(confidence, loss, w)
    total = ranked.kept[-1:]
    return RiskCoverage(
        coverage=quotient(ranked.kept, total).T,
        selective_risk=quotient(ranked.lost, ranked.kept).T,
        generalized_risk=quotient(ranked.lost, total).T,
    )


def aurc(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the risk-coverage curve as the mean selective risk over all N prefixes of the ranking.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once. Whole numbers:
            the number of prefixes depends on them.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.

    References:
        Geifman, Uziel & El-Yaniv (2019), "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers".
    """
    ranked = _rank(confidence, loss, w)
    tied = quotient(ranked.loss, ranked.count, empty=0.0)
    # A prefix of k items that ends inside a tie has an expected risk of (lost - (kept - k) * tied) / k.
    harmonic = np.diff(_harmonic(ranked.kept), axis=0, prepend=0.0)
    area = ranked.lost[-1:].sum(axis=0) + _column_dot(ranked.lost - ranked.kept * tied, harmonic)
    return quotient(area, ranked.kept[-1:].sum(axis=0))


def aurc_trapezoid(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the risk-coverage curve by trapezoids, the curve drawn level from coverage 0 to its first point.

    The convention of the fd-shifts benchmark (which multiplies by 1,000). It can differ from `aurc` by .02 on
    ten items (METHODS 6.1): say which one is meant.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    ranked = _rank(confidence, loss, w)
    risk = quotient(ranked.lost, ranked.kept, empty=0.0)
    previous = np.concatenate([risk[:1], risk[:-1]])
    opening = ranked.kept <= ranked.count  # nothing was kept before this point
    heights = np.where(opening, risk, 0.5 * (risk + previous))
    return quotient(_column_dot(ranked.count, heights), ranked.kept[-1:].sum(axis=0))


def augrc(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the generalized risk-coverage curve: the mean risk of undetected failures.

    Trapezoids from (0, 0). For 0/1 losses it equals (1 - AUROC_f) * acc * err + err^2 / 2; unlike the AURC it
    does not over-weight the few most confident items.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.

    References:
        Traub et al. (2024), "Overcoming Common Flaws in the Evaluation of Selective Classification Systems".
    """
    ranked = _rank(confidence, loss, w)
    area = _column_dot(ranked.count, ranked.lost) - 0.5 * _column_dot(ranked.count, ranked.loss)
    return quotient(area, ranked.kept[-1:].sum(axis=0) ** 2)


def _rank(confidence: FloatArray, loss: FloatArray, w: FloatArray | None) -> _Ranked:
    confidence = as_vector(confidence, "confidence")
    loss = as_vector(loss, "loss", confidence.size)
    weights = as_weights(w, confidence.size)
    keep = ~(np.isnan(confidence) | np.isnan(loss))
    if not keep.any():
        none = np.empty((0, *weights.shape[1:]))
        return _Ranked(none, none, none, none)
    if not keep.all():
        confidence, loss, weights = confidence[keep], loss[keep], weights[keep]
    groups = tie_groups(confidence, descending=True)
    ordered = weights[groups.order]
    count, lost = groups.merge(ordered), groups.merge(ordered * per_item(loss[groups.order], ordered))
    return _Ranked(count, lost, np.cumsum(count, axis=0), np.cumsum(lost, axis=0))


def _column_dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Sum over points of a * b, for each replicate."""
    return np.asarray(np.einsum("i...,i...->...", a, b))


def _harmonic(k: FloatArray) -> FloatArray:
    """Harmonic numbers 1 + 1/2 + ... + 1/k, from a table for whole k, which counts of items are."""
    whole = k.astype(np.int64)
    if (whole == k).all():
        table = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, whole.max(initial=0) + 1))])
        return table[whole]
    return np.asarray(digamma(k + 1.0) + np.euler_gamma)
