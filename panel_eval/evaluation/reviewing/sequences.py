"""A reviewer's scores in the order of time, one entry for each independent unit: an item, or a cluster of items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.label_quality.reviewers import steps_above_others
from panel_eval.evaluation.reviewing.timed_votes import TimedVotes, in_order
from panel_eval.schema.reviewer_drift import DriftName
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.drift import MOST_UNITS, in_blocks
from panel_eval.stats.rater_agreement import against_others

PACE_BLOCK = 10
"""Votes averaged before a test of pace: who is slow on one item is often slow on the next, whatever the hour.

With ten, a correlation of .5 from vote to vote gives few false alarms above the level (docs/reviewers.md)."""
_FASTEST_S = 1.0
"""Quicker votes count as this long: the logarithm of 0 is no number."""


@dataclass(frozen=True)
class ScoreSequence:
    """Scores of one reviewer in one measure, in order of time.

    Attributes:
        reviewer: code.
        name: of the measure.
        score: (n_units,) mean over the unit's votes; of `pace` of the logarithm of seconds.
        time: (n_units,) of the unit's first vote, not falling.
        votes: (n_units,) votes in each unit.
    """

    reviewer: int
    name: DriftName
    score: FloatArray
    time: FloatArray
    votes: IntArray

    def blocks(self) -> ScoreSequence:
        """What is tested: blocks of neighbours where units come in runs (pace), or are very many."""
        n_blocks = self.score.size // PACE_BLOCK if self.name == "pace" else self.score.size
        if n_blocks == 0 or (n_blocks == self.score.size and n_blocks <= MOST_UNITS):
            return self
        score, first = in_blocks(self.score, min(n_blocks, MOST_UNITS))
        votes = np.add.reduceat(self.votes, first)
        return ScoreSequence(self.reviewer, self.name, score, self.time[first], votes)


def score_sequences(delivery: Delivery, named: NamedVotes, times: TimedVotes) -> Iterator[ScoreSequence]:
    """Every reviewer's scores that have a time, measure by measure."""
    places = in_order(times, named)
    cluster = delivery.cluster[named.votes.item]
    for name, score in _scores(delivery, named, times).items():
        for reviewer, own in enumerate(places):
            scored = own[np.isfinite(score[own])]
            if scored.size:
                yield _by_unit(reviewer, name, score[scored], times.time[scored], cluster[scored])


def _scores(delivery: Delivery, named: NamedVotes, times: TimedVotes) -> dict[DriftName, FloatArray]:
    """(n_votes,) of each measure, NaN where a vote has none."""
    votes, humans = named.votes, delivery.humans
    versus = against_others(humans.counts, votes.item, votes.label)
    gold = delivery.gold[votes.item]
    found: dict[DriftName, FloatArray] = {"agreement": versus.agreement - versus.expected}
    if humans.scale == "ordinal":
        found["severity"] = steps_above_others(delivery, named)
    found["gold"] = np.where(gold >= 0, (gold == votes.label).astype(np.float64), np.nan)
    found["pace"] = np.log(np.maximum(times.seconds, _FASTEST_S))
    return found


def _by_unit(
    reviewer: int, name: DriftName, score: FloatArray, time: FloatArray, cluster: IntArray
) -> ScoreSequence:
    """Votes on items of one cluster as one score at the time of the first of them."""
    _, first, unit = np.unique(cluster, return_index=True, return_inverse=True)
    n = np.bincount(unit)
    order = np.argsort(first, kind="stable")  # votes stand in order of time, so that first ones do too
    mean = np.bincount(unit, score) / n
    return ScoreSequence(reviewer, name, mean[order], time[first][order], n[order])
