"""What adjudicating a label file did, item by item where it matters: the document `adjudication-report`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel

Ground = Literal["verified", "error", "consumer", "request"]
"""Why an item got one label: a check proves it, reviewers erred, a consumer needs it, somebody asked for it."""
OpenCode = Literal[
    "honest_disagreement", "suspected_error", "no_label_by_rule", "check_failed", "check_cannot_tell",
    "check_contradicted", "label_kept",
]  # fmt: skip


class AdjudicatedNow(FileModel):
    """One item that got a label, or another one."""

    item_id: str
    label: str
    ground: Ground
    reason: str = Field(description="As it stands in the file.")
    votes: dict[str, float] = Field(description="Label to votes, labels without votes left out.")
    by: str | None = Field(description="Who decided, where a person did.")
    forced: bool = Field(description="Whether an honest disagreement, or a check, was overruled.")
    label_before: str | None = Field(description="The label that it replaces.")
    reason_before: str | None = Field(description="The reason that it replaces.")


class OpenItem(FileModel):
    """One item that might have got a label and did not."""

    item_id: str
    code: OpenCode
    text: str = Field(description="Why, in a few words.")
    votes: dict[str, float]


class FlaggedReviewer(FileModel):
    """A reviewer to whom disagreements may be put down."""

    reviewer: str
    why: str
    suspected: bool = Field(
        description="That is no evidence of an error: disagreements are listed as suspected_error only."
    )


class CheckCounts(FileModel):
    """How the check of the policy fared; null in the report where there is none."""

    check: str = Field(description="exact, numeric or python.")
    items: int = Field(ge=0, description="Items that it saw.")
    labelled: int = Field(ge=0)
    cannot_tell: int = Field(ge=0)
    failed: int = Field(ge=0, description="It crashed, took too long or answered nonsense.")


class AdjudicationReport(FileModel):
    """What was decided, on which grounds, what was left, and what the labels say no longer."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    rubric_version: str
    labels_name: str = Field(description="The label file.")
    labels_sha256: str
    written_sha256: str = Field(description="Of the adjudicated file, written or (dry run) not.")
    dry_run: bool
    items: int = Field(ge=0)
    disagreeing: int = Field(ge=0, description="Items on which not all reviewers chose one label.")
    adjudicated: int = Field(ge=0, description="Items that got a label now.")
    by_ground: dict[Ground, int]
    forced: int = Field(ge=0, description="Of these, honest disagreements or checks overruled by force.")
    replaced: int = Field(ge=0, description="Of these, items that had another label.")
    had_label: int = Field(ge=0, description="Items that came with a label and keep it.")
    kept_soft: int = Field(ge=0, description="Honest disagreements that stay distributions.")
    reasons_written: int = Field(ge=0, description="Of items without a label, those that now say why.")
    open_counts: dict[OpenCode, int] = Field(
        description="Items that might have got a label, by what is in the way."
    )
    against_mode: int = Field(ge=0, description="Adjudicated items whose label is none of the most frequent ones.")
    votes: float = Field(ge=0, description="Votes on the adjudicated items.")
    votes_contradicted: float = Field(ge=0, description="Of these, votes for another label.")
    bits_lost: float | None = Field(
        description="Mean entropy of the votes of the adjudicated items: what the label alone does not say; null "
        "where there are none."
    )
    check: CheckCounts | None
    flagged: list[FlaggedReviewer]
    adjudicated_items: list[AdjudicatedNow] = Field(description="Forced ones first; at most 1,000.")
    open_items: list[OpenItem] = Field(description="At most 1,000.")
    settings: dict[str, str | bool | None] = Field(description="Consumer, force, what was replaced.")
    notes: list[str] = Field(description="What a reader of the numbers must know.")
