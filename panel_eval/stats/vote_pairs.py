"""Pairs of votes within an item: what every coefficient of agreement is made of.

`votes` is either counts (n_items, n_labels), each vote one whole label, or shares (n_raters, n_items, n_labels),
each rater's chance of each label (rows of zeros where a rater gave none). For shares the pairs are expected ones,
each rater drawing its label alone: a tie counts half for either label instead of being broken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray, quotient, row_sums

_TWO = 2.0 - 1e-6
"""Votes that make a pair, less the rounding of shares that sum to nearly 1."""


def vote_totals(votes: ArrayLike) -> FloatArray:
    """Votes for each label of each item.

    Args:
        votes: (n_items, n_labels) counts or (n_raters, n_items, n_labels) shares.

    Returns:
        (n_items, n_labels).

    Raises:
        ValueError: another shape, negative or not finite entries.
    """
    array = _as_votes(votes)
    total: FloatArray = array if array.ndim == 2 else array.sum(axis=0)
    return total


def coincidences(votes: ArrayLike) -> FloatArray:
    """Krippendorff's coincidences of each item: its ordered pairs of different raters, over its votes less one.

    o_kl = (c_k c_l - [k = l] c_k) / (n - 1) for counts c, so that every vote counts once; an item with fewer than
    two votes has none. Summed over items (resampled or not) they are what `krippendorff_alpha` takes.

    Args:
        votes: (n_items, n_labels) counts or (n_raters, n_items, n_labels) shares.

    Returns:
        (n_items, n_labels, n_labels).

    Raises:
        ValueError: votes of another shape, negative or not finite entries.
    """
    array = _as_votes(votes)
    total = vote_totals(array)
    pairs: FloatArray = total[:, :, None] * total[:, None, :]
    if array.ndim == 2:
        label = np.arange(total.shape[1])
        pairs[:, label, label] -= total
    else:
        for rater in array:
            pairs -= rater[:, :, None] * rater[:, None, :]
    n = row_sums(total)
    return quotient(pairs, np.where(n >= _TWO, n - 1.0, 0.0)[:, None, None], empty=0.0)


def pair_agreement(coincidence: FloatArray, weights: FloatArray) -> FloatArray:
    """How far two different votes of an item agree, on average over its pairs of votes: Σ w_kl o_kl / Σ o_kl.

    Args:
        coincidence: (n_items, n_labels, n_labels) of `coincidences`.
        weights: (n_labels, n_labels) agreement of two labels, 1 = the same (`agreement_weights`).

    Returns:
        (n_items,), NaN where fewer than two voted.
    """
    flat = coincidence.reshape(len(coincidence), -1)
    return quotient(flat @ weights.ravel(), row_sums(flat))


def _as_votes(votes: ArrayLike) -> FloatArray:
    array = np.asarray(votes, dtype=np.float64)
    if array.ndim not in (2, 3):
        raise ValueError(f"votes must be (n_items, n_labels) or (n_raters, …), got shape {array.shape}")
    if not (array.min(initial=0.0) >= 0 and array.max(initial=0.0) < np.inf):
        raise ValueError("votes must be finite and not negative")
    return array
