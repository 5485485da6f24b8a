"""Items to look at again: gold items, doubtful votes, adjudications, broken rules. Parts of `label-quality`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.reviewer_quality import PassRate


class GoldMiss(FileModel):
    """A gold item that most reviewers failed: its known answer may be wrong."""

    item_id: str
    gold_label: str
    passed: int = Field(ge=0)
    n: int = Field(ge=0, description="Reviewers of the item.")
    most_chosen: str = Field(description="The reviewers' most frequent label, ties joined by ' / '.")
    chance_gold_is_wrong: float = Field(
        description="Posterior probability that fewer than half of such reviewers would choose the gold label."
    )


class GoldItems(FileModel):
    """Items with a known answer. They are no part of this unless the file has `gold_label`."""

    items: int = Field(ge=0)
    overall: PassRate = Field(description="All votes on gold items; the interval allows for items that differ.")
    threshold: float = Field(description="A reviewer's interval must lie above it.")
    fewest: int = Field(ge=0, description="Gold items with which a reviewer who passes all is above the threshold.")
    flagged: list[str] = Field(description="Reviewers with enough gold items whose interval holds it.")
    failing: list[str] = Field(description="Reviewers whose upper bound is below it.")
    too_few: int = Field(ge=0, description="Named reviewers with some gold items, but too few to tell.")
    missed_items: int = Field(ge=0, description="Gold items that most of their reviewers failed.")
    missed: list[GoldMiss] = Field(description="These items, the gravest 200.")
    note: str | None


class ReviewItem(FileModel):
    """An item to look at again."""

    item_id: str
    score: float = Field(ge=0.0, le=1.0, description="P(error) × influence of its most doubtful statement.")
    chance_of_error: float = Field(ge=0.0, le=1.0, description="Of that statement, by the model in the docs.")
    influence: float = Field(
        ge=0.0, le=1.0, description="How far the item's distribution moves without it (total variation)."
    )
    reasons: list[str] = Field(min_length=1, description="In words.")
    reason_codes: list[str] = Field(description="In the order of `reasons`.")
    reviewer: str | None = Field(description="Whose vote is the most doubtful one, where it is known.")
    label: str | None = Field(description="That vote's label.")
    votes: dict[str, float] = Field(description="Label to votes (shares × reviewers where only these are known).")


class ItemReview(FileModel):
    """Items flagged for re-review."""

    flagged: int = Field(ge=0, description="Items with at least one reason.")
    pressing: int = Field(
        default=0,
        ge=0,
        description="Of these, items with a reason that weighs in the verdict: a doubtful reviewer's vote, or a "
        "gold label, class or adjudication that contradicts the votes. Other reasons come with honest votes too.",
    )
    share: float | None = Field(description="Of all items; null where there is none.")
    by_reason: dict[str, int] = Field(description="Reason code to items; an item may have several.")
    reason_texts: dict[str, str] = Field(description="Reason code to what it means.")
    items: list[ReviewItem] = Field(description="The 200 with the highest scores; items.parquet has all.")
    base_slip_rate: float = Field(description="Slips assumed of a reviewer of whom nothing is known.")
    note: str | None


class AdjudicatedItem(FileModel):
    """An item that was collapsed to one label."""

    item_id: str
    label: str
    reason: str
    votes: dict[str, float] = Field(description="Label to votes.")
    disagreement_class: str = Field(description="Of the votes.")
    share: float = Field(description="Share of the reviewers who chose the adjudicated label.")
    was_split: bool = Field(description="The votes were major or unresolved: an honest disagreement may be lost.")


class ReasonCount(FileModel):
    """How often one reason was given."""

    reason: str
    items: int = Field(ge=1)
    split_items: int = Field(ge=0, description="Of these, items whose votes were split.")


class Adjudication(FileModel):
    """What was decided over the heads of the reviewers."""

    items: int = Field(ge=0)
    split_items: int = Field(ge=0, description="Of these, items of class major or unresolved.")
    against_votes: int = Field(ge=0, description="Adjudicated to a label that was not the most frequent one.")
    chosen_by_nobody: int = Field(ge=0)
    reasons: list[ReasonCount] = Field(description="Reasons of adjudicated items, most frequent first, at most 50.")
    kept_reasons: list[ReasonCount] = Field(
        description="Reasons given for not adjudicating, most frequent first, at most 50."
    )
    examples: list[AdjudicatedItem] = Field(description="Split ones first, at most 200.")
    note: str | None


class Violation(FileModel):
    """A rule of the soft-label contract that a line breaks."""

    line: int | None
    key: str | None
    item: str | None = Field(description="The item's id, where the line tells it.")
    message: str
    fix: str | None
    kind: str = Field(description="The rule, as counted in `by_kind`.")


class Violations(FileModel):
    """Where the file breaks its contract."""

    checked: bool = Field(description="Whether the file itself was looked at: labels made in Python have none.")
    total: int = Field(ge=0)
    lines: int = Field(ge=0, description="Different lines with a problem.")
    items_left_out: int = Field(ge=0, description="Lines that could not be used and are in no number here.")
    by_kind: dict[str, int] = Field(description="Rule to problems.")
    problems: list[Violation] = Field(description="The first 200.")
