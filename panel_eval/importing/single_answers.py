"""The single answers of a label file: what the writers of other tools' formats hand on."""

from __future__ import annotations

from panel_eval.humans import votes_from_mass
from panel_eval.importing.entries import Annotation
from panel_eval.importing.format import Handover
from panel_eval.schema import ReviewerConfidence, SoftLabel


def single_answers(record: SoftLabel) -> list[Annotation]:
    """Each vote of an item: those of named reviewers with all that is known, then the labels of the others.

    Empty where not all votes are known one by one: only shares, say, that make no whole votes.
    """
    if not one_by_one(record):
        return []
    votes = _votes(record)
    stated = _confidences(record)
    answers = [
        Annotation(
            record.item_id,
            r.reviewer,
            r.label,
            confidence=stated.get(r.reviewer, r.confidence),
            evidence=r.evidence,
            criterion=r.criterion,
            seconds=r.seconds,
            at=r.at,
        )
        for r in record.rationales
    ]
    left = dict(votes or {})
    for rationale in record.rationales:
        left[rationale.label] = left.get(rationale.label, 0) - 1
    for label, count in left.items():
        answers += [Annotation(record.item_id, None, label)] * max(count, 0)
    return answers


def one_by_one(record: SoftLabel) -> bool:
    """Whether all votes of an item are known one by one."""
    return (
        record.counts is not None or record.reviewer_count == len(record.rationales) or _votes(record) is not None
    )


def unplaced_confidences(record: SoftLabel) -> int:
    """How many stated confidences no single answer carries."""
    stated = _confidences(record)
    return len(record.confidence or ()) - sum(r.reviewer in stated for r in record.rationales)


def _votes(record: SoftLabel) -> dict[str, int] | None:
    """People by label: the counts, or whole shares of the reviewers; None where they are not whole."""
    if record.counts is not None:
        return record.counts
    votes = votes_from_mass(record)
    return votes if votes is not None and sum(votes.values()) == record.reviewer_count else None


def _confidences(record: SoftLabel) -> dict[str, float]:
    """Reviewer to stated confidence; plain numbers are in the order of the reviewers, if all of them are named."""
    stated = record.confidence or []
    named = {c.reviewer: c.value for c in stated if isinstance(c, ReviewerConfidence)}
    if named or len(stated) != len(record.rationales):
        return named
    return {r.reviewer: c for r, c in zip(record.rationales, stated, strict=True) if isinstance(c, float)}


def content_fields(labels: Handover) -> list[str]:
    """The names of all text fields, in the order in which they are met."""
    names: dict[str, None] = {}
    for record in labels.records():
        names.update(dict.fromkeys(record.content or ()))
    return list(names)
