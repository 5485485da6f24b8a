"""The section "Are the labels sound?": agreement, reviewers, gold items, items to look at again, adjudications."""

from __future__ import annotations

from panel_eval.report.part import Part
from panel_eval.report.people.agreement import people_agreement_part
from panel_eval.report.people.gold import gold_part
from panel_eval.report.people.review import adjudication_part, review_part
from panel_eval.report.people.reviewers import reviewers_part
from panel_eval.report.people.soundness import soundness_part
from panel_eval.schema import Metrics

__all__ = ["people_parts"]


def people_parts(metrics: Metrics) -> list[Part]:
    """The questions that these labels have numbers for; none in a run scored before they were asked."""
    quality = metrics.label_quality
    if quality is None:
        return []
    parts = (
        soundness_part(quality),
        people_agreement_part(quality),
        reviewers_part(quality.reviewers),
        gold_part(quality),
        review_part(quality),
        adjudication_part(quality),
    )
    return [part for part in parts if part is not None and part.tells]
