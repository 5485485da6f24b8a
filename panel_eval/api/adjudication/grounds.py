"""What policy and user want of each item: whose votes may be errors, who needs a label, what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel_eval.api.adjudication.inputs import read_answers, read_decisions, read_items
from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.humans import HumanLabels
from panel_eval.humans.adjudication import ErrorRule
from panel_eval.humans.mentions import rows_naming
from panel_eval.schema.adjudication_decision import AdjudicationDecision
from panel_eval.schema.adjudication_policy import (
    AdjudicationPolicy,
    Comparison,
    Consumer,
    ErrorGround,
    PythonCheck,
    ReviewerFlag,
)
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS, HumanQuadrant
from panel_eval.stats.arrays import IntArray

_RESAMPLES = 100
"""Draws behind intervals that nobody sees here."""
_SHOWN = 5
_DEVIATES = "agrees too little with others"
_READINGS = (
    "reviewers who agree too little with others may read the rubric differently, which is no error: no label is "
    "put down to them until a person says so"
)


@dataclass(frozen=True)
class Wanted:
    """What was asked for, beside what the policy says by itself.

    Attributes:
        answers: item id to the columns of the file of answers.
        decisions: item id to what a person decided.
        consumer: who needs labels.
        items: asked for, or that the consumer is restricted to; None where nobody named any.
        notes: what a reader must know.
    """

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    decisions: Mapping[str, AdjudicationDecision] = field(default_factory=dict)
    consumer: Consumer | None = None
    items: frozenset[str] | None = None
    notes: tuple[str, ...] = ()

    def needs(self, item_id: str) -> Consumer | None:
        """The consumer, if it needs a label of this item."""
        if self.consumer is None or (self.items is not None and item_id not in self.items):
            return None
        return self.consumer if self.consumer.items == "all" or item_id in self.consumer.items else None

    def requests(self, item_id: str) -> bool:
        """Whether a label of this item was asked for by itself."""
        return self.consumer is None and self.items is not None and item_id in self.items


def read_wanted(
    policy: AdjudicationPolicy,
    humans: HumanLabels,
    *,
    answers: Path | None,
    decisions: Path | None,
    consumer: str | None,
    items: Sequence[str],
) -> Wanted:
    """Read what was asked for, and see whether the policy allows it.

    Raises:
        InputError: with what is unknown, not allowed, or given without effect.
    """
    _check_answers(policy, answers)
    found = None if consumer is None else _consumer(policy, consumer)
    notes = []
    if found is not None and found.items != "all":
        absent = sum(item_id not in humans.index for item_id in found.items)
        notes += [f"{absent:,} items that {found.name} needs are not in the file"] if absent else []
    wanted = Wanted(
        answers={} if answers is None else read_answers(answers),
        decisions={} if decisions is None else read_decisions(decisions, humans),
        consumer=found,
        items=read_items(items, humans) if items else None,
        notes=tuple(notes),
    )
    if not policy.requests.allowed:
        _refuse_requests(wanted)
    return wanted


def _refuse_requests(wanted: Wanted) -> None:
    """Where labels on request are not allowed, a person may still find errors, and decide what a consumer needs."""
    asked = [
        item_id
        for item_id, decision in wanted.decisions.items()
        if decision.label is not None and not decision.erred and wanted.needs(item_id) is None
    ]
    if asked or (wanted.items is not None and wanted.consumer is None):
        what = f"labels on request are not allowed{f' (decided: {_some(asked)})' if asked else ''}"
        fix = "name the --consumer that needs them, or set `allowed: true` there"
        raise InputError(Problem(what, "the rubric", key="adjudication.requests", fix=fix))


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(shorten(name) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


def _check_answers(policy: AdjudicationPolicy, answers: Path | None) -> None:
    """Answers must be there where the check reads them, and read where they are there."""
    check = policy.verify
    reads = isinstance(check, Comparison) and any(source.startswith("answers.") for source in check.sources)
    if reads and answers is None:
        fix = "give --answers FILE, or let the policy look elsewhere, such as `reference: metadata.KEY`"
        raise InputError(Problem("the policy's check reads a file of answers, and none is given", fix=fix))
    if answers is not None and not reads and not isinstance(check, PythonCheck):
        fix = "write `reference: answers.COLUMN` in the rubric's adjudication.verify, or leave --answers out"
        raise InputError(Problem("the policy has no check that reads answers", path=answers, fix=fix))


def _consumer(policy: AdjudicationPolicy, name: str) -> Consumer:
    names = [consumer.name for consumer in policy.consumers]
    if name in names:
        return policy.consumers[names.index(name)]
    near = nearest(name, names)
    listed = ", ".join(shorten(one) for one in names) or "none: add it under adjudication.consumers"
    fix = f"did you mean {shorten(near)!r}?" if near else f"consumers of the policy: {listed}"
    raise InputError(Problem("the policy names no such consumer", key="consumer", value=shorten(name), fix=fix))


def error_rule(ground: ErrorGround | None, humans: HumanLabels) -> tuple[ErrorRule, list[str]]:
    """Whose votes may be errors, and notes on those whom the file does not know."""
    if ground is None:
        return ErrorRule(), []
    flagged, suspected = _flagged(ground.flags, humans) if ground.flags else ({}, {})
    flagged.update(ground.reviewers)
    known = _names(humans)
    absent = [shorten(name) for name in ground.reviewers if name not in known]
    notes = [f"reviewers whom the policy names and the file does not: {', '.join(absent)}"] if absent else []
    erring = {name: why for name, why in sorted(flagged.items()) if name in known}
    to_ask = {name: why for name, why in sorted(suspected.items()) if name not in erring}
    if to_ask:
        notes.append(_READINGS)
    return ErrorRule(erring, ground.others, to_ask), notes


def _flagged(flags: Sequence[ReviewerFlag], humans: HumanLabels) -> tuple[dict[str, str], dict[str, str]]:
    """(reviewer to why) of those who fail known answers, and of those who only differ from others."""
    from panel_eval.evaluation.label_quality import label_quality

    quality = label_quality(humans, resamples=_RESAMPLES)
    suspected = dict.fromkeys(quality.reviewers.deviating if "deviates" in flags else (), _DEVIATES)
    found: dict[str, str] = {}
    if "fails_gold" in flags:
        rates = {one.reviewer: one.gold for one in quality.reviewers.reviewers}
        for name in quality.gold.failing:
            rate = rates.get(name)
            amount = "" if rate is None else f", {rate.passed} of {rate.n} passed"
            found[name] = f"fails gold items{amount}"
    return found, suspected


def _names(humans: HumanLabels) -> set[str]:
    rows = rows_naming(humans.records, "rationales").tolist()
    return {rationale.reviewer for row in rows for rationale in humans.records[row].rationales}


def quadrants_of(humans: HumanLabels, rows: IntArray) -> dict[int, HumanQuadrant]:
    """Row to where the reviewers' confidence places a split item; nothing where nobody states any.

    Args:
        humans: all items, since confidence is judged against that of the others.
        rows: the items asked about.
    """
    keys = ("confidence", "rationales")
    if not rows.size or not any(rows_naming(humans.records, key).size for key in keys):
        return {}
    from panel_eval.evaluation.diagnosis import human_quadrants

    quadrant = human_quadrants(humans, resamples=_RESAMPLES)[1].quadrant
    return {row: HUMAN_QUADRANTS[quadrant[row]] for row in rows.tolist()}
