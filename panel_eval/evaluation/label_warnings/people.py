"""Reviewers who label few items, names that look like one person's, and people who only ever say one thing."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from panel_eval.evaluation.label_quality.reviewers import FEWEST_ITEMS, LEVEL
from panel_eval.evaluation.label_warnings.facts import Facts, Found, SingleVotes, folded, named
from panel_eval.stats.label_runs import constant_chance
from panel_eval.stats.multiplicity import benjamini_hochberg
from panel_eval.wording import counted

FEWEST_VOTES = 20
"""Votes with others' beside them that a habit is read from."""
_PRIOR_VOTES = 2.0
"""Votes of the base rate that are put to the others' of an item."""


def check_people(facts: Facts, found: Found) -> None:
    """Who labelled, and how much."""
    votes = facts.votes
    if votes is None:
        found.not_checked.append("reviewers: the file does not say who gave which label (`rationales`)")
        return
    _few_items(facts, votes, found)
    _similar_names(facts, votes, found)
    _one_label(facts, votes, found)


def _few_items(facts: Facts, votes: SingleVotes, found: Found) -> None:
    given = np.bincount(votes.reviewer, minlength=len(votes.names))
    others = facts.humans.reviewer_count[votes.item] >= 3
    tested = np.bincount(votes.reviewer[others], minlength=len(votes.names))
    few = np.flatnonzero(tested < FEWEST_ITEMS)
    order = few[np.argsort(given[few], kind="stable")]
    share = given[few].sum() / max(given.sum(), 1)
    found.warn(
        "few_items",
        f"{counted(few.size, 'reviewer')} of {len(votes.names):,} labelled fewer than {FEWEST_ITEMS} items that "
        f"two others labelled too; they gave {share:.0%} of the named votes",
        "nothing can be told of how they label (agreement, severity, slips); have fewer people label more items",
        [
            facts.example(f"{counted(int(given[r]), 'item')}, {tested[r]} with two others", reviewer=votes.names[r])
            for r in order
        ],
    )


def _similar_names(facts: Facts, votes: SingleVotes, found: Found) -> None:
    spellings: dict[str, list[int]] = defaultdict(list)
    for code, name in enumerate(votes.names):
        spellings[folded(name)].append(code)
    groups = [codes for codes in spellings.values() if len(codes) > 1]
    given = np.bincount(votes.reviewer, minlength=len(votes.names))
    cases = []
    for codes in groups:
        told = ", ".join(f"{named(repr(votes.names[code]))} {given[code]}" for code in codes)
        own = votes.item[np.isin(votes.reviewer, codes)]
        items, times = np.unique(own, return_counts=True)
        both = items[times > 1]
        also = f"; {counted(both.size, 'item')} with both, so perhaps two people" if both.size else ""
        cases.append(facts.example(f"{told} votes{also}", both[:3], votes.names[codes[0]]))
    found.warn(
        "similar_names",
        f"{counted(len(groups), 'reviewer')} may go by several names that differ in case or blanks only",
        "if they are one person, use one name: people are told apart by their names alone",
        cases,
    )


def _one_label(facts: Facts, votes: SingleVotes, found: Found) -> None:
    """Reviewers with one label only, and how likely that is by the other votes on their items."""
    counts = facts.humans.counts
    base = counts.sum(axis=0) / counts.sum()
    tests: list[tuple[int, int, float]] = []
    shares, n_others = votes.other_shares(counts)
    for reviewer, own in enumerate(votes.by_reviewer()):
        beside = own[n_others[own] > 0]
        if beside.size < FEWEST_VOTES:
            continue
        labels = np.unique(votes.label[own])
        chance = 1.0
        if labels.size == 1:
            n, label = n_others[beside], labels[0]
            expected = (shares[beside, label] * n + _PRIOR_VOTES * base[label]) / (n + _PRIOR_VOTES)
            chance = constant_chance(expected)
        tests.append((reviewer, int(labels[0]), chance))
    adjusted = benjamini_hochberg([min(chance, 1.0) for _, _, chance in tests])
    cases = [
        facts.example(
            f"{named(facts.humans.labels[label])} on all of "
            f"{counted(int((votes.reviewer == reviewer).sum()), 'item')}; by the others' votes on them the chance "
            f"of that is {max(chance, 1e-9):.1g}{'' if chance > 1e-9 else ' or less'}",
            reviewer=votes.names[reviewer],
        )
        for (reviewer, label, chance), p in sorted(zip(tests, adjusted, strict=True), key=lambda pair: pair[0][2])
        if p <= LEVEL
    ]
    found.warn(
        "one_label",
        f"{counted(len(cases), 'reviewer')} gave every item the same label, where others did not",
        "ask, or look at a sample of their items: it may be carelessness, or a strict reading of the rubric",
        cases,
    )
