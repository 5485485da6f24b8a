"""Where a panel's uncertainty comes from: each judge's own, or disagreement between judges.

All take the judges' distributions (n_judges, n_items, n_labels), rows NaN throughout where a judge did not answer,
and return (n_items,) bits. Judges that answered count equally; NaN where none did. Judges known only by one hard
vote have no spread of their own, so all of it shows as between judges.
"""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray, as_distributions, quotient
from panel_eval.stats.entropy import entropy_bits


def total_spread_bits(q_judges: FloatArray) -> FloatArray:
    """Entropy of the equally weighted pool of the judges, in bits; within plus between.

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    q, answered = _answers(q_judges)
    return entropy_bits(_mean_over_judges(q, answered[:, :, None]))


def within_judge_bits(q_judges: FloatArray) -> FloatArray:
    """Mean entropy of the judges' own distributions, in bits: the spread each judge sees in the item.

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    q, answered = _answers(q_judges)
    entropies = entropy_bits(q.reshape(-1, q.shape[2])).reshape(answered.shape)
    return _mean_over_judges(entropies, answered)


def between_judge_bits(q_judges: FloatArray) -> FloatArray:
    """Jensen-Shannon spread among the judges, in bits: total less within, in [0, log2 n_judges].

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    return np.maximum(total_spread_bits(q_judges) - within_judge_bits(q_judges), 0.0)


def _answers(q_judges: FloatArray) -> tuple[FloatArray, BoolArray]:
    q = np.asarray(q_judges, dtype=np.float64)
    if q.ndim != 3:
        raise ValueError(f"q_judges must be (n_judges, n_items, n_labels), got shape {q.shape}")
    rows = as_distributions(q.reshape(-1, q.shape[2]), "q_judges", nan_rows=True)
    return rows.reshape(q.shape), ~np.isnan(q[:, :, 0])


def _mean_over_judges(values: FloatArray, answered: BoolArray) -> FloatArray:
    return quotient(np.where(answered, values, 0.0).sum(axis=0), answered.sum(axis=0))
