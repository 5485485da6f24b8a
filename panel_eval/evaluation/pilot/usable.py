"""The items of a pilot that anything can be said of, the reviewers behind them, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.label_quality.people import people_alone
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import MIN_UNITS, Segment, make_segments
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.majority import most_voted

FEWEST_REVIEWERS = 2
"""Of an item that shows any disagreement at all."""
MOST_ITEMS = 20_000
"""Most items that are looked at; more move no figure by what is read of it."""
_SEED = 811


@dataclass(frozen=True)
class LeftOut:
    """Items that say nothing about a single label.

    Attributes:
        one_reviewer: items with one reviewer.
        unknown_counts: items whose shares are no whole votes.
        not_drawn: items beyond `MOST_ITEMS`, left out at random.
    """

    one_reviewer: int
    unknown_counts: int
    not_drawn: int


@dataclass(frozen=True)
class Pilot:
    """The items of a pilot with two or more known votes, in the order of their ids.

    Attributes:
        people: the reviewers beside the base rate, with posteriors and resamples; None where items are too few.
        humans: the items.
        left_out: how many others there are.
        seed: of the choices and draws.
    """

    people: Comparison | None
    humans: HumanLabels
    left_out: LeftOut
    seed: int


@dataclass(frozen=True)
class Votes:
    """The votes of some items, and the label that most of them chose.

    Attributes:
        counts: (n_items, n_labels) whole numbers.
        kept: (n_items, n_labels) chance of each label to be the one kept: 1, or 1 / tied labels.
        modes: (n_items, n_labels) the most frequent labels.
    """

    counts: FloatArray

    @cached_property
    def modes(self) -> BoolArray:
        """(n_items, n_labels) the most frequent labels."""
        return most_voted(self.counts)

    @cached_property
    def kept(self) -> FloatArray:
        """(n_items, n_labels) chance of each label to be kept, ties settled by a fair coin."""
        return np.asarray(self.modes / self.modes.sum(axis=1, keepdims=True))


def read_pilot(humans: HumanLabels, seed: int, resamples: int) -> Pilot:
    """Pick the items that something can be said of.

    Args:
        humans: the labelled items, in any order.
        seed: seeds resamples, choices and draws.
        resamples: bootstrap draws behind intervals.
    """
    known = np.asarray(humans.counts_known)
    enough = np.asarray(known & (humans.reviewer_count >= FEWEST_REVIEWERS))
    ordered = np.argsort(np.array(humans.item_ids), kind="stable")
    chosen = random_part(enough[ordered], MOST_ITEMS, [seed, _SEED])
    used = humans.select(ordered[chosen])
    left = LeftOut(
        one_reviewer=int((known & ~enough).sum()),
        unknown_counts=int((~known).sum()),
        not_drawn=int(enough.sum() - chosen.sum()),
    )
    if len(used) < MIN_UNITS or len(used.labels) < 2:
        return Pilot(None, used, left, seed)
    segments = make_segments(used, resamples, seed)
    return Pilot(people_alone(used, base_rate(used), segments, seed), used, left, seed)


def units_of(segment: Segment) -> IntArray:
    """(n_items,) the cluster of each item, or its own code where there are none."""
    return segment.resampling.cluster
