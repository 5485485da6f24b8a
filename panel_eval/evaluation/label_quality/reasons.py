"""Why an item should be looked at again: one rule a reason, none of them that people disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from panel_eval.errors import shorten
from panel_eval.evaluation.label_quality.adjudications import SPLIT, Adjudicated
from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.label_quality.doubts import Doubts
from panel_eval.evaluation.label_quality.pass_rates import Gold
from panel_eval.evaluation.label_quality.reviewers import People
from panel_eval.stats.arrays import BoolArray, IntArray

REASON_TEXTS: dict[str, str] = {
    "unsupported_vote": "one reviewer stands alone where at least two thirds chose another label, and was "
    "unsure or gave no evidence where others did",
    "doubtful_reviewer": "a vote that is more likely a slip than not, of a reviewer who fails gold items or agrees "
    "too little with others",
    "unlikely_vote": "one vote that the others, who are nearly unanimous, make unlikely",
    "gold_missed": "most reviewers failed this gold item: the known answer may be wrong",
    "rubric_problem": "the reviewers are split and less sure than usual: the rubric or the context may be unclear",
    "class_contradicts": "the disagreement class in the file contradicts the votes",
    "adjudication_contradicts": "adjudicated to a label that was not the reviewers' most frequent one",
}
PRESSING = frozenset({"doubtful_reviewer", "gold_missed", "class_contradicts", "adjudication_contradicts"})
"""Reasons that weigh against a delivery where many items have them.

The others come with honest votes too: a quarter of each reviewer's confidences is low however sure all are, split
items are those that people are unsure of, and an unlikely vote comes as often as it is likely.
"""
CONSENSUS = 2.0 / 3.0
"""Share of the votes that one who stands alone stands against: of four, two do not make a consensus."""
NEARLY_ALL = 0.9
FEWEST_OTHERS = 8
"""Other votes that near-unanimity takes: four of a kind come by chance on one split item in six or so."""
UNLIKELY = 0.03
"""A label that the others and the prior give at most this chance is unlikely."""
MATTERS = 0.05
"""A vote that moves its item's shares by less is not worth a second look by itself."""
PROBABLE = 0.5
LOW_CONFIDENCE = 0.25
"""A confidence among this share of the reviewer's own lowest is low."""
_FEWEST_OWN = 8
_NAME_CHARS = 40


@dataclass(frozen=True)
class Reason:
    """One reason to look at one item again."""

    row: int
    code: str
    text: str


@dataclass(frozen=True)
class Findings:
    """What the reasons are made from."""

    delivery: Delivery
    people: People
    gold: Gold
    adjudicated: Adjudicated
    doubts: Doubts
    unclear: BoolArray
    """(n_items,) whether the rubric is the problem, by the reviewers' confidence."""


def reasons(found: Findings) -> Iterator[Reason]:
    """Every reason of every item, rule by rule."""
    yield from _unsupported(found)
    yield from _doubtful_reviewers(found)
    yield from _unlikely(found)
    yield from _gold(found)
    for row in np.flatnonzero(found.unclear).tolist():
        yield Reason(row, "rubric_problem", "split, and the reviewers were less sure than usual")
    yield from _classes(found)
    yield from _adjudications(found)


def _unsupported(found: Findings) -> Iterator[Reason]:
    named = found.delivery.named
    for place, text in unsupported_votes(found.delivery):
        if named is not None:
            who = _name(named.votes.reviewers[named.votes.reviewer[place]])
            yield Reason(int(named.votes.item[place]), "unsupported_vote", f"{who} {text}")


def unsupported_votes(delivery: Delivery) -> Iterator[tuple[int, str]]:
    """Places of named votes that stand alone against a consensus, unsure or without evidence, and that in words."""
    named, humans = delivery.named, delivery.humans
    if named is None:
        return
    votes = named.votes
    counts = humans.counts[votes.item]
    most, n = counts.max(axis=1), humans.reviewer_count[votes.item]
    alone = counts[np.arange(votes.item.size), votes.label] == 1
    consensus = (n >= 3) & (most >= CONSENSUS * n - 1e-9)
    unsure = low_confidence(named)
    silent = ~named.evidence & (_item_evidence(named)[votes.item] > 0)
    for place in np.flatnonzero(alone & consensus & (unsure | silent)).tolist():
        why = " and ".join(
            text for text, holds in (("was unsure", unsure[place]), ("gave no evidence", silent[place])) if holds
        )
        yield place, f"alone chose {_name(humans.labels[votes.label[place]])}, and {why}"


