"""The most frequent labels, ties kept as sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray, as_distributions, as_pair, quotient
from panel_eval.stats.ties import TIE_TOLERANCE


def mode_sets(p: FloatArray, tol: float = TIE_TOLERANCE) -> BoolArray:
    """Which labels share the largest mass of their row.

    Args:
        p: (n_items, n_labels), rows summing to 1, or NaN throughout.
        tol: masses nearer than this to the largest are tied with it.

    Returns:
        (n_items, n_labels) mask, at least one True a row; none in NaN rows.

    Raises:
        ValueError: rows that are not distributions.
    """
    rows = as_distributions(p, "p", nan_rows=True)
    top = rows[:, 0].copy()
    for column in rows.T[1:]:  # several times faster than max(axis=1) on short rows
        np.maximum(top, column, out=top)
    mask: BoolArray = rows >= top[:, None] - tol
    return mask


def mode_accuracy(p: FloatArray, q: FloatArray) -> FloatArray:
    """Chance that the forecast's mode is the humans', ties broken at random and independently.

    |A & B| / (|A| |B|) for the tied sets A of p and B of q (METHODS 1.10).

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) in [0, 1].

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    human, forecast = mode_sets(p), mode_sets(q)
    pairs = human.sum(axis=1) * forecast.sum(axis=1)
    return quotient((human & forecast).sum(axis=1), pairs)


def rank_match(p: FloatArray, q: FloatArray) -> FloatArray:
    """Whether forecast and humans rank all labels the same: 1, 0, or NaN for NaN rows of q.

    A tie (within 1e-9) matches only a tie, so that neither the order of the labels nor the last bit of a sum
    decides. A forecast hardly ever ties labels that few reviewers left tied: with 4 reviewers most items have a
    tie and cannot be matched. Read it with many reviewers. `rank_match_argsort` is the published convention.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,).

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    References:
        Baan et al. (2022), "Stop Measuring Calibration When Humans Disagree" (RankCS).
    """
    p, q = as_pair(p, q)
    same = np.ones(len(p), dtype=np.bool_)
    for a, b in combinations(range(p.shape[1]), 2):
        same &= _order(p[:, a] - p[:, b]) == _order(q[:, a] - q[:, b])
    return np.where(np.isnan(q[:, 0]), np.nan, same.astype(np.float64))


def rank_match_argsort(p: FloatArray, q: FloatArray) -> FloatArray:
    """RankCS as published: 1 where both rows have the same argsort, else 0; NaN for NaN rows of q.

    Ties count as if the label that stands first were the smaller one, in p and q alike, so the number depends on
    the order of the labels. For comparison with published figures only; use `rank_match`. The published program
    leaves the order of ties to numpy's default sort; here the sort is stable on every machine.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,).

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    References:
        Baan et al. (2022), "Stop Measuring Calibration When Humans Disagree" (RankCS).
    """
    p, q = as_pair(p, q)
    same = np.argsort(p, axis=1, kind="stable") == np.argsort(q, axis=1, kind="stable")
    return np.where(np.isnan(q[:, 0]), np.nan, same.all(axis=1).astype(np.float64))


def _order(difference: FloatArray) -> FloatArray:
    return np.sign(np.where(np.abs(difference) <= TIE_TOLERANCE, 0.0, difference))
