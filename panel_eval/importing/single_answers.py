"""The single answers of a label file: what the writers of other tools' formats hand on."""

from __future__ import annotations

from panel_eval.importing.entries import Annotation
from panel_eval.importing.format import Handover
from panel_eval.schema import ReviewerConfidence, SoftLabel


def single_answers(record: SoftLabel) -> list[Annotation]:
    """Each vote of an item: those of named reviewers with all that is known, then the labels of the others.

    Empty where only shares are known.
    """
    stated = {c.reviewer: c.value for c in record.confidence or () if isinstance(c, ReviewerConfidence)}
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
    left = dict(record.counts or {})
    for rationale in record.rationales:
        left[rationale.label] = left.get(rationale.label, 0) - 1
    for label, count in left.items():
        answers += [Annotation(record.item_id, None, label)] * max(count, 0)
    return answers


def content_fields(labels: Handover) -> list[str]:
    """The names of all text fields, in the order in which they are met."""
    names: dict[str, None] = {}
    for record in labels.records():
        names.update(dict.fromkeys(record.content or ()))
    return list(names)
