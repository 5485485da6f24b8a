"""Votes that may be slips, item by item: chance of a slip times what the vote moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_quality.delivery import Delivery
from panel_eval.evaluation.label_quality.reviewers import BASE_SLIP_RATE, People
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.slips import slip_probability, vote_chance, vote_influence


@dataclass(frozen=True)
class Doubts:
    """The most doubtful vote of each item, (n_items,) each.

    Attributes:
        slip: P(slip); 0 where the votes are not known one by one, or there is one.
        influence: how far the item's shares move without the vote.
        label: column of the vote's label; -1 where there is none.
        reviewer: code of its reviewer among the named ones; -1 where not known.
        chance: (n_items, n_labels) chance of each chosen label by the other votes.
    """

    slip: FloatArray
    influence: FloatArray
    label: IntArray
    reviewer: IntArray
    chance: FloatArray

    @property
    def score(self) -> FloatArray:
        """(n_items,) P(slip) × influence."""
        return self.slip * self.influence


def chances(delivery: Delivery, prior: FloatArray) -> FloatArray:
    """(n_items, n_labels) chance of each chosen label by the other votes; NaN where there is none to speak of.

    Args:
        delivery: the items.
        prior: (n_items, n_labels) pseudo-votes, not made of the item's own votes.
    """
    return vote_chance(_usable_counts(delivery), prior)


def find_doubts(delivery: Delivery, people: People, chance: FloatArray) -> Doubts:
    """The vote of each item with the greatest P(slip) × influence.

    Args:
        delivery: the items.
        people: the named reviewers with their slip rates; all other votes get the base rate.
        chance: from `chances`.
    """
    humans = delivery.humans
    counts = _usable_counts(delivery)
    usable = counts.any(axis=1)
    influence = vote_influence(counts)
    slip = slip_probability(chance, BASE_SLIP_RATE, len(humans.labels))
    reviewer = np.full(counts.shape, -1)
    if delivery.named is not None:
        _by_name(delivery, people, chance, slip, reviewer)
    score = np.nan_to_num(slip * influence)
    label = score.argmax(axis=1)
    rows = np.arange(len(humans))
    return Doubts(
        slip=np.where(usable, np.nan_to_num(slip[rows, label]), 0.0),
        influence=np.where(usable, np.nan_to_num(influence[rows, label]), 0.0),
        label=np.where(usable, label, -1),
        reviewer=np.where(usable, reviewer[rows, label], -1),
        chance=chance,
    )


def _by_name(delivery: Delivery, people: People, chance: FloatArray, slip: FloatArray, reviewer: IntArray) -> None:
    """Of votes for one label of one item that of the reviewer with the highest rate; written into the arrays."""
    if delivery.named is None:
        return
    votes = delivery.named.votes
    order = np.argsort(people.slip_rate[votes.reviewer], kind="stable")  # the last one written stays
    cell = votes.item[order], votes.label[order]
    rate = people.slip_rate[votes.reviewer[order]]
    slip[cell] = slip_probability(chance[cell], rate, chance.shape[1])
    reviewer[cell] = votes.reviewer[order]


def _usable_counts(delivery: Delivery) -> FloatArray:
    """Votes of items with two or more that are known one by one; zeros elsewhere."""
    humans = delivery.humans
    usable = humans.counts_known & (humans.reviewer_count >= 2)
    return humans.counts if usable.all() else np.where(usable[:, None], humans.counts, 0.0)
