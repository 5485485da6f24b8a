"""The whole of `reviewer-report`, from labels alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.label_quality.delivery import Delivery, read_delivery
from panel_eval.evaluation.label_quality.doubts import chances
from panel_eval.evaluation.label_quality.pass_rates import Gold, gold_items
from panel_eval.evaluation.label_quality.people import people_alone
from panel_eval.evaluation.label_quality.reviewers import FEWEST_ITEMS, People, reviewers_of
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.reviewing.confusion import confusion_section
from panel_eval.evaluation.reviewing.drift import Drift, drift_section
from panel_eval.evaluation.reviewing.standings import standings
from panel_eval.evaluation.reviewing.timed_votes import read_times
from panel_eval.evaluation.reviewing.votes import Evidence, flag_votes, no_review, review_section
from panel_eval.evaluation.segments import Segment, make_segments
from panel_eval.humans import HumanLabels
from panel_eval.schema.reviewer_report import ConcernCode, ReviewerReport, ReviewerStanding, VoteReview

_CONCERNS: dict[ConcernCode, tuple[str, str]] = {
    "fails_gold": ("fails gold items", "fail gold items"),
    "agrees_too_little": ("agrees too little with the others", "agree too little with the others"),
    "got_worse": ("got worse over time", "got worse over time"),
    "gold_unclear": ("is not shown to pass gold items", "are not shown to pass gold items"),
    "stands_off": ("stands above or below the others on the scale", "stand above or below the others on the scale"),
    "changed": ("changed over time in another way", "changed over time in another way"),
}
"""Concern to what is said of one reviewer, and of several."""
_NOT_NAMED = (
    "The file does not name who cast which vote (rationales with a reviewer for every vote of an item): nothing "
    "can be said of single reviewers."
)
_NAMES_TOLD = 5
_NAME_CHARS = 40


@dataclass(frozen=True)
class _Named:
    """What is known where reviewers are named."""

    standings: list[ReviewerStanding]
    review: VoteReview


def reviewer_report(
    labels: HumanLabels, *, reviewer: str | None = None, seed: int = 0, resamples: int = 2000
) -> ReviewerReport:
    """Agreement, severity, gold items, confusion and drift of every named reviewer, and votes to look at again.

    Args:
        labels: the labelled items, in any order; their rationales name the reviewers.
        reviewer: tell of this one only; everything is still computed, and adjusted, for all.
        seed: seeds resamples, permutations and draws.
        resamples: draws behind intervals over items, and random orders behind p-values of change (more of these
            where they decide).

    Raises:
        InputError: there are no items, fewer than one resample is asked for, or nobody has that name.
    """
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")
    if not len(labels):
        raise InputError("there are no labelled items")
    humans = labels.select(np.argsort(np.array(labels.item_ids), kind="stable"))
    segments = make_segments(humans, resamples, seed)
    alone = people_alone(humans, base_rate(humans), segments, seed)
    everything = alone.everything
    delivery = read_delivery(humans, everything.resampling.cluster, seed)
    gold = gold_items(delivery)
    chance = chances(delivery, alone.posterior.prior)
    people = reviewers_of(delivery, gold, chance)
    if reviewer is not None:
        people = only(people, reviewer)
    times = None if delivery.named is None else read_times(humans, delivery.named)
    listed = [one.reviewer for one in people.section.reviewers]
    drift = drift_section(delivery, times, listed, resamples, seed)
    if reviewer is not None:
        drift = drift.of(reviewer)
    named = None
    if times is not None:
        named = _named(Evidence(delivery, people, gold, chance, times, drift.fell), drift, reviewer)
    return _document(delivery, everything, people, gold, drift, named, {"seed": seed, "resamples": resamples})


def only(people: People, reviewer: str) -> People:
    """The same with a section that lists one reviewer.

    Raises:
        InputError: nobody has that name; the nearest ones are told.
    """
    chosen = [one for one in people.everyone if one.reviewer == reviewer]
    if not chosen:
        names = [one.reviewer for one in people.everyone]
        near = get_close_matches(reviewer, names, n=3) or names[:3]
        fix = f"name one of the file's: {', '.join(map(shorten, near))}" if near else _NOT_NAMED
        raise InputError(Problem("there is no such reviewer", key="reviewer", value=reviewer, fix=fix))
    return replace(people, section=people.section.model_copy(update={"reviewers": chosen}))


def _named(found: Evidence, drift: Drift, reviewer: str | None) -> _Named:
    named = found.delivery.named
    assert named is not None
    flagged = flag_votes(found, named)
    if reviewer is not None:
        flagged = flagged.of(named.votes.reviewers.index(reviewer), named)
    ranked = standings(
        named, found.times, found.people.everyone, drift.section.reviewers, flagged, found.delivery.humans.labels
    )
    if reviewer is not None:
        ranked = [one for one in ranked if one.reviewer == reviewer]
    code = {name: place for place, name in enumerate(named.votes.reviewers)}
    return _Named(ranked, review_section(found, flagged, [code[one.reviewer] for one in ranked]))


def _document(
    delivery: Delivery,
    everything: Segment,
    people: People,
    gold: Gold,
    drift: Drift,
    named: _Named | None,
    settings: dict[str, int],
) -> ReviewerReport:
    humans, listed = delivery.humans, [one.reviewer for one in people.section.reviewers]
    standings_ = [] if named is None else named.standings
    review = no_review(_NOT_NAMED) if named is None else named.review
    return ReviewerReport(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        items=len(humans),
        answer=_answer_on_one(standings_[0])
        if len(standings_) == 1
        else _answer(standings_, review, drift, people.section.tested),
        standings=standings_,
        reviewers=people.section,
        gold=gold.section,
        confusion=confusion_section(delivery, everything, listed, settings["seed"]),
        drift=drift.section,
        review=review,
        settings={**settings, "interval_level": 0.95, "resampled": everything.resampling.drawn},
        notes=_notes(delivery),
    )


def _answer(standings_: list[ReviewerStanding], review: VoteReview, drift: Drift, tested: int) -> list[str]:
    if not standings_:
        return [_NOT_NAMED]
    said = []
    counted = Counter(code for one in standings_ for code in {concern.code for concern in one.concerns})
    for code, (one, several) in _CONCERNS.items():
        if n := counted[code]:
            names = [s.reviewer for s in standings_ if any(concern.code == code for concern in s.concerns)]
            said.append(f"{n:,} of {len(standings_):,} reviewers {one if n == 1 else several}: {_listed(names)}.")
    if not said:
        said.append(f"Nothing tells any of the {len(standings_):,} reviewers from the others.")
    if not tested:
        said.append(f"Agreement takes {FEWEST_ITEMS} items with two other reviewers to test; nobody has them.")
    if review.flagged:
        votes = "1 vote is" if review.flagged == 1 else f"{review.flagged:,} votes are"
        said.append(f"{votes} worth a second look.")
    if not drift.section.tested:
        said.append("Whether anybody changed over time could not be tested.")
    return said


def _answer_on_one(one: ReviewerStanding) -> list[str]:
    said = [concern.text for concern in one.concerns] or ["nothing stands out"]
    votes = "1 vote is" if one.votes_to_review == 1 else f"{one.votes_to_review:,} votes are"
    review = f" {votes} worth a second look." if one.votes_to_review else ""
    return [f"{shorten(one.reviewer, _NAME_CHARS)}: {'; '.join(said)}.{review}"]


def _listed(names: list[str]) -> str:
    told = ", ".join(shorten(name, _NAME_CHARS) for name in names[:_NAMES_TOLD])
    return f"{told} and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else told


def _notes(delivery: Delivery) -> list[str]:
    named = delivery.named
    if named is None or named.votes.n_items == named.votes.n_read:
        return []
    return [
        f"on {named.votes.n_read - named.votes.n_items:,} of {named.votes.n_read:,} items not every vote has its "
        "reviewer's name: reviewers are judged on the others"
    ]
