"""What is known of the reviewers of a label file, and the table of votes to send back to them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panel_eval.api.item_sheet import cell_text
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels
from panel_eval.schema import Scale

if TYPE_CHECKING:
    from panel_eval.schema.reviewer_report import ReviewerReport, VoteToReview

_COLUMNS: Final = (
    "item_id", "reviewer", "label", "others", "gold_label", "chance_of_error", "influence", "score", "reason",
    "reason_codes", "at", "confidence", "evidence",
)  # fmt: skip


def reviewer_report(
    labels: str | Path | HumanLabels,
    *,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    reviewer: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> ReviewerReport:
    """Agreement, severity, gold items, confusion and drift of every named reviewer, and votes to look at again.

    Args:
        labels: a label file (JSONL) whose rationales name the reviewers, or labels in memory.
        rubric: what a label file is checked against: a rubric file or the name of a shipped one.
        scale: of a label file's labels, where there is no rubric.
        reviewer: tell of this one only; everything is still computed for all.
        seed: seeds resamples, permutations and posterior draws.
        resamples: draws behind intervals over items, and random orders behind p-values of change.

    Raises:
        InputError: the labels cannot be read, or nobody has that name.
    """
    from panel_eval.evaluation.reviewing import reviewer_report as computed

    if isinstance(labels, HumanLabels):
        humans = labels
    else:
        humans = load_soft_labels(labels, None if rubric is None else load_rubric(rubric), scale=scale)
    return computed(humans, reviewer=reviewer, seed=seed, resamples=resamples)


def review_votes_csv(report: ReviewerReport) -> str:
    """The votes to look at again as CSV, in the order of the report: one line a vote.

    Every text that a spreadsheet would take for a formula has an apostrophe before it; an empty field is not known.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    lines.writerows([_cell(value) for value in _row(vote)] for vote in report.review.votes)
    return text.getvalue()


def _row(vote: VoteToReview) -> tuple[str | float | None, ...]:
    return (
        vote.item_id,
        vote.reviewer,
        vote.label,
        ", ".join(f"{label} {n}" for label, n in vote.others.items()),
        vote.gold_label,
        round(vote.chance_of_error, 4),
        round(vote.influence, 4),
        round(vote.score, 4),
        "; ".join(vote.reasons),
        " ".join(vote.reason_codes),
        vote.at,
        vote.confidence,
        vote.evidence,
    )


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    return cell_text(value) if isinstance(value, str) else value
