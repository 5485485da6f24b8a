"""How sure the panel's unbiased means are: over items, over clusters, and over other reviewers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.crossed import (
    MAX_CONDITIONAL,
    NO_NAMES,
    conditional_note,
    crossed_estimate,
    leave_one_reviewer_out,
)
from panel_eval.evaluation.means import estimate, finite_or_none, infinite_note, null
from panel_eval.evaluation.segments import MIN_UNITS, Segment
from panel_eval.evaluation.vote_scores import MEANS_OF_VOTES, VoteScores, item_score, vote_scores
from panel_eval.humans.reviewers import ReviewerVotes, reviewer_votes
from panel_eval.schema import Estimate
from panel_eval.schema.precision_metrics import Planning, Precision, ScorePrecision
from panel_eval.stats.arrays import FloatArray, quotient
from panel_eval.stats.standard_errors import (
    clustered_standard_error,
    count_clusters,
    design_effect,
    iid_standard_error,
    t_interval,
)

FEW_CLUSTERS = 30
"""Below this, even a clustered standard error with t quantiles is only roughly right (METHODS §3.1)."""
MAX_ITEMS = 50_000
"""Most items whose single votes are looked at; the means and their standard errors are of all items."""
_SEED = 104729
_NOTHING_TO_PLAN = "Nothing to plan with: the standard error is zero or cannot be estimated."
_NOT_A_MEAN_OF_VOTES = "not a mean over votes, so its vote noise is not told apart: see ce_bits"


@dataclass(frozen=True)
class _Spread:
    """Standard errors of one mean, NaN where they cannot be estimated; `clustered` is None without clusters."""

    mean: float
    n: int
    iid: float
    clustered: float | None
    units: int

    @property
    def error(self) -> float:
        """The one that holds: of clusters where items have them."""
        return self.iid if self.clustered is None else self.clustered


def precision_section(comparison: Comparison) -> Precision:
    """Standard errors and intervals of cross-entropy, debiased Brier and (ordinal) RPS of the panel."""
    humans, segment = comparison.humans, comparison.everything
    votes = reviewer_votes(humans, comparison.seed)
    names = ("ce_bits", "brier_debiased", *(("rps",) if humans.scale == "ordinal" else ()))
    reviewers = None if votes is None else len(votes.reviewers)
    return Precision(
        scores={name: _score_precision(name, comparison, votes) for name in names},
        resampled=segment.resampling.drawn,
        units=segment.resampling.shuffled.size,
        resamples=len(segment.resampling.draws),
        seed=comparison.seed,
        reviewers=reviewers,
        notes=_notes(segment, votes),
    )


def _score_precision(name: str, comparison: Comparison, votes: ReviewerVotes | None) -> ScorePrecision:
    segment = comparison.everything
    item = item_score(name, comparison.humans, comparison.panel.q)
    if infinite := int(np.isinf(item).sum()):
        return _undefined(infinite_note(infinite))
    if not np.isfinite(item).any():
        return _undefined("no item has this score")
    spread = _spread(item, segment)
    clustered = segment.resampling.drawn == "clusters"
    effect = [math.nan] * 3
    if clustered:
        effect = [float(part) for part in design_effect(item, segment.resampling.cluster)]
    interval = _t_estimate(spread, segment, item)
    few = votes is not None and len(votes.reviewers) <= MAX_CONDITIONAL
    scores = _vote_scores(name, comparison, item, votes)
    return ScorePrecision(
        mean=interval,
        standard_error=finite_or_none(spread.iid),
        standard_error_clustered=None if spread.clustered is None else finite_or_none(spread.clustered),
        degrees_of_freedom=None if interval.low is None else spread.units - 1,
        intraclass_correlation=finite_or_none(effect[0]),
        design_effect=finite_or_none(effect[1]),
        effective_items=finite_or_none(effect[2]),
        crossed=null(NO_NAMES) if votes is None else crossed_estimate(scores, votes, segment, comparison.seed),
        leave_one_reviewer_out=leave_one_reviewer_out(scores, votes) if few and votes is not None else None,
        planning=_planning(name, scores, spread, segment),
    )


def _vote_scores(name: str, comparison: Comparison, item: FloatArray, votes: ReviewerVotes | None) -> VoteScores:
    """Of the items whose reviewers are named, else of all, of random ones where there are very many."""
    if votes is not None:
        rows = np.unique(votes.item)
    elif len(item) <= MAX_ITEMS:
        rows = np.arange(len(item))
    else:
        rows = np.sort(np.random.default_rng([comparison.seed, _SEED]).choice(len(item), MAX_ITEMS, replace=False))
    return vote_scores(name, comparison.humans, comparison.panel.q, item, rows)


def _spread(item: FloatArray, segment: Segment) -> _Spread:
    present, cluster = np.isfinite(item), segment.resampling.cluster
    mean, n, iid = float(item[present].mean()), int(present.sum()), float(iid_standard_error(item))
    if segment.resampling.drawn == "items":
        return _Spread(mean, n, iid, None, n)
    return _Spread(mean, n, iid, float(clustered_standard_error(item, cluster)), int(count_clusters(item, cluster)))


def _t_estimate(spread: _Spread, segment: Segment, item: FloatArray) -> Estimate:
    note = segment.interval_note(np.isfinite(item)[segment.rows])
    if note:
        return estimate(spread.mean, None, spread.n, note)
    low, high = t_interval(np.array(spread.mean), np.array(spread.error), spread.units)
    few = spread.units < FEW_CLUSTERS and segment.resampling.drawn == "clusters"
    said = f"only {spread.units} clusters: the interval is rough" if few else None
    return Estimate(estimate=spread.mean, low=finite_or_none(low), high=finite_or_none(high), n=spread.n, note=said)


def _planning(name: str, scores: VoteScores, spread: _Spread, segment: Segment) -> Planning:
    """SE² = (σ²_item + σ²_vote / n) / N, with the second part known from votes of one item (METHODS §2.6)."""
    share = _vote_noise_share(name, scores, segment)
    items = spread.error / math.sqrt(2.0)
    twice, many = math.nan, math.nan
    if share.estimate is not None:
        noise = share.estimate * spread.iid**2
        twice, many = (math.sqrt(max(spread.error**2 - part * noise, 0.0)) for part in (0.5, 1.0))
    return Planning(
        vote_noise_share=share,
        standard_error_twice_items=finite_or_none(items),
        standard_error_twice_reviewers=finite_or_none(twice),
        standard_error_many_reviewers=finite_or_none(many),
        advice=_advice(spread.error, items, twice, segment.resampling.drawn),
    )


def _vote_noise_share(name: str, scores: VoteScores, segment: Segment) -> Estimate:
    if name not in MEANS_OF_VOTES:
        return null(_NOT_A_MEAN_OF_VOTES)
    noise = scores.noise()
    present = np.isfinite(noise) & np.isfinite(scores.item)
    if not present.any():
        return null("no item has two or more reviewers with known counts")
    item = scores.item[present]
    centred = item - item.mean()
    if not centred.any():
        return null("undefined: the score is the same on every item")
    table = np.column_stack([noise[present], np.square(centred), centred])
    n = len(table)
    value = noise[present].sum() / (np.square(centred).sum() * n / (n - 1.0))
    part = np.zeros(segment.rows.size, dtype=np.bool_)
    part[scores.rows[present]] = True
    drawn = segment.take(part).means(table)
    replicates = quotient(drawn[:, 0], drawn[:, 1] - np.square(drawn[:, 2]))
    no_interval = segment.interval_note(part)
    return estimate(value, None if no_interval else replicates, n, no_interval)


def _advice(now: float, items: float, reviewers: float, drawn: str) -> str:
    if not now > 0:
        return _NOTHING_TO_PLAN
    what = "items" if drawn == "items" else "clusters of items"
    text = f"Twice the {what} would shrink the standard error by {1.0 - items / now:.0%}"
    if math.isnan(reviewers):
        return f"{text}."
    return f"{text}, twice the reviewers on the same items by {1.0 - reviewers / now:.0%}."


def _undefined(note: str) -> ScorePrecision:
    nothing = null(note)
    return ScorePrecision(
        mean=nothing,
        standard_error=None,
        standard_error_clustered=None,
        degrees_of_freedom=None,
        intraclass_correlation=None,
        design_effect=None,
        effective_items=None,
        crossed=nothing,
        leave_one_reviewer_out=None,
        planning=Planning(
            vote_noise_share=nothing,
            standard_error_twice_items=None,
            standard_error_twice_reviewers=None,
            standard_error_many_reviewers=None,
            advice=_NOTHING_TO_PLAN,
        ),
    )


def _notes(segment: Segment, votes: ReviewerVotes | None) -> list[str]:
    notes = []
    clusters = segment.resampling.shuffled.size
    if segment.resampling.drawn == "clusters" and clusters < FEW_CLUSTERS:
        words = "no standard error is estimated from them" if clusters < MIN_UNITS else "intervals are rough"
        notes.append(f"Items come in only {clusters} clusters: {words}.")
    if votes is None:
        notes.append(f"Intervals hold for the people who labelled these items: {NO_NAMES}.")
        return notes
    if votes.n_items < segment.rows.size:
        notes.append(f"`crossed` is of the {votes.n_items} items of which every vote was read with its reviewer.")
    if (reviewers := len(votes.reviewers)) <= MAX_CONDITIONAL:
        notes.append(
            f"Every interval is {conditional_note(reviewers)}. The range without one reviewer at a time is given."
        )
    return notes
