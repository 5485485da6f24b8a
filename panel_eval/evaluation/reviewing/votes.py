"""Which votes of which reviewer to look at again: the rules of the items' review, vote by vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from panel_eval.errors import shorten
from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.label_quality.pass_rates import Gold, chance_below_half
from panel_eval.evaluation.label_quality.reasons import (
    CONSENSUS,
    FEWEST_OTHERS,
    MATTERS,
    NEARLY_ALL,
    PROBABLE,
    REASON_TEXTS,
    UNLIKELY,
    unsupported_votes,
)
from panel_eval.evaluation.label_quality.reviewers import People
from panel_eval.evaluation.reviewing.timed_votes import TimedVotes, stamp
from panel_eval.schema.reviewer_report import VoteReason, VoteReview, VoteToReview
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.slips import slip_probability, vote_influence

MOST_LISTED = 10_000
_NAME_CHARS = 40
VOTE_REASON_TEXTS: dict[VoteReason, str] = {
    "missed_gold": "another label than the known answer, which at least half of the item's reviewers gave",
    "after_change": "after the reviewer's agreement or share of gold items passed fell, against at least two "
    "thirds of the others",
    "doubtful_reviewer": REASON_TEXTS["doubtful_reviewer"],
    "unsupported_vote": REASON_TEXTS["unsupported_vote"],
    "unlikely_vote": REASON_TEXTS["unlikely_vote"],
}


@dataclass(frozen=True)
class Evidence:
    """What votes are judged by.

    Attributes:
        delivery: the items with their votes by reviewer.
        people: the named reviewers with their slip rates.
        gold: pass rates, and gold items that most missed.
        chance: (n_items, n_labels) of each chosen label by the other votes.
        times: of the named votes.
        fell: (n_reviewers,) time from which quality went down, NaN where it did not.
    """

    delivery: Delivery
    people: People
    gold: Gold
    chance: FloatArray
    times: TimedVotes
    fell: FloatArray


@dataclass(frozen=True)
class FlaggedVotes:
    """Votes with a reason.

    Attributes:
        reasons: place of the named vote to its reasons, code and words.
        error: (n_votes,) chance of an error.
        influence: (n_votes,) how far the item's shares move without the vote.
        by_reviewer: (n_reviewers,) flagged votes.
    """

    reasons: dict[int, list[tuple[VoteReason, str]]]
    error: FloatArray
    influence: FloatArray
    by_reviewer: IntArray

    def of(self, reviewer: int, named: NamedVotes) -> FlaggedVotes:
        """The votes of one reviewer, by code."""
        own = {place: texts for place, texts in self.reasons.items() if named.votes.reviewer[place] == reviewer}
        return replace(self, reasons=own)


def flag_votes(found: Evidence, named: NamedVotes) -> FlaggedVotes:
    """Every named vote with a reason to look at it again."""
    votes, humans = named.votes, found.delivery.humans
    slip = np.nan_to_num(
        slip_probability(
            found.chance[votes.item, votes.label], found.people.slip_rate[votes.reviewer], len(humans.labels)
        )
    )
    influence = np.nan_to_num(vote_influence(humans.counts)[votes.item, votes.label])
    error = slip.copy()
    reasons: dict[int, list[tuple[VoteReason, str]]] = {}
    for place, sure in _missed_gold(found, votes.item, votes.label):
        known = shorten(humans.labels[found.delivery.gold[votes.item[place]]], _NAME_CHARS)
        reasons.setdefault(place, []).append(("missed_gold", f"the known answer is {known}"))
        error[place] = max(error[place], sure)
    for place, code, text in _others(found, named, slip, influence):
        reasons.setdefault(place, []).append((code, text))
    flagged = np.bincount(votes.reviewer[list(reasons)], minlength=len(votes.reviewers))
    return FlaggedVotes(reasons, error, influence, flagged)


def _missed_gold(found: Evidence, item: IntArray, label: IntArray) -> Iterator[tuple[int, float]]:
    """Votes against a known answer that most gave, with the chance that this answer is right."""
    known = found.delivery.gold[item]
    humans = found.delivery.humans
    disputed = np.isin(item, found.gold.missed)
    for place in np.flatnonzero((known >= 0) & (known != label) & ~disputed & humans.counts_known[item]).tolist():
        hits = float(humans.counts[item[place], known[place]])
        n = humans.reviewer_count[[item[place]]]
        yield place, 1.0 - float(chance_below_half(np.asarray(hits), n)[0])


def _others(
    found: Evidence, named: NamedVotes, slip: FloatArray, influence: FloatArray
) -> Iterator[tuple[int, VoteReason, str]]:
    votes, humans = named.votes, found.delivery.humans
    counts, places = humans.counts[votes.item], np.arange(votes.item.size)
    own, n = counts[places, votes.label], humans.reviewer_count[votes.item]
    rest = np.where(np.arange(counts.shape[1]) == votes.label[:, None], -1.0, counts).max(axis=1)
    failing = np.array([rate.status == "fails" for rate in found.gold.rates])
    against = (n >= 3) & (rest >= CONSENSUS * (n - 1) - 1e-9)
    fell = found.fell[votes.reviewer]
    for place in np.flatnonzero(against & (found.times.time >= fell)).tolist():
        yield (
            place,
            "after_change",
            f"against the others, after quality fell ({stamp(fell[place])[:16].replace('T', ' ')})",
        )
    bad = (failing | found.people.deviates)[votes.reviewer]
    for place in np.flatnonzero(bad & (slip >= PROBABLE)).tolist():
        why = "fails gold items" if failing[votes.reviewer[place]] else "agrees too little with others"
        yield place, "doubtful_reviewer", f"likely a slip of one who {why}"
    for place, text in unsupported_votes(found.delivery):
        yield place, "unsupported_vote", text
    chance = found.chance[votes.item, votes.label]
    near = (n - 1 >= FEWEST_OTHERS) & (rest >= NEARLY_ALL * (n - 1) - 1e-9)
    for place in np.flatnonzero(near & (chance <= UNLIKELY) & (influence >= MATTERS)).tolist():
        text = f"has {own[place]:.0f} of {n[place]} votes; the others make it {chance[place]:.1%} likely"
        yield place, "unlikely_vote", text


def review_section(found: Evidence, flagged: FlaggedVotes, order: Sequence[int]) -> VoteReview:
    """The section of the document.

    Args:
        found: what votes are judged by.
        flagged: from `flag_votes`.
        order: codes of the reviewers in the order of the document.
    """
    named = found.delivery.named
    if named is None:
        return no_review("the file does not name who cast which vote")
    score = flagged.error * flagged.influence
    best = sorted(flagged.reasons, key=lambda place: (-score[place], place))[:MOST_LISTED]
    rank = {code: position for position, code in enumerate(order)}
    best.sort(key=lambda place: (rank[int(named.votes.reviewer[place])], -score[place], place))
    counted = Counter(code for own in flagged.reasons.values() for code, _ in own)
    n = len(flagged.reasons)
    return VoteReview(
        flagged=n,
        share=n / named.votes.item.size,
        by_reason={code: counted[code] for code in get_args(VoteReason)},
        reason_texts=VOTE_REASON_TEXTS,
        votes=[_vote(found, named, flagged, place) for place in best],
        note=f"the {MOST_LISTED:,} highest scores of {n:,} are listed" if n > MOST_LISTED else None,
    )


def no_review(note: str) -> VoteReview:
    """A section without votes."""
    return VoteReview(
        flagged=0,
        share=None,
        by_reason=dict.fromkeys(get_args(VoteReason), 0),
        reason_texts=VOTE_REASON_TEXTS,
        votes=[],
        note=note,
    )


def _vote(found: Evidence, named: NamedVotes, flagged: FlaggedVotes, place: int) -> VoteToReview:
    votes, humans = named.votes, found.delivery.humans
    row, label = int(votes.item[place]), int(votes.label[place])
    others = humans.counts[row].astype(np.int64)
    others[label] -= 1
    known = int(found.delivery.gold[row])
    confidence = float(named.confidence[place])
    return VoteToReview(
        item_id=humans.item_ids[row],
        reviewer=votes.reviewers[votes.reviewer[place]],
        label=humans.labels[label],
        others={humans.labels[k]: int(others[k]) for k in np.flatnonzero(others).tolist()},
        gold_label=humans.labels[known] if known >= 0 else None,
        chance_of_error=float(flagged.error[place]),
        influence=float(flagged.influence[place]),
        score=float(flagged.error[place] * flagged.influence[place]),
        reasons=[text for _, text in flagged.reasons[place]],
        reason_codes=[code for code, _ in flagged.reasons[place]],
        at=found.times.stamp(place),
        confidence=None if np.isnan(confidence) else confidence,
        evidence=found.times.evidence[place],
    )
