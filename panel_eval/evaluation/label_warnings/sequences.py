"""Straight-lining: long runs of one label, or a pattern that repeats, in the order in which somebody labelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_quality.reviewers import LEVEL
from panel_eval.evaluation.label_warnings.facts import Facts, Found, SingleVotes, named
from panel_eval.schema.label_warnings import WarningExample
from panel_eval.stats.arrays import IntArray
from panel_eval.stats.label_runs import longest_repeat, longest_run, repeat_chance
from panel_eval.stats.multiplicity import benjamini_hochberg
from panel_eval.wording import counted

FEWEST_VOTES = 20
SHORTEST_RUN = 5
DISTINCT = 0.9
"""Share of a reviewer's times that must differ: times that many votes share tell no order."""
SHORTEST_PATTERN = 10
PERIODS = (2, 3)
MOST_LABELS = 20
"""Used by one reviewer, for patterns to be looked for."""
Z_ONE_SIDED = 1.645
"""Upper 5 % of a normal distribution."""


@dataclass(frozen=True)
class Suspect:
    """One reviewer's stretch: positions of its votes, how likely it is by chance, and what it is."""

    reviewer: int
    votes: IntArray
    p_value: float
    text: str


def check_sequences(facts: Facts, found: Found) -> None:
    """Stretches that chance does not explain, nor the items."""
    votes = facts.votes
    if votes is None:
        return
    if np.isnan(votes.at).all():
        found.not_checked.append("straight-lining: the file does not say when labels were given (`at`)")
        return
    sequences = {r: order for r, own in enumerate(votes.by_reviewer()) if (order := _in_time(votes, own)).size}
    if len(sequences) < len(votes.names):
        left = len(votes.names) - len(sequences)
        reviewers = counted(left, "reviewer")
        found.not_checked.append(
            f"straight-lining of {reviewers}: under {FEWEST_VOTES} votes with times that tell an order"
        )
    runs = _flagged(facts, votes, [_run(facts, votes, reviewer, order) for reviewer, order in sequences.items()])
    found.warn(
        "straight_lining",
        f"{counted(len(runs), 'reviewer')} gave one label many times in a row, more often than shuffling their "
        f"labels would (adjusted p up to {LEVEL})",
        "look at the items of the run; if the labels do not fit them, have them labelled again",
        runs,
    )
    patterns = [_pattern(facts, votes, reviewer, order) for reviewer, order in sequences.items()]
    repeats = _flagged(facts, votes, patterns)
    found.warn(
        "pattern",
        f"{counted(len(repeats), 'reviewer')} gave labels in a pattern that repeats for longer than shuffling "
        f"would let it (adjusted p up to {LEVEL})",
        "look at the items of the stretch: nobody alternates so regularly by reading",
        repeats,
    )


def _in_time(votes: SingleVotes, own: IntArray) -> IntArray:
    """A reviewer's votes in the order they were given; empty where that cannot be told of enough votes."""
    timed = own[~np.isnan(votes.at[own])]
    if timed.size < FEWEST_VOTES or np.unique(votes.at[timed]).size < DISTINCT * timed.size:
        return timed[:0]
    return timed[np.argsort(votes.at[timed], kind="stable")]


def _flagged(facts: Facts, votes: SingleVotes, suspects: list[Suspect]) -> list[WarningExample]:
    adjusted = benjamini_hochberg([suspect.p_value for suspect in suspects])
    cases = [(suspect, p) for suspect, p in zip(suspects, adjusted, strict=True) if p <= LEVEL]
    cases.sort(key=lambda case: (case[0].p_value, case[0].reviewer))
    return [
        facts.example(
            f"{suspect.text}; adjusted p = {p:.1g}", votes.item[suspect.votes], votes.names[suspect.reviewer]
        )
        for suspect, p in cases
    ]


def _run(facts: Facts, votes: SingleVotes, reviewer: int, order: IntArray) -> Suspect:
    labels = votes.label[order]
    run = longest_run(labels)
    inside = order[run.start : run.start + run.length]
    may_be = run.length >= SHORTEST_RUN and run.p_value <= LEVEL
    chance = run.p_value if may_be and not _items_explain(facts, votes, order, inside) else 1.0
    text = f"{named(facts.humans.labels[run.label])} {run.length} times in a row, of {labels.size} votes"
    return Suspect(reviewer, inside, chance, text)


def _items_explain(facts: Facts, votes: SingleVotes, order: IntArray, inside: IntArray) -> bool:
    """Whether the others, too, chose the run's label more often on its items than on the reviewer's other items.

    One-sided, items as units: the mean of the others' shares within the run is more than 1.645 standard errors
    above that of the reviewer's other items, and at least halfway to what it is where the reviewer chose that label
    elsewhere. Then the items are alike, as where a file is sorted by topic.
    """
    shares, n_others = votes.other_shares(facts.humans.counts)
    label = votes.label[inside[0]]
    outside = np.setdiff1d(order, inside)
    same = outside[votes.label[outside] == label]
    within, elsewhere, usual = (shares[places[n_others[places] > 0], label] for places in (inside, outside, same))
    if not within.size or elsewhere.size < SHORTEST_RUN:
        return False
    error = elsewhere.std(ddof=1) * np.sqrt(1 / within.size + 1 / elsewhere.size)
    halfway = (elsewhere.mean() + usual.mean()) / 2 if usual.size >= SHORTEST_RUN else elsewhere.mean()
    return bool(within.mean() > max(elsewhere.mean() + Z_ONE_SIDED * error, halfway))


def _pattern(facts: Facts, votes: SingleVotes, reviewer: int, order: IntArray) -> Suspect:
    labels = votes.label[order]
    best = Suspect(reviewer, order[:0], 1.0, "")
    for period in PERIODS if np.unique(labels).size <= MOST_LABELS else ():
        start, length = longest_repeat(labels, period)
        if length < SHORTEST_PATTERN:
            continue
        chance = min(1.0, len(PERIODS) * _pattern_chance(labels, period, start, length))
        if chance < best.p_value:
            names = ", ".join(named(facts.humans.labels[k]) for k in labels[start : start + period])
            text = f"{names}, again and again over {length} of {labels.size} votes"
            best = Suspect(reviewer, order[start : start + length], chance, text)
    return best


def _pattern_chance(labels: IntArray, period: int, start: int, length: int) -> float:
    """Chance of the stretch by the use of labels throughout, or thereabouts if that makes it likelier.

    Thereabouts = in the stretch and as many labels before and after it, over as many such places as there are:
    where a file is sorted, two labels may alternate among items of one kind.
    """
    near = labels[max(0, start - length) : start + 2 * length]
    local = repeat_chance(near, period, length) * labels.size / near.size
    return max(repeat_chance(labels, period, length), min(1.0, local))