def low_confidence(named: NamedVotes) -> BoolArray:
    """(n_votes,) whether a confidence is below the median of its reviewer's and among the lowest quarter.

    Reviewers with fewer than eight confidences are compared with everyone's.
    """
    reviewer, stated = named.votes.reviewer, ~np.isnan(named.confidence)
    low = np.zeros(reviewer.size, dtype=np.bool_)
    if not stated.any():
        return low
    everyone = named.confidence[stated]
    order = np.argsort(reviewer, kind="stable")
    ends = np.cumsum(np.bincount(reviewer, minlength=len(named.votes.reviewers)))
    for own in np.split(order, ends[:-1]):
        mine = named.confidence[own[stated[own]]]
        scale = mine if mine.size >= _FEWEST_OWN else everyone
        quarter, middle = np.quantile(scale, [LOW_CONFIDENCE, 0.5])
        low[own] = stated[own] & (named.confidence[own] <= quarter) & (named.confidence[own] < middle)
    return low


def _item_evidence(named: NamedVotes) -> IntArray:
    """(up to the last item,) votes of each item that come with evidence."""
    votes = named.votes
    return np.bincount(votes.item[named.evidence], minlength=int(votes.item.max(initial=0)) + 1)


def _doubtful_reviewers(found: Findings) -> Iterator[Reason]:
    named, doubts, people = found.delivery.named, found.doubts, found.people
    if named is None:
        return
    failing = np.array([rate.status == "fails" for rate in found.gold.rates])
    bad = failing | people.deviates
    of = doubts.reviewer
    for row in np.flatnonzero((of >= 0) & bad[of] & (doubts.slip >= PROBABLE)).tolist():
        why = "fails gold items" if failing[of[row]] else "agrees too little with others"
        who = _name(named.votes.reviewers[of[row]])
        what = _name(found.delivery.humans.labels[doubts.label[row]])
        yield Reason(row, "doubtful_reviewer", f"{who}, who {why}, chose {what}")


def _unlikely(found: Findings) -> Iterator[Reason]:
    humans, doubts = found.delivery.humans, found.doubts
    rows = np.arange(len(humans))
    others = humans.reviewer_count - 1
    label = np.maximum(doubts.label, 0)
    rest = humans.counts.max(axis=1)
    own = humans.counts[rows, label]
    near = (others >= FEWEST_OTHERS) & (rest >= NEARLY_ALL * others - 1e-9) & (own < rest)
    chance = doubts.chance[rows, label]
    rare = (doubts.label >= 0) & (chance <= UNLIKELY) & (doubts.influence >= MATTERS)
    names = [_name(text) for text in humans.labels]
    for row in np.flatnonzero(near & rare).tolist():
        given = f"{names[label[row]]} has {own[row]:.0f} of {humans.reviewer_count[row]} votes"
        text = f"{given}; the others make it {chance[row]:.1%} likely"
        yield Reason(row, "unlikely_vote", text)


def _gold(found: Findings) -> Iterator[Reason]:
    humans, gold = found.delivery.humans, found.delivery.gold
    for row in found.gold.missed.tolist():
        passed, n = int(humans.counts[row, gold[row]]), humans.reviewer_count[row]
        text = f"gold answer {_name(humans.labels[gold[row]])} was given by {passed} of {n} reviewers"
        yield Reason(row, "gold_missed", text)


def _classes(found: Findings) -> Iterator[Reason]:
    humans = found.delivery.humans
    if not any(humans.reported_class):
        return
    for row, (told, own) in enumerate(zip(humans.reported_class, humans.derived_class, strict=True)):
        if (told == "agreement" and own in SPLIT) or (told in SPLIT and own == "agreement"):
            yield Reason(row, "class_contradicts", f"the file says {told}, the votes are {own}")


def _adjudications(found: Findings) -> Iterator[Reason]:
    adjudicated = found.adjudicated
    for decision, share, against in zip(
        adjudicated.decisions, adjudicated.share.tolist(), adjudicated.against.tolist(), strict=True
    ):
        if against:
            text = f"adjudicated to {_name(decision.label or '')}, which {share:.0%} of the reviewers chose"
            yield Reason(decision.row, "adjudication_contradicts", text)


def _name(text: str) -> str:
    return shorten(text, _NAME_CHARS)
