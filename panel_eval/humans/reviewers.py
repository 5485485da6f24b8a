"""Who voted what, where the label file names its reviewers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from panel_eval.humans.labels import HumanLabels
from panel_eval.schema import SoftLabel

if TYPE_CHECKING:
    from panel_eval.stats.arrays import IntArray

MAX_ITEMS = 50_000
"""Most items whose records are read for reviewers: a test of people needs no more."""
_LOOKS = 200
"""Records looked at before concluding that a file names nobody."""


@dataclass(frozen=True)
class ReviewerVotes:
    """Votes with the reviewers who cast them, one entry a vote.

    Attributes:
        reviewers: (n_reviewers,) names, sorted; `reviewer` counts along them.
        item: (n_votes,) row of the item among the `HumanLabels`.
        reviewer: (n_votes,) code of the reviewer.
        label: (n_votes,) column of the label.
        n_items: items whose reviewers are all known; only their votes are here.
        n_read: items that were looked at: all, or `MAX_ITEMS` random ones.
    """

    reviewers: tuple[str, ...]
    item: IntArray
    reviewer: IntArray
    label: IntArray
    n_items: int
    n_read: int


def reviewer_votes(humans: HumanLabels, seed: int = 0) -> ReviewerVotes | None:
    """The votes of items whose rationales name a reviewer for every vote; None if there is no such item.

    Reviewers with the same name are the same person. Items with more or fewer named votes than counted ones, or
    one name twice, are left out.

    Args:
        humans: the labelled items.
        seed: picks the items that are read where there are more than `MAX_ITEMS`.
    """
    looks = np.unique(np.linspace(0, len(humans) - 1, _LOOKS).astype(np.int64))
    if not any(humans.records[int(row)].rationales for row in looks):
        return None
    rows = np.arange(len(humans))
    if rows.size > MAX_ITEMS:
        rows = np.sort(np.random.default_rng([seed, 5]).choice(rows, MAX_ITEMS, replace=False))
    column = {label: code for code, label in enumerate(humans.labels)}
    votes = [vote for row in rows.tolist() for vote in _votes(humans, row, column)]
    if not votes:
        return None
    item, names, label = zip(*votes, strict=True)
    reviewers, reviewer = np.unique(np.array(names), return_inverse=True)
    items = np.array(item, dtype=np.int64)
    return ReviewerVotes(
        reviewers=tuple(reviewers.tolist()),
        item=items,
        reviewer=reviewer.astype(np.int64),
        label=np.array(label, dtype=np.int64),
        n_items=np.unique(items).size,
        n_read=rows.size,
    )


def votes_by_name(humans: HumanLabels, row: int, record: SoftLabel | None = None) -> dict[str, str]:
    """Reviewer to label of one item; empty unless every vote has its reviewer.

    Args:
        humans: the labelled items.
        row: of the item.
        record: of the item, where it is at hand.
    """
    record = humans.records[row] if record is None else record
    named = {rationale.reviewer: rationale.label for rationale in record.rationales}
    if not (humans.counts_known[row] and len(named) == len(record.rationales) == humans.reviewer_count[row]):
        return {}
    tally = Counter(named.values())
    own = zip(humans.labels, humans.counts[row].tolist(), strict=True)
    return named if all(tally[label] == votes for label, votes in own) else {}


def _votes(humans: HumanLabels, row: int, column: dict[str, int]) -> Iterator[tuple[int, str, int]]:
    """(row, reviewer, label) of each vote of an item, nothing unless every vote has its reviewer."""
    yield from ((row, reviewer, column[label]) for reviewer, label in votes_by_name(humans, row).items())
