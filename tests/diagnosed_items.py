"""Synthetic items of every diagnosis: two labels, six reviewers, three judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from made_humans import humans_from_counts

from panel_eval.humans import HumanLabels
from panel_eval.schema import Rationale, SoftLabel, Vote

LABELS = ("no", "yes")
SURE, USUAL, UNSURE = 0.9, 0.5, 0.1
SPLIT, AGREED, BETWEEN = (3, 3), (6, 0), (4, 2)
SAME, OTHER, APART = ("no", "no", "no"), ("yes", "yes", "yes"), ("no", "no", "yes")
TORN = ({"no": 0.5, "yes": 0.5},) * 3
EXPECTED = (
    (SPLIT, SURE, APART, "genuine_ambiguity"),
    (SPLIT, SURE, SAME, "ambiguity_missed"),
    (SPLIT, UNSURE, SAME, "rubric_problem"),
    (SPLIT, USUAL, APART, "split_unexplained"),
    (SPLIT, USUAL, TORN, "split_unexplained"),
    (SPLIT, USUAL, SAME, "split_missed"),
    (AGREED, USUAL, APART, "judge_confusion"),
    (AGREED, USUAL, OTHER, "judges_confidently_wrong"),
    (AGREED, SURE, OTHER, "judges_confidently_wrong"),
    (AGREED, USUAL, TORN, "needless_doubt"),
    (AGREED, UNSURE, OTHER, "fragile_consensus"),
    (AGREED, UNSURE, APART, "fragile_consensus"),
    (AGREED, SURE, SAME, "clear"),
    (AGREED, USUAL, SAME, "agreed"),
    (BETWEEN, SURE, SAME, "indeterminate"),
    (SPLIT, SURE, (), "no_forecast"),
)
"""Reviewers' counts, their confidence, the judges' votes, and the diagnosis."""


def diagnosed_humans(reviewers: str = "ABCDEF") -> HumanLabels:
    """The items; `reviewers` in the order in which the file names them."""
    humans = humans_from_counts([counts for counts, *_ in EXPECTED], LABELS)
    records = tuple(
        SoftLabel(item_id=item_id, task="test", rationales=_rationales(counts, confidence, reviewers))
        for item_id, (counts, confidence, *_) in zip(humans.item_ids, EXPECTED, strict=True)
    )
    return replace(humans, records=records)


def diagnosed_votes(judges: str = "123") -> list[Vote]:
    """The judges' votes on them."""
    return [
        Vote(item_id=f"item-{row:04d}", judge=judge, **{"label" if isinstance(said, str) else "distribution": said})
        for row, (_, _, votes, _) in enumerate(EXPECTED)
        for judge, said in zip(judges, votes, strict=False)
    ]


def with_confidences(counts: np.ndarray, stated: list[list[tuple[str, float]]]) -> HumanLabels:
    """Items with reviewers' confidences, by item (reviewer, confidence); labels do not matter to them."""
    humans = humans_from_counts(counts.tolist(), [f"l{k}" for k in range(counts.shape[1])])
    records = tuple(
        SoftLabel(item_id=item_id, task="test", confidence=[{"reviewer": name, "value": v} for name, v in own])
        for item_id, own in zip(humans.item_ids, stated, strict=True)
    )
    return replace(humans, records=records)


def _rationales(counts: tuple[int, int], confidence: float, reviewers: str) -> list[Rationale]:
    said = {name: LABELS[place >= counts[0]] for place, name in enumerate("ABCDEF")}
    return [Rationale(reviewer=name, label=said[name], confidence=confidence) for name in reviewers]
