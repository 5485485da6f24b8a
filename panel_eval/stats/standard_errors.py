"""Standard errors of means over items, also where items come in clusters, and what clustering costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import stdtrit

from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.bootstrap import membership

MIN_CLUSTERS = 8
"""Below this many clusters no standard error is estimated (METHODS §3.1)."""
_NO_EFFECT = 1e-6
"""A design effect no larger than this is 0 but for rounding: all clusters have the same mean."""


def iid_standard_error(scores: FloatArray) -> FloatArray:
    """Standard error of the mean of independent items, s / sqrt(N) with s² = Σ (s_i - mean)² / (N - 1).

    Args:
        scores: (n_items,) or (n_items, n_columns); NaN = the item has no score.

    Returns:
        0-d, or (n_columns,); NaN where fewer than two items have a score.

    Raises:
        ValueError: another shape, or infinite scores.
    """
    _, present, deviations = _deviations(scores)
    n = present.sum(axis=0)
    return _shaped(np.sqrt(quotient(np.square(deviations).sum(axis=0), n * (n - 1))), scores)


def clustered_standard_error(
    scores: FloatArray, cluster: IntArray, *, finite_clusters: bool = True, fewest: int = MIN_CLUSTERS
) -> FloatArray:
    """Standard error of the mean where items of one cluster are alike: the clusters are independent, not the items.

    SE = (1 / N) sqrt(Σ_g (Σ_{i in g} (s_i - mean))²), by default times sqrt(C / (C - 1)) for C clusters: without
    that factor few clusters look too precise.

    Args:
        scores: (n_items,) or (n_items, n_columns); NaN = the item has no score.
        cluster: (n_items,) code of each item's cluster.
        finite_clusters: whether to apply the factor.
        fewest: clusters that it takes; fewer tell too little about the spread between clusters.

    Returns:
        0-d, or (n_columns,); NaN under `fewest` clusters.

    Raises:
        ValueError: another shape, or infinite scores.

    References:
        Miller (2024), "Adding Error Bars to Evals" (without the factor); Cameron & Miller (2015), "A
        Practitioner's Guide to Cluster-Robust Inference" (CR1, with it).
    """
    table, present, deviations = _deviations(scores)
    member = _members(cluster, len(table))
    clusters = ((member @ present) > 0).sum(axis=0)
    error = quotient(np.sqrt(np.square(member @ deviations).sum(axis=0)), present.sum(axis=0))
    if finite_clusters:
        error = error * np.sqrt(quotient(clusters, clusters - 1))
    return _shaped(np.where(clusters >= fewest, error, np.nan), scores)


def count_clusters(scores: FloatArray, cluster: IntArray) -> IntArray:
    """Number of clusters with at least one score: 0-d, or (n_columns,).

    Args:
        scores: (n_items,) or (n_items, n_columns); NaN = the item has no score.
        cluster: (n_items,) code of each item's cluster.

    Raises:
        ValueError: another shape, or infinite scores.
    """
    table, present, _ = _deviations(scores)
    sizes = _members(cluster, len(table)) @ present
    return np.asarray((sizes > 0).sum(axis=0).reshape(np.shape(scores)[1:]))


class DesignEffect(NamedTuple):
    """What clustering costs, each 0-d or (n_columns,).

    Attributes:
        intraclass_correlation: share of the variance between items that lies between clusters, from -1 / (m - 1)
            to 1.
        design_effect: variance of the mean over that of as many independent items.
        effective_items: independent items that would tell as much; NaN where the design effect is not above 0.
    """

    intraclass_correlation: FloatArray
    design_effect: FloatArray
    effective_items: FloatArray


def design_effect(scores: FloatArray, cluster: IntArray) -> DesignEffect:
    """Intraclass correlation (analysis of variance), and the design effect 1 + (m - 1) ICC that follows from it.

    ICC = (MSB - MSW) / (MSB + (m0 - 1) MSW), with the mean squares between and within clusters and
    m0 = (N - Σ m_g² / N) / (C - 1). m = Σ m_g² / N is the size of the cluster of a random item, the size of every
    cluster where all are equal: the variance of a mean with equal correlation inside clusters is exactly that.

    Args:
        scores: (n_items,) or (n_items, n_columns); NaN = the item has no score.
        cluster: (n_items,) code of each item's cluster.

    Returns:
        NaN where there are fewer than two clusters, or no cluster of two items, or scores do not vary.

    Raises:
        ValueError: another shape, or infinite scores.

    References:
        Kish (1965), "Survey Sampling"; Donner (1986) for the estimator with unequal clusters.
    """
    table, present, deviations = _deviations(scores)
    member = _members(cluster, len(table))
    n, sizes = present.sum(axis=0), member @ present
    clusters = (sizes > 0).sum(axis=0)
    between = (np.square(member @ deviations) / np.maximum(sizes, 1.0)).sum(axis=0)
    within = np.maximum(np.square(deviations).sum(axis=0) - between, 0.0)
    own_size = quotient(np.square(sizes).sum(axis=0), n)
    mean_between = quotient(between, clusters - 1)
    mean_within = quotient(within, n - clusters)
    typical = quotient(n - own_size, clusters - 1)
    spread = mean_between + (typical - 1.0) * mean_within
    icc = quotient(mean_between - mean_within, np.where(spread > 0, spread, np.nan))
    effect = 1.0 + (own_size - 1.0) * icc
    parts = (icc, effect, quotient(n, np.where(effect > _NO_EFFECT, effect, np.nan)))
    return DesignEffect(*(_shaped(part, scores) for part in parts))


def t_interval(
    mean: FloatArray, standard_error: FloatArray, units: IntArray | FloatArray | int, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Interval mean ± t SE with one degree of freedom less than there are independent units.

    With 30 units or more t is nearly the normal quantile; with few it is what keeps the interval honest.

    Args:
        mean: the means.
        standard_error: of the same shape; NaN gives NaN.
        units: independent items or clusters; not whole where unequal ones count as fewer.
        level: nominal coverage.

    Returns:
        (low, high), each of the shape of the means; NaN under two units.

    Raises:
        ValueError: level outside (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    freedom = np.asarray(units, dtype=np.float64) - 1.0
    quantile = np.where(freedom >= 1, stdtrit(np.maximum(freedom, 1.0), 0.5 * (1.0 + level)), np.nan)
    half = np.asarray(quantile * standard_error)
    return np.asarray(mean - half), np.asarray(mean + half)


def _deviations(scores: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The scores as a table, 1 where they are there (else 0), and how far each is from its column's mean."""
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim not in (1, 2):
        raise ValueError(f"scores must be (n_items,) or (n_items, n_columns), got shape {table.shape}")
    if np.isinf(table).any():
        raise ValueError("scores hold infinite values")
    table = table if table.ndim == 2 else table[:, None]
    present = (~np.isnan(table)).astype(np.float64)
    known = np.nan_to_num(table)
    return table, present, (known - quotient(known.sum(axis=0), present.sum(axis=0), empty=0.0)) * present


def _members(cluster: IntArray, n_items: int) -> csr_array:
    """(n_clusters, n_items) sums items by cluster."""
    if np.shape(cluster) != (n_items,):
        raise ValueError(f"cluster must be ({n_items},), got shape {np.shape(cluster)}")
    names, code = np.unique(np.asarray(cluster), return_inverse=True)
    return membership(code, names.size)


def _shaped(columns: FloatArray, scores: FloatArray) -> FloatArray:
    return np.asarray(columns).reshape(np.shape(scores)[1:])
