"""Pairs of votes within an item: what every coefficient of agreement is made of.

`votes` is either counts (n_items, n_labels), each vote one whole label, or shares (n_raters, n_items, n_labels),
each rater's chance of each label (rows of zeros where a rater gave none). For shares the pairs are expected ones,
each rater drawing its label alone: a tie counts half for either label instead of being broken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray, quotient

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


def vote_pairs(votes: ArrayLike, label: int) -> FloatArray:
    """Ordered pairs of different raters of an item of which the first chose `label`, by the label of the second.

    c_k c_l - [k = l] c_k for counts c.

    Args:
        votes: (n_items, n_labels) counts or (n_raters, n_items, n_labels) shares.
        label: column k of the first vote.

    Returns:
        (n_items, n_labels).

    Raises:
        ValueError: votes of another shape, negative or not finite entries.
    """
    array, total = _as_votes(votes), vote_totals(votes)
    pairs: FloatArray = total[:, [label]] * total
    if array.ndim == 2:
        pairs[:, label] -= total[:, label]
    else:
        for rater in array:
            pairs -= rater[:, [label]] * rater
    return pairs


def pair_agreement(votes: ArrayLike, weights: FloatArray) -> FloatArray:
    """How far two different votes of an item agree, on average over its pairs of votes.

    Args:
        votes: (n_items, n_labels) counts or (n_raters, n_items, n_labels) shares.
        weights: (n_labels, n_labels) agreement of two labels, 1 = the same (`agreement_weights`).

    Returns:
        (n_items,), NaN where fewer than two voted.

    Raises:
        ValueError: votes of another shape, negative or not finite entries.
    """
    total = vote_totals(votes)
    n = total.sum(axis=1)
    agreeing = np.zeros(len(total))
    for label in range(total.shape[1]):
        agreeing += vote_pairs(votes, label) @ weights[label]
    return quotient(agreeing, np.where(n >= _TWO, n * (n - 1.0), 0.0))


def coincidence_row(votes: ArrayLike, label: int) -> FloatArray:
    """One row of each item's coincidence matrix: its pairs of votes, each vote counted once.

    o_kl = pairs (k, l) / (n - 1), Krippendorff's coincidences; an item without a pair adds nothing. Summed over
    items (resampled or not) and stacked over labels it is what `krippendorff_alpha` takes.

    Args:
        votes: (n_items, n_labels) counts or (n_raters, n_items, n_labels) shares.
        label: the row k.

    Returns:
        (n_items, n_labels).

    Raises:
        ValueError: votes of another shape, negative or not finite entries.
    """
    n = vote_totals(votes).sum(axis=1)
    return quotient(vote_pairs(votes, label), np.where(n >= _TWO, n - 1.0, 0.0)[:, None], empty=0.0)


def _as_votes(votes: ArrayLike) -> FloatArray:
    array = np.asarray(votes, dtype=np.float64)
    if array.ndim not in (2, 3):
        raise ValueError(f"votes must be (n_items, n_labels) or (n_raters, …), got shape {array.shape}")
    if not (array.min(initial=0.0) >= 0 and array.max(initial=0.0) < np.inf):
        raise ValueError("votes must be finite and not negative")
    return array
