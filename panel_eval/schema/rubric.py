"""The rubric contract: what is asked, which labels exist, in which order, and what each means."""

from __future__ import annotations

import itertools
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from panel_eval.schema.adjudication_policy import AdjudicationPolicy, located
from panel_eval.schema.base import SCHEMA_VERSION, FileModel

Scale = Literal["nominal", "ordinal"]
NOT_ASKED: Final = frozenset({"adjudication"})
"""Fields that neither reviewers nor judges see: a change to them makes no vote another one."""


class Label(FileModel):
    """One label of the rubric with its meaning."""

    name: str = Field(min_length=1, description="The label as it stands in label files.")
    definition: str = Field(min_length=1, description="What the label means, in one or two sentences.")
    anchors: list[str] = Field(default_factory=list, description="Typical cases that earn this label.")
    value: float | None = Field(
        default=None, description="Ordinal scales: severity used for distances. Default: position 0, 1, 2 …"
    )


class Criterion(FileModel):
    """One aspect to weigh, with a description of what it looks like at each label."""

    name: str = Field(min_length=1, description="Short name of the aspect.")
    description: str = Field(min_length=1, description="What to look at.")
    anchors: dict[str, str] = Field(default_factory=dict, description="Label to what the aspect looks like there.")


class Example(FileModel):
    """A worked example that may be shown to judges."""

    content: dict[str, str] = Field(description="The example's text fields.")
    label: str = Field(description="Its label.")
    rationale: str | None = Field(default=None, description="Why.")


class Rubric(FileModel):
    """Task, label set (nominal, or ordinal in scale order), definitions, criteria and examples."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    task: str = Field(min_length=1, description="Name of the task; label files name the same.")
    version: str = Field(default="1", description="Version of the rubric's wording.")
    description: str = Field(min_length=1, description="The question, as put to reviewers and judges.")
    scale: Scale = Field(default="nominal", description="Ordinal: labels are in scale order, low to high.")
    labels: list[Label] = Field(min_length=2, description="The label set, in scale order if ordinal.")
    criteria: list[Criterion] = Field(default_factory=list, description="Aspects to weigh.")
    fields: list[str] = Field(default_factory=list, description="Content fields shown to judges; empty = all.")
    abstain: Literal["allowed", "forbidden"] = Field(
        default="forbidden", description="Whether a judge may decline to choose a label."
    )
    verifiable: bool = Field(default=False, description="Whether items have an answer that a check can prove.")
    examples: list[Example] = Field(default_factory=list, description="Worked examples shown to judges.")
    adjudication: AdjudicationPolicy | None = Field(
        default=None, description="When items get a single label, and who or what chooses it."
    )

    @property
    def label_names(self) -> tuple[str, ...]:
        """Label names in the rubric's order, the order of every array's label axis."""
        return tuple(label.name for label in self.labels)

    @property
    def label_values(self) -> tuple[float, ...]:
        """Severity of each label, for distances on ordinal scales; positions 0, 1, 2 … by default."""
        return tuple(
            float(position) if label.value is None else label.value for position, label in enumerate(self.labels)
        )

    @model_validator(mode="after")
    def _labels_fit_together(self) -> Self:
        names = self.label_names
        if len(set(names)) != len(names):
            raise ValueError(f"label names must be unique; found {list(names)}")
        values = self.label_values
        if self.scale == "ordinal" and any(b <= a for a, b in itertools.pairwise(values)):
            raise ValueError(f"values of an ordinal scale must rise in label order; found {list(values)}")
        named = {label for criterion in self.criteria for label in criterion.anchors}
        named |= {example.label for example in self.examples}
        if unknown := sorted(named - set(names)):
            raise ValueError(f"criteria and examples name labels that the rubric lacks: {unknown}")
        return self

    @model_validator(mode="after")
    def _adjudication_fits(self) -> Self:
        policy = self.adjudication
        if policy is None:
            return self
        if policy.verify is not None and not self.verifiable:
            fix = "write `verifiable: true` if items have one provable answer, else leave the check out"
            what = "checks answers, but the rubric does not say that its items are verifiable"
            raise located([(("adjudication", "verify"), what, fix, None)])
        fix = f"labels: {', '.join(self.label_names)}"
        if unknown := list(policy.unknown_labels(self.label_names)):
            raise located(
                [(("adjudication", *place), "is not a label of the rubric", fix, label) for place, label in unknown]
            )
        return self
