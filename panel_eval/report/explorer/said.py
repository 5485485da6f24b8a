"""What reviewers and judges wrote about the shown items, and the votes that came to nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from panel_eval.pooling import VoteTable
from panel_eval.report.explorer.shown_text import ShownText
from panel_eval.schema import SoftLabel, Vote

if TYPE_CHECKING:
    from panel_eval.stats.arrays import IntArray

MOST_REASONS: Final = 60
"""Reasons of one side that an item shows."""
_REASONED: Final = ("ok", "abstain")
"""Outcomes whose text is the rationale; of the others it is what came instead of an answer."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one reviewer or judge said.

    Attributes:
        who: the reviewer's or judge's name.
        answer: the label; empty for a vote without one.
        text: the reason, or what came back instead of an answer; empty if nothing.
        times: how often a judge said just this.
        confidence: the reviewer's own, or None.
        outcome: why a vote has no label; None if it has one.
    """

    who: str
    answer: str
    text: ShownText
    times: int = 1
    confidence: float | None = None
    outcome: str | None = None


@dataclass
class Said:
    """What judges said about one item.

    Attributes:
        reasons: at most `MOST_REASONS`, by judge and sample.
        left_out: how many more there are.
        failed: judge to outcome to votes without an answer.
    """

    reasons: list[Reason] = field(default_factory=list)
    left_out: int = 0
    failed: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def judges_said(votes: Sequence[Vote], judges: Sequence[str], item_ids: Sequence[str]) -> dict[str, Said]:
    """What these judges wrote about these items; of a large file, no other votes are looked at.

    Args:
        votes: of a run.
        judges: the panel's, in its order.
        item_ids: the items that are shown.
    """
    table = VoteTable.of(votes)
    rows = _rows(table, judges, item_ids)
    found: dict[str, Said] = {item_id: Said() for item_id in item_ids}
    distinct: dict[str, dict[tuple[str, str, str, str], int]] = {item_id: {} for item_id in item_ids}
    for vote in _fields(table.take(rows)):
        said, item_id = found[vote["item_id"]], vote["item_id"]
        outcome = vote.get("outcome") or "ok"
        if outcome != "ok":
            said.failed[vote["judge"]][outcome] += 1
        _add(said, distinct[item_id], vote, outcome)
    return found


def _add(said: Said, distinct: dict[tuple[str, str, str, str], int], vote: Mapping[str, Any], outcome: str) -> None:
    """Note a vote's text; the same from the same judge is counted."""
    text = _text(vote, outcome)
    if not text:
        return
    answer = _label(vote) if outcome == "ok" else ""
    key = (vote["judge"], outcome, answer, text)
    if (at := distinct.get(key)) is not None:
        said.reasons[at] = replace(said.reasons[at], times=said.reasons[at].times + 1)
    elif len(said.reasons) < MOST_REASONS:
        distinct[key] = len(said.reasons)
        failed = None if outcome == "ok" else outcome
        said.reasons.append(Reason(vote["judge"], answer, ShownText.of(text), outcome=failed))
    else:
        said.left_out += 1


def reviewers_said(record: SoftLabel) -> tuple[list[Reason], int]:
    """Which label each named reviewer chose and why, and how many more there are than `MOST_REASONS`."""
    every = record.rationales
    reasons = [
        Reason(one.reviewer, one.label, ShownText.of(one.evidence or ""), confidence=one.confidence)
        for one in every[:MOST_REASONS]
    ]
    return reasons, max(len(every) - MOST_REASONS, 0)


def _rows(table: VoteTable, judges: Sequence[str], item_ids: Sequence[str]) -> IntArray:
    """The votes of these judges on these items: by judge in the panel's order, then by sample."""
    columns, wanted = table.columns, set(item_ids)
    place = {judge: position for position, judge in enumerate(judges)}
    of_item = np.array([item_id in wanted for item_id in columns.item_ids], dtype=bool)
    of_judge = np.array([place.get(judge, -1) for judge in columns.judges], dtype=np.int64)
    rows = np.flatnonzero(of_item[columns.item] & (of_judge[columns.judge] >= 0))
    return rows[np.lexsort((columns.sample[rows], of_judge[columns.judge[rows]]))]


def _fields(table: VoteTable) -> Iterator[Mapping[str, Any]]:
    for block in table.field_blocks():
        yield from block


def _label(vote: Mapping[str, Any]) -> str:
    """The label that a vote is listed under: the one chosen, or the one given the most mass."""
    if (label := vote.get("label")) is not None:
        return str(label)
    shares: Mapping[str, float] = vote.get("distribution") or {}
    return max(shares, key=lambda label: shares[label], default="")


def _text(vote: Mapping[str, Any], outcome: str) -> str:
    parts = [str(vote.get("rationale") or "")]
    error = vote.get("error")
    if error is not None:
        told = error if isinstance(error, Mapping) else vars(error)
        parts.append(f"{told.get('kind')}: {told.get('message')}")
    elif outcome not in _REASONED and vote.get("raw"):
        parts.append(f"answer as received: {vote['raw']}")
    return " — ".join(part for part in parts if part)
