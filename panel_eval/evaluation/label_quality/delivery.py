"""What the records of a delivery say beyond their votes: who voted what, gold answers, adjudications."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.diagnosis.confidences import item_confidences
from panel_eval.humans import HumanLabels
from panel_eval.humans.mentions import rows_naming
from panel_eval.humans.reviewers import ReviewerVotes, reviewer_votes
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

MAX_ITEMS = 50_000
"""Most items that are read for gold labels, and for adjudications."""
_SEED = 76


@dataclass(frozen=True)
class NamedVotes:
    """Votes whose reviewers are named.

    Attributes:
        votes: who voted what.
        confidence: (n_votes,) self-reported, NaN where none is.
        evidence: (n_votes,) whether a text says why.
    """

    votes: ReviewerVotes
    confidence: FloatArray
    evidence: BoolArray


@dataclass(frozen=True)
class Decision:
    """What a record says over the reviewers' heads: an adjudicated label, or why there is none."""

    row: int
    label: str | None
    reason: str


@dataclass(frozen=True)
class Delivery:
    """The labelled items with what their records say, in the order of their ids.

    Attributes:
        humans: the items.
        cluster: (n_items,) code of each item's cluster; the items' own places where there are none.
        named: votes with their reviewers' names; None if no item names them all.
        gold: (n_items,) column of the known answer, -1 where there is none or it is no label of the task.
        decisions: of the items with an adjudicated label or a reason for or against one.
        unread: how many items with gold labels or decisions were too many to read.
    """

    humans: HumanLabels
    cluster: IntArray
    named: NamedVotes | None
    gold: IntArray
    decisions: tuple[Decision, ...]
    unread: int


def read_delivery(humans: HumanLabels, cluster: IntArray, seed: int) -> Delivery:
    """Read what the records say; a million lines that say nothing cost next to nothing.

    Args:
        humans: the labelled items, in the order of their ids.
        cluster: (n_items,) see `Delivery`.
        seed: picks the items that are read where there are more than `MAX_ITEMS`.
    """
    gold_rows, gold_unread = _some(rows_naming(humans.records, "gold_label"), seed)
    column = {label: code for code, label in enumerate(humans.labels)}
    gold = np.full(len(humans), -1)
    for row in gold_rows.tolist():
        gold[row] = column.get(humans.records[row].gold_label or "", -1)
    named = [rows_naming(humans.records, key) for key in ("adjudicated_label", "adjudication_reason")]
    decided, unread = _some(np.union1d(*named), seed)
    decisions = []
    for row in decided.tolist():
        record = humans.records[row]
        if record.adjudicated_label is not None or (record.adjudication_reason or "").strip():
            decisions.append(Decision(row, record.adjudicated_label, (record.adjudication_reason or "").strip()))
    return Delivery(humans, cluster, _named_votes(humans, seed), gold, tuple(decisions), gold_unread + unread)


def _named_votes(humans: HumanLabels, seed: int) -> NamedVotes | None:
    votes = reviewer_votes(humans, seed)
    if votes is None:
        return None
    confidence, evidence = np.full(votes.item.size, np.nan), np.zeros(votes.item.size, dtype=np.bool_)
    stated: dict[str, float] = {}
    told: set[str] = set()
    before = -1
    for place, (item, reviewer) in enumerate(zip(votes.item.tolist(), votes.reviewer.tolist(), strict=True)):
        if item != before:  # the votes of an item stand together
            record, before = humans.records[item], item
            stated = dict(item_confidences(record))
            told = {r.reviewer for r in record.rationales if (r.evidence or "").strip()}
        name = votes.reviewers[reviewer]
        confidence[place], evidence[place] = stated.get(name, np.nan), name in told
    return NamedVotes(votes, confidence, evidence)


def _some(rows: IntArray, seed: int) -> tuple[IntArray, int]:
    if rows.size <= MAX_ITEMS:
        return rows, 0
    chosen = np.random.default_rng([seed, _SEED]).choice(rows, MAX_ITEMS, replace=False)
    return np.sort(chosen), rows.size - MAX_ITEMS
