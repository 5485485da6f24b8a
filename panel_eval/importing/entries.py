"""What importers find in a source, one entry at a time. Labels are as the source has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from panel_eval.schema import Scale, Vote


class Annotation(NamedTuple):
    """One person's answer to one item.

    Attributes:
        item_id: of the item.
        reviewer: the person's name; None where the source does not tell who.
        label: as the source has it: text, a number, True or False; None where there is no answer.
        line: where it stands, from 1; None where that says nothing.
        confidence: as the source has it, on the scale of the mapping's `confidence_range`.
        evidence: the reason given.
        criterion: the rubric's criterion that decided.
        seconds: how long it took.
        at: when: an ISO 8601 text, or seconds since 1970.
    """

    item_id: str
    reviewer: str | None
    label: object
    line: int | None = None
    confidence: object = None
    evidence: str | None = None
    criterion: str | None = None
    seconds: object = None
    at: object = None


@dataclass(frozen=True)
class Item:
    """What the source tells of an item beside its votes. Several entries on one item add up.

    Attributes:
        item_id: of the item.
        content: text fields that judges see.
        cluster, split: see the soft-label contract.
        gold_label: as the source has it.
        adjudicated_label: a single label that somebody settled on, as the source has it.
        adjudication_reason: why.
        metadata: anything else worth keeping; JSON values.
        line: where it stands.
    """

    item_id: str
    content: Mapping[str, str] = field(default_factory=dict)
    cluster: str | None = None
    gold_label: object = None
    split: str | None = None
    adjudicated_label: object = None
    adjudication_reason: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True)
class Tally:
    """What several people answered to one item, where the source does not have their single answers.

    Attributes:
        item_id: of the item.
        counts: label as the source has it to people; None where only shares are known.
        shares: label as the source has it to share of `reviewers`; given where `counts` is None.
        reviewers: how many people the shares stand for.
        line: where it stands.
    """

    item_id: str
    counts: Mapping[Any, int] | None = None
    shares: Mapping[Any, float] | None = None
    reviewers: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class JudgeVote:
    """One answer of a judge; `vote.label` and the keys of `vote.distribution` are as the source has them.

    Attributes:
        vote: the vote.
        line: where it stands.
        cut: the model stopped at a token limit, so a label that the task does not have is the start of an answer.
    """

    vote: Vote
    line: int | None = None
    cut: bool = False


@dataclass(frozen=True)
class LabelSet:
    """The labels of the source, where it names them: in order, and the scale if it is known."""

    names: Sequence[str]
    scale: Scale | None = None


@dataclass(frozen=True)
class Dropped:
    """Something of the source that is left out.

    Attributes:
        reason: a code, such as `cancelled`.
        text: the reason in words, the same for all of a kind.
        line: where it stands.
        item: the item's id, where it is known.
        value: what stood there.
        answers: how many people's answers are lost with it.
    """

    reason: str
    text: str
    line: int | None = None
    item: str | None = None
    value: object = None
    answers: int = 0


@dataclass(frozen=True)
class Note:
    """What a user of the import must know, said once."""

    text: str


Entry = Annotation | Item | Tally | JudgeVote | LabelSet | Dropped | Note
