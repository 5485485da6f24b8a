"""The soft-label contract: one item a line, a distribution over labels from several reviewers.

The fields are those of the soft-label primer (item_id … adjudication_reason) and the extensions `counts`,
`content`, `cluster`, `gold_label`, `split`, `metadata`. This model checks what one line can tell; what needs
the rubric or the other lines (unknown labels, duplicates) is checked where labels are loaded.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel

DisagreementClass = Literal["agreement", "minor", "major", "unresolved"]
UnitInterval = Annotated[float, Field(ge=0.0, le=1.0)]


class ReviewerConfidence(FileModel):
    """How sure one reviewer was of their own answer, as they reported it."""

    reviewer: str = Field(description="The reviewer's name or code.")
    value: UnitInterval = Field(description="Self-reported confidence from 0 (guess) to 1 (certain).")


class Rationale(FileModel):
    """One reviewer's label and the evidence given for it."""

    reviewer: str = Field(description="The reviewer's name or code.")
    label: str = Field(description="The label this reviewer chose.")
    evidence: str | None = Field(default=None, description="What the reviewer saw; null if not given.")
    confidence: UnitInterval | None = Field(default=None, description="Self-reported confidence, 0 to 1.")
    criterion: str | None = Field(
        default=None, description="Extension: the rubric's criterion that decided, as the reviewer named it."
    )
    seconds: Annotated[float, Field(ge=0.0)] | None = Field(
        default=None, description="Extension: how long the reviewer took (lead time)."
    )
    at: str | None = Field(default=None, description="Extension: when the label was given, UTC, ISO 8601.")


class SoftLabel(FileModel):
    """One item labelled by several reviewers: the distribution of their answers and its provenance."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    item_id: str = Field(min_length=1, description="Stable and unique identifier of the item.")
    task: str = Field(min_length=1, description="Name of the task; equals the rubric's `task`.")
    distribution: dict[str, UnitInterval] | None = Field(
        default=None,
        description="Label to probability mass; sums to 1 within 1e-6. Derived from `counts` if absent.",
    )
    reviewer_count: int | None = Field(
        default=None, ge=1, description="Number of independent reviewers. Derived from `counts` if absent."
    )
    entropy_bits: float | None = Field(
        default=None, ge=0.0, description="Shannon entropy of the distribution in bits; checked within 0.005."
    )
    confidence: list[ReviewerConfidence] | list[UnitInterval] | None = Field(
        default=None, description="Self-reported confidence per reviewer, or numbers in reviewer order."
    )
    disagreement_class: DisagreementClass | None = Field(
        default=None,
        description="The class as reported by whoever made the labels; ours is derived beside it.",
    )
    rationales: list[Rationale] = Field(default_factory=list, description="Per-reviewer label and evidence.")
    adjudicated_label: str | None = Field(
        default=None, description="A single label, only where adjudication was applied; needs a reason."
    )
    adjudication_reason: str | None = Field(
        default=None, description="Why the panel was or was not collapsed to one label."
    )
    counts: dict[str, Annotated[int, Field(ge=0)]] | None = Field(
        default=None, description="Extension: number of reviewers per label."
    )
    content: dict[str, str] | None = Field(
        default=None, description="Extension: the text fields that judges see. May come from a second file."
    )
    cluster: str | None = Field(default=None, description="Extension: items that share an origin share this.")
    gold_label: str | None = Field(default=None, description="Extension: a known answer, for gold items.")
    split: str | None = Field(default=None, description="Extension: data split, such as train or test.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Extension: anything else; not interpreted.")


class ItemContent(FileModel):
    """One line of a content file: what judges see of one item, kept apart from its labels."""

    item_id: str = Field(min_length=1, description="The item's identifier, as in the label file.")
    content: dict[str, str] = Field(description="The text fields that judges see.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Anything else; not interpreted.")
