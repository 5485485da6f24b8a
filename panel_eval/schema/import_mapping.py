"""How a foreign file is read: which of its fields is what, and what its labels are called here."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.rubric import Scale

FieldRole = Literal[
    "item", "reviewer", "label", "confidence", "evidence", "criterion", "seconds", "at", "cluster", "gold", "split",
    "judge", "sample", "distribution", "counts", "reviewer_count", "outcome", "rationale",
]  # fmt: skip
FIELD_ROLES: tuple[str, ...] = get_args(FieldRole)


class ImportMapping(FileModel):
    """What an import cannot know by itself. Everything is optional; a format has its own defaults."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    task: str | None = Field(default=None, min_length=1, description="Name of the task; default: the rubric's.")
    scale: Scale | None = Field(default=None, description="Scale of the labels where no rubric says it.")
    fields: dict[FieldRole, str] = Field(
        default_factory=dict,
        description="What a field is to its name (a column, a key, or a dotted path of keys) in the source.",
    )
    content: list[str] = Field(
        default_factory=list, description="Fields of the source that judges are to see, kept under these names."
    )
    labels: dict[str, str | None] = Field(
        default_factory=dict, description="Label in the source to the label here; null = counts as no answer."
    )
    label_order: list[str] = Field(
        default_factory=list, description="All labels, in scale order if ordinal, where no rubric names them."
    )
    reviewers: dict[str, str] = Field(
        default_factory=dict, description="Reviewer in the source to the name here; others keep theirs."
    )
    judges: list[str] = Field(
        default_factory=list, description="Annotators of the source that are judges: their answers become votes."
    )
    confidence_range: list[float] = Field(
        default=[0.0, 1.0],
        min_length=2,
        max_length=2,
        description="Lowest and highest confidence of the source; made 0 and 1.",
    )

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        low, high = self.confidence_range
        if not low < high:
            raise ValueError(f"confidence_range must rise; found {low:g} to {high:g}")
        for field, names in (("labels", self.labels.values()), ("reviewers", self.reviewers.values())):
            if any(name is not None and not name.strip() for name in names):
                raise ValueError(f"{field} must not rename to a blank text (null counts a label as no answer)")
        if not all(name.strip() for name in self.label_order):
            raise ValueError("label_order has a blank label")
        if len(set(self.label_order)) != len(self.label_order):
            raise ValueError(f"label_order names a label twice: {self.label_order}")
        return self
