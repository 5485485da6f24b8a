"""Distances that know the order of the labels."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, as_pair, as_vector, row_sums


def wasserstein_1(p: FloatArray, q: FloatArray, values: FloatArray | None = None) -> FloatArray:
    """Wasserstein-1 (earth mover's) distance: mass times the way it has to move along the scale.

    sum_k |F_k - G_k| * (s_{k+1} - s_k), with F, G the cumulative distributions and s the sorted label values.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.
        values: (n_labels,) place of each label on the scale, in any order; by default 0, 1, 2, ...

    Returns:
        (n_items,) distances, in units of `values`.

    Raises:
        ValueError: rows that are not distributions, shapes that differ, or values that are not finite.

    Notes:
        Not a proper score (like total variation, METHODS 1.6). Show it; decide on the RPS.
    """
    p, q = as_pair(p, q)
    n_labels = p.shape[1]
    places = np.arange(float(n_labels)) if values is None else as_vector(values, "values", n_labels)
    if np.isnan(places).any():
        raise ValueError("values must be finite")
    order = np.argsort(places, kind="stable")
    moved = np.abs(np.cumsum((p - q)[:, order], axis=1)[:, :-1])
    distance: FloatArray = moved @ np.diff(places[order])
    return distance


def rps_divergence(p: FloatArray, q: FloatArray) -> FloatArray:
    """Cramér distance sum_{k<K} (F_k - G_k)^2 of the cumulative distributions: the divergence of the RPS.

    Args:
        p: (n_items, n_labels) human rows in scale order, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) distances, in [0, n_labels - 1].

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    return row_sums(np.square(np.cumsum(p - q, axis=1)[:, :-1]))


def rps(p: FloatArray, q: FloatArray) -> FloatArray:
    """Expected ranked probability score over votes: E_p sum_{k<K} (G_k - 1{y <= k})^2.

    Strictly proper for ordinal labels; equals `rps_divergence` plus the humans' own sum_k F_k (1 - F_k). Not
    divided by K - 1.

    Args:
        p: (n_items, n_labels) human rows in scale order, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) scores.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    References:
        Epstein (1969), "A scoring system for probability forecasts of ranked categories".
    """
    divergence = rps_divergence(p, q)
    below = np.cumsum(np.asarray(p, dtype=np.float64), axis=1)[:, :-1]
    return divergence + row_sums(np.maximum(below * (1.0 - below), 0.0))
