"""Crossed resampling: items and reviewers are both samples, and each reviewer labelled many items.

Resampling items alone says how far the result would move with other items labelled by the same people. Where a few
reviewers labelled everything, their habits are in every item and no number of items averages them out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient


class CrossedSums(NamedTuple):
    """Votes added up by the unit of their item and their reviewer.

    Attributes:
        amount: (n_units, n_reviewers) weighted scores.
        mass: (n_units, n_reviewers) weights.
    """

    amount: FloatArray
    mass: FloatArray


class Pigeonhole(NamedTuple):
    """A weighted mean of vote scores in each resample, (n_resamples,) each; NaN where no vote was drawn.

    Attributes:
        items: items drawn anew, reviewers kept.
        reviewers: reviewers drawn anew, items kept.
        both: both drawn anew.
    """

    items: FloatArray
    reviewers: FloatArray
    both: FloatArray


def crossed_sums(
    score: FloatArray, weight: FloatArray, unit: IntArray, reviewer: IntArray, shape: tuple[int, int]
) -> CrossedSums:
    """Add up votes by the unit that their item is drawn in and by their reviewer.

    Args:
        score: (n_votes,) finite scores.
        weight: (n_votes,) weights; 1 / (votes of the item) makes the weighted mean the mean over items.
        unit: (n_votes,) unit of the vote's item, from 0.
        reviewer: (n_votes,) reviewer of the vote, from 0.
        shape: number of units and of reviewers.

    Raises:
        ValueError: arrays of different lengths.
    """
    if not score.shape == weight.shape == unit.shape == reviewer.shape or score.ndim != 1:
        raise ValueError("score, weight, unit and reviewer must all be (n_votes,)")
    cell = unit * shape[1] + reviewer
    size = shape[0] * shape[1]
    amount: FloatArray = np.bincount(cell, score * weight, size).astype(np.float64)
    mass: FloatArray = np.bincount(cell, weight, size).astype(np.float64)
    return CrossedSums(amount.reshape(shape), mass.reshape(shape))


def pigeonhole(sums: CrossedSums, item_draws: FloatArray, reviewer_draws: FloatArray) -> Pigeonhole:
    """The weighted mean Σ w_i u_a s_ia / Σ w_i u_a m_ia over resamples of items and of reviewers.

    Args:
        sums: votes by unit and reviewer.
        item_draws: (n_resamples, n_units) how often each unit is drawn.
        reviewer_draws: (n_resamples, n_reviewers) how often each reviewer is drawn.

    Raises:
        ValueError: draws that do not fit the sums, or each other.

    References:
        Owen (2007), "The pigeonhole bootstrap".
    """
    n_units, n_reviewers = sums.amount.shape
    if item_draws.shape != (len(reviewer_draws), n_units) or reviewer_draws.shape[1:] != (n_reviewers,):
        raise ValueError(f"draws {item_draws.shape} and {reviewer_draws.shape} do not fit {sums.amount.shape}")
    amount, mass = item_draws @ sums.amount, item_draws @ sums.mass
    return Pigeonhole(
        items=quotient(amount.sum(axis=1), mass.sum(axis=1)),
        reviewers=quotient(reviewer_draws @ sums.amount.sum(axis=0), reviewer_draws @ sums.mass.sum(axis=0)),
        both=quotient((amount * reviewer_draws).sum(axis=1), (mass * reviewer_draws).sum(axis=1)),
    )


def crossed_standard_error(resampled: Pigeonhole, n_units: int, n_reviewers: int) -> FloatArray:
    """Standard error over both items and reviewers: sqrt(V_items + max(V_reviewers - V_votes, 0)).

    Either resampling alone holds the noise of the single votes, and resampling both holds it three times (Owen
    2007), V_both = V_items + V_reviewers + V_votes; this takes it once. Each variance is enlarged by n / (n - 1),
    as resampling n of n is too narrow by that much.

    Args:
        resampled: from `pigeonhole`.
        n_units: units of items that were drawn.
        n_reviewers: reviewers that were drawn.

    Returns:
        0-d; never below that of items alone. NaN with fewer than two units or reviewers.

    References:
        Owen (2007), "The pigeonhole bootstrap"; Cameron, Gelbach & Miller (2011), "Robust inference with
        multiway clustering", for the sum.
    """
    if min(n_units, n_reviewers) < 2:
        return np.array(np.nan)
    items, reviewers, both = (float(np.nanvar(replicates)) for replicates in resampled)
    votes = max(both - items - reviewers, 0.0)  # a few resamples can put it below zero
    by_item, by_reviewer = n_units / (n_units - 1.0), n_reviewers / (n_reviewers - 1.0)
    items, reviewers, votes = items * by_item, reviewers * by_reviewer, votes * by_item * by_reviewer
    return np.asarray(np.sqrt(items + max(reviewers - votes, 0.0)))
