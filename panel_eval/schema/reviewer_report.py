"""What is known of the people who labelled, one by one: the document `reviewer-report`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.label_review import GoldItems
from panel_eval.schema.reviewer_confusion import ConfusionSection
from panel_eval.schema.reviewer_drift import DriftSection
from panel_eval.schema.reviewer_quality import Reviewers
from panel_eval.schema.rubric import Scale

ConcernCode = Literal["fails_gold", "agrees_too_little", "got_worse", "gold_unclear", "stands_off", "changed"]
"""From the gravest on."""
VoteReason = Literal["missed_gold", "after_change", "doubtful_reviewer", "unsupported_vote", "unlikely_vote"]


class Concern(FileModel):
    """One thing to look into with a reviewer."""

    code: ConcernCode
    text: str = Field(description="In words, with its numbers.")


class ReviewerStanding(FileModel):
    """One reviewer at a glance."""

    reviewer: str
    concerns: list[Concern] = Field(
        description="The gravest first; none = nothing stands out, not that all is well."
    )
    votes: int = Field(ge=0)
    votes_to_review: int = Field(ge=0)
    first_at: str | None = Field(description="Of the votes with a time, UTC.")
    last_at: str | None
    median_seconds: float | None = Field(description="null where no lead times are stated.")
    n_seconds: int = Field(ge=0)
    longest_run: int | None = Field(
        description="Most votes in a row for one label, in order of time; null without."
    )
    longest_run_label: str | None


class VoteToReview(FileModel):
    """One vote to look at again."""

    item_id: str
    reviewer: str
    label: str
    others: dict[str, int] = Field(description="Label to how many other reviewers of the item chose it.")
    gold_label: str | None
    chance_of_error: float = Field(
        ge=0, le=1, description="By the model in the docs; for ordering, not for judging."
    )
    influence: float = Field(ge=0, le=1, description="How far the item's shares move without the vote.")
    score: float = Field(ge=0, le=1, description="chance_of_error × influence.")
    reasons: list[str] = Field(min_length=1, description="In words.")
    reason_codes: list[VoteReason] = Field(min_length=1, description="In the order of `reasons`.")
    at: str | None
    confidence: float | None
    evidence: str | None


class VoteReview(FileModel):
    """Votes to send back, reviewer by reviewer."""

    flagged: int = Field(ge=0)
    share: float | None = Field(description="Of all votes with a name; null where there is none.")
    by_reason: dict[VoteReason, int]
    reason_texts: dict[VoteReason, str]
    votes: list[VoteToReview] = Field(
        description="Reviewers in the order of `standings`, within each the highest score first; at most 10,000, "
        "those with the highest scores."
    )
    note: str | None


class ReviewerReport(FileModel):
    """Agreement, severity, gold items, confusion and drift of every reviewer, and whom to ask about which votes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    scale: Scale
    items: int = Field(ge=0)
    answer: list[str] = Field(description="What stands out, in sentences.")
    standings: list[ReviewerStanding] = Field(description="Gravest concerns first; all named reviewers.")
    reviewers: Reviewers
    gold: GoldItems
    confusion: ConfusionSection
    drift: DriftSection
    review: VoteReview
    settings: dict[str, int | float | str]
    notes: list[str]
