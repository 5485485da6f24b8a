"""Would other reviewers have given another result? Items and reviewers resampled together, or one left out."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.means import estimate, finite_or_none, null
from panel_eval.evaluation.segments import Segment
from panel_eval.evaluation.vote_scores import VoteScores
from panel_eval.humans.reviewers import ReviewerVotes
from panel_eval.schema import Estimate
from panel_eval.schema.precision_metrics import LeftOut
from panel_eval.stats import resampling_weights
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.pigeonhole import crossed_standard_error, crossed_sums, pigeonhole
from panel_eval.stats.standard_errors import t_interval

MAX_CONDITIONAL = 5
"""Up to this many reviewers, results hold for those people only: nothing can be said of others (METHODS §3.1)."""
_MAX_BLOCKS = 300
"""More reviewers are drawn in as many random blocks: the same spread, at a cost that does not grow with them."""
_SEED = 7919
NO_NAMES = "the label file does not say which reviewer gave which label"


def crossed_estimate(scores: VoteScores, votes: ReviewerVotes, segment: Segment, seed: int) -> Estimate:
    """The mean of a score with an interval over items and reviewers.

    Args:
        scores: the score of the items in `votes` and what each vote adds to it.
        votes: who gave which label.
        segment: all items, with their resamples.
        seed: seeds the draws of reviewers.
    """
    place = np.searchsorted(scores.rows, votes.item)
    value = scores.vote[place, votes.label]
    known = np.isfinite(value)
    item, reviewer = votes.item[known], votes.reviewer[known]
    if not item.size:
        return null("no item has a score and enough reviewers who are named")
    per_item = np.bincount(item, minlength=segment.rows.size)
    n = int((per_item > 0).sum())
    code = np.unique(reviewer, return_inverse=True)[1]
    mean = float(np.average(value[known], weights=1.0 / per_item[item]))
    if (reviewers := int(code.max()) + 1) <= MAX_CONDITIONAL:
        return estimate(mean, None, n, conditional_note(reviewers))
    if note := segment.interval_note(per_item[segment.rows] > 0):
        return estimate(mean, None, n, note)
    low, high = _interval(mean, value[known], 1.0 / per_item[item], item, code, segment, seed)
    return Estimate(estimate=mean, low=finite_or_none(low), high=finite_or_none(high), n=n)


def conditional_note(reviewers: int) -> str:
    """What to say where the same few people labelled everything."""
    who = "one reviewer" if reviewers == 1 else f"{reviewers} reviewers"
    return f"conditional on this panel of {who}: no interval can say what other people would have answered"


def leave_one_reviewer_out(scores: VoteScores, votes: ReviewerVotes) -> LeftOut | None:
    """Range of the mean when each reviewer in turn is left out; None unless there are at least two to leave out.

    Over the items whose reviewers are named; those that the reviewer did not label stay as they are.
    """
    people = np.unique(votes.reviewer)
    means = [_mean_without(scores, votes, person) for person in people]
    means = [mean for mean in means if np.isfinite(mean)]
    return LeftOut(low=min(means), high=max(means), reviewers=len(means)) if len(means) > 1 else None


def _mean_without(scores: VoteScores, votes: ReviewerVotes, person: int) -> float:
    own = votes.reviewer == person
    item = scores.item.copy()
    place = np.searchsorted(scores.rows, votes.item[own])
    item[place] = scores.without[place, votes.label[own]]
    present = np.isfinite(item)
    return float(item[present].mean()) if present.any() else float("nan")


def _interval(
    mean: float,
    value: FloatArray,
    weight: FloatArray,
    item: IntArray,
    reviewer: IntArray,
    segment: Segment,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    resampling = segment.resampling
    reviewers = int(reviewer.max()) + 1
    block = np.random.default_rng([seed, _SEED]).permutation(reviewers)[reviewer] % _MAX_BLOCKS
    blocks, units = min(reviewers, _MAX_BLOCKS), resampling.draws.shape[1]
    sums = crossed_sums(value - mean, weight, resampling.unit[item], block, (units, blocks))
    draws = resampling_weights(blocks, len(resampling.draws), seed + _SEED)
    error = crossed_standard_error(pigeonhole(sums, resampling.draws, draws), units, blocks)
    return t_interval(np.array(mean), error, min(int(np.unique(resampling.cluster[item]).size), reviewers))
