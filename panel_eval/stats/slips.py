"""Could a vote be a slip? The chance that it did not come from what people think of the item.

A model with two parts: a vote on an item is, with the reviewer's slip rate e, any of the K labels at random; else
it is drawn from the item's population, of which the other votes and a prior tell. Then

    P(slip | label k) = (e / K) / (e / K + (1 - e) m_k),

m_k the chance that an honest vote beside these others is for k (`vote_chance`).

It is a device to rank votes for a second look. It is not the chance that a label is wrong: a minority may be right,
and reviewers who all misread an item alike are not found.
"""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, distinct_rows, quotient

WORTH = 20.0
"""Votes that the prior is worth against what was seen beside the same other votes."""
_MOST_STEPS = 300
_CLOSE = 1e-6


def slip_rates(
    chance: FloatArray, reviewer: IntArray, n_reviewers: int, n_labels: int, base: float, worth: float
) -> FloatArray:
    """Slip rate of each reviewer, by expectation and maximisation.

    The rate that makes the reviewer's votes likeliest, with as much as `worth` votes at the base rate added, so
    that few votes prove little: e <- (Σ P(slip) + worth base) / (n + worth), until it stands still.

    Args:
        chance: (n_votes,) m of each vote's label.
        reviewer: (n_votes,) code of its reviewer.
        n_reviewers: number of reviewers.
        n_labels: K.
        base: rate of a reviewer of whom nothing is known.
        worth: votes that this is worth.

    Returns:
        (n_reviewers,) between 0 and 1.

    References:
        Dempster, Laird & Rubin (1977) on the algorithm; Klebanov & Beigman (2009), "From annotator agreement to
        noise models", on random slips beside honest votes; Hovy et al. (2013, MACE) on a rate a reviewer.
    """
    rate = np.full(n_reviewers, base)
    n = np.bincount(reviewer, minlength=n_reviewers)
    for _ in range(_MOST_STEPS):
        slipped = slip_probability(chance, rate[reviewer], n_labels)
        new = (np.bincount(reviewer, slipped, n_reviewers) + worth * base) / (n + worth)
        if np.abs(new - rate).max(initial=0.0) < _CLOSE:
            break
        rate = new
    return rate


def vote_chance(counts: FloatArray, prior: FloatArray, worth: float = WORTH) -> FloatArray:
    """m: chance of each label that was chosen, by the other votes of its item.

    What came beside just these other votes elsewhere in the data, pulled towards a model by as much as `worth`
    votes: m = (N(o, k) - 1 + worth d) / (N(o) - 1 + worth). N(o) counts the votes whose item's other votes are
    exactly o, N(o, k) those of them for label k (less the vote itself), and d = (o_k + s b_k) / (n - 1 + s) is what
    the prior expects after o. The counts matter where items are of kinds that one prior cannot hold: beside four
    equal votes a fifth strays far more rarely on data of clear and split items than on data of items in between.

    Args:
        counts: (n_items, n_labels) whole numbers of votes.
        prior: (n_items, n_labels) pseudo-votes s b, above 0, not made of the item's own votes.
        worth: votes that the model is worth.

    Returns:
        (n_items, n_labels); NaN where nobody chose the label.
    """
    # Where nobody voted, nobody is left beside the vote either, and no row is asked about.
    others = np.maximum(counts.sum(axis=1, keepdims=True) - 1.0, 0.0) + prior.sum(axis=1, keepdims=True)
    model = (counts - 1.0 + prior) / others
    vectors, place = distinct_rows(counts)
    seen, at_all = _seen_beside(vectors, np.bincount(place, minlength=len(vectors)))
    chance: FloatArray = (seen[place] + worth * model) / (at_all[place] + worth)
    return np.where(counts >= 1.0, chance, np.nan)


def _seen_beside(vectors: FloatArray, times: IntArray) -> tuple[FloatArray, FloatArray]:
    """N(o, k) - 1 and N(o) - 1 of a vote for each label of each different row of counts; 0 where there is none."""
    row, label = np.nonzero(vectors >= 1.0)
    rest = vectors[row]
    rest[np.arange(row.size), label] -= 1.0
    votes = vectors[row, label] * times[row]
    beside = distinct_rows(rest)[1]
    total = np.asarray(np.bincount(beside, votes), dtype=np.float64)
    seen, at_all = np.zeros(vectors.shape), np.zeros(vectors.shape)
    seen[row, label] = votes - 1.0
    at_all[row, label] = total[beside] - 1.0
    return seen, at_all


def slip_probability(chance: FloatArray, rate: FloatArray | float, n_labels: int) -> FloatArray:
    """P(slip) of a vote.

    Args:
        chance: (...) m of its label.
        rate: slip rate of its reviewer.
        n_labels: K.
    """
    slipped = np.asarray(rate, dtype=np.float64) / n_labels
    posterior: FloatArray = slipped / (slipped + (1.0 - np.asarray(rate)) * chance)
    return posterior


def vote_influence(counts: FloatArray) -> FloatArray:
    """How far an item's shares move when one vote for a label is left out: total variation (n - c) / (n (n - 1)).

    Args:
        counts: (n_items, n_labels) votes.

    Returns:
        (n_items, n_labels); NaN where nobody chose the label, or nobody else voted.
    """
    n = counts.sum(axis=1, keepdims=True)
    moved = quotient(n - counts, n * np.maximum(n - 1.0, 0.0))
    return np.where(counts >= 1.0, moved, np.nan)
