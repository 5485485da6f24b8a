"""Which items of a label file should get how many more reviewers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from panel_eval.api.folders import replace_file
from panel_eval.api.item_sheet import cell_text
from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels
from panel_eval.schema import Scale

if TYPE_CHECKING:
    from panel_eval.schema.review_plan import PlannedReviews, ReviewAim, ReviewPlan

_COLUMNS = (
    "item_id", "reviews", "reviewers_so_far", "votes", "disagreement_class", "gain_bits", "first_review_bits",
    "last_review_bits", "unknown_now_bits", "unknown_after_bits", "suggested", "could_review", "n_could_review",
    "new_reviewers_needed", "votes_without_name",
)  # fmt: skip


def allocate_reviews(
    labels: HumanLabels | str | Path,
    budget: int,
    *,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    aim: ReviewAim = "distribution",
    most: int = 5,
    cost: float | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> ReviewPlan:
    """Which items should get how many more reviewers, so that a budget of reviews tells most.

    Args:
        labels: human soft labels, or their file (JSONL).
        budget: reviews that may be spent.
        rubric: of a file: a rubric file, or the name of a shipped one.
        scale: of a file's labels where there is no rubric; default nominal.
        aim: "distribution": what everyone who could be asked would say; "class": the disagreement class of that.
        most: further reviewers an item at most, up to 20.
        cost: of one review, in any money.
        seed: of draws and resamples.
        resamples: draws behind intervals.

    Raises:
        InputError: the file breaks its contract, there are no items, or a number is out of its range.
    """
    from panel_eval.evaluation.allocation import plan_reviews

    if isinstance(labels, HumanLabels):
        humans = labels
    else:
        humans = load_soft_labels(labels, None if rubric is None else load_rubric(rubric), scale=scale)
    return plan_reviews(humans, budget, aim=aim, most=most, cost=cost, seed=seed, resamples=resamples)


def write_plan_csv(plan: ReviewPlan, path: str | Path) -> Path:
    """Write one line for each item that gets reviewers, in the order of the plan.

    What a spreadsheet would take for a formula has an apostrophe before it; an empty field is not known. UTF-8 with
    a byte-order mark, as spreadsheets expect it.

    Raises:
        InputError: the file cannot be written, or is one of a run's own.
    """
    target = Path(path)
    try:
        replace_file(target, lambda file: _write(plan, file))
    except OSError as error:
        raise InputError(Problem(f"the plan cannot be written: {error.strerror}", path=target)) from None
    return target


def _write(plan: ReviewPlan, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    lines.writerows(_row(item) for item in plan.items)
    text.flush()
    text.detach()


def _row(item: PlannedReviews) -> list[str | int | float | None]:
    votes = "; ".join(f"{label}: {n:g}" for label, n in item.votes.items() if n > 0)
    return [
        cell_text(item.item_id), item.reviews, item.reviewers_so_far, cell_text(votes), item.disagreement_class,
        item.gain_bits, item.steps_bits[0], item.steps_bits[-1], item.unknown_now_bits, item.unknown_after_bits,
        cell_text("; ".join(item.suggested or ())), cell_text("; ".join(item.could_review or ())),
        item.n_could_review, item.new_reviewers_needed, item.votes_without_name,
    ]  # fmt: skip
