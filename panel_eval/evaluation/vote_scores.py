"""What each vote adds to its item's score: the noise of asking these reviewers apart from the spread of items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval import stats
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import FloatArray, IntArray

Score = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""Human shares, forecast and reviewers of each item -> its score."""

SCORES: Final[Mapping[str, Score]] = {
    "ce_bits": lambda p, q, _: stats.cross_entropy_bits(p, q),
    "rps": lambda p, q, _: stats.rps(p, q),
    "brier_debiased": stats.brier_debiased,
}
MEANS_OF_VOTES: Final = ("ce_bits", "rps")
"""Scores of an item that are the plain mean of a score of each vote."""


@dataclass(frozen=True)
class VoteScores:
    """One score of some items, and what becomes of it without one vote.

    Attributes:
        rows: (n_rows,) which items, ascending.
        item: (n_rows,) the score; NaN where the item has none.
        without: (n_rows, n_labels) the score without one vote for the label; NaN where nobody gave one, or where
            too few votes remain.
        vote: (n_rows, n_labels) what one vote for the label adds, so that the mean over an item's votes is its
            score: n · item - (n - 1) · without (the jackknife's pseudo-value; of a mean of votes the vote's own
            score). NaN where nobody gave one.
        counts: (n_rows, n_labels) the votes.
    """

    rows: IntArray
    item: FloatArray
    without: FloatArray
    vote: FloatArray
    counts: FloatArray

    def noise(self) -> FloatArray:
        """(n_rows,) unbiased variance of the item's score over the choice of its reviewers; NaN for one vote.

        Σ_k p_k (vote_k - item)² / (n - 1): right for a score that is a mean of votes.
        """
        n = self.counts.sum(axis=1)
        spread = np.where(self.counts > 0, self.counts * np.square(self.vote - self.item[:, None]), 0.0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(n > 1, spread / (n * (n - 1.0)), np.nan)


def item_score(name: str, humans: HumanLabels, q: FloatArray) -> FloatArray:
    """(n_items,) one of `SCORES`; NaN where there is no forecast, or the correction needs votes that are not known.

    Args:
        name: the score.
        humans: the labelled items.
        q: (n_items, n_labels) the forecast; NaN rows are not scored.
    """
    item = SCORES[name](humans.distribution, q, humans.reviewer_count.astype(np.float64))
    return np.where(humans.counts_known, item, np.nan) if name == "brier_debiased" else item


def vote_scores(name: str, humans: HumanLabels, q: FloatArray, item: FloatArray, rows: IntArray) -> VoteScores:
    """One of `SCORES` with and without each vote of some items.

    Args:
        name: the score.
        humans: the labelled items; those without known counts have no votes to leave out.
        q: (n_items, n_labels) the forecast.
        item: (n_items,) from `item_score`.
        rows: the items, ascending.
    """
    counts, own, forecast = humans.counts[rows], item[rows], q[rows]
    n = humans.reviewer_count[rows].astype(np.float64)
    known = humans.counts_known[rows] & np.isfinite(own)
    without, vote = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    for label in range(counts.shape[1]):
        given = np.flatnonzero(known & (counts[:, label] >= 1))
        alone, rest = given[n[given] == 1], given[n[given] > 1]
        left = counts[rest]
        left[:, label] -= 1.0
        without[rest, label] = SCORES[name](left / (n[rest] - 1.0)[:, None], forecast[rest], n[rest] - 1.0)
        vote[rest, label] = n[rest] * own[rest] - (n[rest] - 1.0) * without[rest, label]
        vote[alone, label] = own[alone]
    return VoteScores(rows, own, without, vote, counts)
