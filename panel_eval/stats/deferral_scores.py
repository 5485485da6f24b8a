"""Scores by which a panel may hold items back; higher = less certain. NaN rows of a forecast give NaN."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, as_distributions, quotient, row_sums
from panel_eval.stats.mode import mode_sets


def one_less_top(q: FloatArray) -> FloatArray:
    """1 - max_k q_k: the mass off the top label, in [0, 1 - 1 / n_labels].

    Args:
        q: (n_items, n_labels), rows summing to 1, or NaN throughout.

    Returns:
        (n_items,).

    Raises:
        ValueError: rows that are not distributions.
    """
    return np.asarray(1.0 - as_distributions(q, "q", nan_rows=True).max(axis=1))


def one_less_margin(q: FloatArray) -> FloatArray:
    """1 - (largest - second largest mass), in [0, 1]; 0 where there is but one label.

    Args:
        q: (n_items, n_labels), rows summing to 1, or NaN throughout.

    Returns:
        (n_items,).

    Raises:
        ValueError: rows that are not distributions.
    """
    rows = as_distributions(q, "q", nan_rows=True)
    if rows.shape[1] == 1:
        return np.asarray(1.0 - rows[:, 0])
    two = np.partition(rows, rows.shape[1] - 2, axis=1)[:, -2:]
    return np.asarray(1.0 - (two[:, 1] - two[:, 0]))


def judge_disagreement_rate(q_judges: FloatArray) -> FloatArray:
    """Chance that two of the judges that answered, drawn at random, name different labels.

    A judge names its top label; one with several names each of them equally often. With a_jk the share of judge j's
    naming label k, of M judges: 1 - (sum_k (sum_j a_jk)^2 - sum_jk a_jk^2) / (M (M - 1)).

    Args:
        q_judges: (n_judges, n_items, n_labels), rows NaN throughout where a judge did not answer.

    Returns:
        (n_items,) in [0, 1]; NaN where fewer than two judges answered.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    if q_judges.ndim != 3:
        raise ValueError(f"q_judges must be (n_judges, n_items, n_labels), got shape {q_judges.shape}")
    named, alone, judges = np.zeros(q_judges.shape[1:]), np.zeros(q_judges.shape[1]), np.zeros(q_judges.shape[1])
    for q in q_judges:
        modes = mode_sets(q).astype(np.float64)
        share = quotient(modes, row_sums(modes)[:, None], empty=0.0)
        named += share
        alone += row_sums(share * share)
        judges += ~np.isnan(q[:, 0])
    same = quotient(row_sums(named * named) - alone, judges * (judges - 1.0))
    return 1.0 - same
