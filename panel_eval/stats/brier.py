"""Quadratic scores, and the human-equivalent panel size that follows from them."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import (
    FloatArray,
    IntArray,
    as_distributions,
    as_pair,
    as_vector,
    as_weights,
    quotient,
    row_sums,
)


def squared_distance(p: FloatArray, q: FloatArray) -> FloatArray:
    """Squared Euclidean distance sum_k (p_k - q_k)^2, in [0, 2]: the Brier score against the soft label.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) distances.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    return row_sums(np.square(p - q))


def brier(p: FloatArray, q: FloatArray) -> FloatArray:
    """Expected Brier score over votes, E_p ||q - e_y||^2 = ||p - q||^2 + (1 - sum_k p_k^2), in [0, 2].

    Unbiased for any number of reviewers, as it is linear in p.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) scores.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    return squared_distance(p, q) + _gini(p)


def brier_debiased(p: FloatArray, q: FloatArray, n: FloatArray | IntArray) -> FloatArray:
    """Unbiased estimate of the squared distance of the forecast from the reviewers' population.

    ||p - q||^2 - (1 - sum_k p_k^2) / (n - 1), for p the frequencies of n votes that q did not see. Single items
    can be negative; average first, never clip (METHODS 1.7).

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.
        n: (n_items,) reviewers.

    Returns:
        (n_items,) estimates, NaN where n < 2.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    distance = squared_distance(p, q)
    return distance - _gini(p) / _above(_reviewers(p, n) - 1.0)


def impurity(p: FloatArray, n: FloatArray | IntArray) -> FloatArray:
    """Unbiased estimate of 1 - sum_k p*_k^2, the chance that two people of the population disagree.

    (1 - sum_k p_k^2) * n / (n - 1), for p the frequencies of n votes.

    Args:
        p: (n_items, n_labels), rows summing to 1.
        n: (n_items,) reviewers.

    Returns:
        (n_items,) estimates, NaN where n < 2.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p = as_distributions(p, "p")
    reviewers = _reviewers(p, n)
    return _gini(p) * reviewers / _above(reviewers - 1.0)


def human_equivalent_reviewers(
    impurity: FloatArray, brier_debiased: FloatArray, w: FloatArray | None = None
) -> FloatArray:
    """Human-equivalent panel size: how many reviewers per item come as close to the population as the forecast.

    n_eq = mean impurity / mean debiased Brier distance, over the items that have both (METHODS 2.4).

    Args:
        impurity: (n_items,) from `impurity`.
        brier_debiased: (n_items,) from `brier_debiased`.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None.

    Returns:
        (n_replicates,), or a 0-d array without replicates. inf where the mean distance is 0 or less: no nearer
        to the population than can be told apart. NaN where no item counts or reviewers never disagree.

    Raises:
        ValueError: wrong shapes.
    """
    human = as_vector(impurity, "impurity")
    distance = as_vector(brier_debiased, "brier_debiased", human.size)
    weights = as_weights(w, human.size)
    both = ~(np.isnan(human) | np.isnan(distance))
    spread = np.where(both, human, 0.0) @ weights
    miss = np.where(both, distance, 0.0) @ weights
    return np.where(spread > 0, quotient(spread, miss, empty=np.inf), np.nan)


def _gini(p: FloatArray) -> FloatArray:
    # Rounding must not make a unanimous item look split (or less than unanimous).
    return np.maximum(1.0 - row_sums(np.square(np.asarray(p, dtype=np.float64))), 0.0)


def _reviewers(p: FloatArray, n: FloatArray | IntArray) -> FloatArray:
    return as_vector(n, "n", len(p))


def _above(spare: FloatArray) -> FloatArray:
    """The number, NaN where fewer than two reviewers leave nothing to estimate a spread from."""
    return np.where(spare >= 1.0, spare, np.nan)
