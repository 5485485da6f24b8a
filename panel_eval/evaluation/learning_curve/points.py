"""Which numbers of items and votes are tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.learning_curve.draws import FOLDS, Labelling
from panel_eval.evaluation.recalibration import FEWEST_CLUSTERS
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import BoolArray, IntArray

FEWEST_ITEMS = 70
"""Below this, a curve has no point at which different draws differ enough to tell how labelled samples vary."""
_SMALLEST = 25
_REVIEWERS = (1, 2, 3, 5, 10, 20, 50, 100, 200)
_MOST_HAVE = 0.8
"""A number of reviewers is tried where this share of the items have so many."""


@dataclass(frozen=True)
class Points:
    """The labellings that are compared.

    Attributes:
        by_items: rising numbers of items with all their votes; the last is all that can be fitted to.
        by_reviewers: rising votes of each item whose votes are known.
        halves: all items with half of their votes, and half of the items with all of them; empty without items of
            two votes.
    """

    by_items: tuple[Labelling, ...]
    by_reviewers: tuple[Labelling, ...]
    halves: tuple[Labelling, ...]

    @property
    def every(self) -> tuple[Labelling, ...]:
        """All of them, one after the other."""
        return self.by_items + self.by_reviewers + self.halves


def make_points(humans: HumanLabels, seed: list[int]) -> Points:
    """The points of a curve for so many items."""
    known = humans.counts_known
    votes = np.where(known, humans.reviewer_count, 0)
    tried = _reviewers(votes[known]) if why_too_few(humans, known) is None else []
    return Points(
        (*(Labelling(items) for items in _sizes(len(humans))), Labelling()),
        tuple(Labelling(votes=np.minimum(votes, reviewers)) for reviewers in tried),
        _halves(votes, seed) if why_too_few(humans, votes >= 2) is None else (),
    )


def why_too_few(humans: HumanLabels, part: BoolArray) -> str | None:
    """Why the items in `part` make no curve, or None."""
    if (n := int(part.sum())) < FEWEST_ITEMS:
        return f"{n} items with answers are too few: a curve takes {FEWEST_ITEMS}"
    if humans.clusters is not None:
        n_clusters = len({humans.clusters[row] for row in np.flatnonzero(part).tolist()})
        if n_clusters < FEWEST_CLUSTERS:
            clusters = "1 cluster of items is" if n_clusters == 1 else f"{n_clusters} clusters of items are"
            return f"{clusters} too few: a curve takes {FEWEST_CLUSTERS}"
    return None


def _sizes(n_items: int) -> list[int]:
    """Doublings from 25 to less than what one fold leaves, and numbers between them where those are few."""
    most = n_items * (FOLDS - 1) // FOLDS
    doublings = _SMALLEST * 2.0 ** np.arange(0.0, np.log2(most / _SMALLEST), 1.0)
    if doublings.size < 5:
        doublings = _SMALLEST * 2.0 ** np.arange(0.0, np.log2(most / _SMALLEST), 0.5)
    sizes = np.rint(doublings).astype(np.int64)
    return [size for size in sizes.tolist() if size <= 0.9 * most]


def _reviewers(votes: IntArray) -> list[int]:
    tried = [number for number in _REVIEWERS if (votes >= number).mean() >= _MOST_HAVE]
    return [*tried, int(votes.max())] if tried and votes.max() > tried[-1] else tried


def _halves(votes: IntArray, seed: list[int]) -> tuple[Labelling, ...]:
    all_votes = np.where(votes >= 2, votes, 0)
    odd = np.random.default_rng(seed).integers(2, size=votes.size) * (all_votes % 2)
    items = int(np.count_nonzero(all_votes)) * (FOLDS - 1) // FOLDS // 2
    return Labelling(votes=all_votes // 2 + odd), Labelling(items, all_votes)
