"""What is suspicious in valid human labels: the document of `panel-eval validate --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel

WarningCode = Literal[
    "same_content",
    "similar_content",
    "contradicting_duplicates",
    "shared_text",
    "label_unused",
    "label_rare",
    "label_dominates",
    "few_items",
    "similar_names",
    "one_label",
    "straight_lining",
    "pattern",
    "too_fast",
    "single_reviewer",
    "no_content",
]


class WarningExample(FileModel):
    """One case behind a warning, the worst first."""

    line: int | None = Field(description="Line of the first item; null where no line is meant.")
    item_ids: list[str] = Field(description="Items concerned; of many, the first.")
    reviewer: str | None = Field(description="Reviewer concerned; null where none is.")
    text: str = Field(description="What is odd, with its numbers.")


class LabelWarning(FileModel):
    """One kind of thing to look at: no error, the labels stay valid."""

    code: WarningCode
    text: str = Field(description="What was found, with its numbers.")
    advice: str = Field(description="What to do about it.")
    count: int = Field(ge=1, description="Cases of it: groups of items, items, labels or reviewers.")
    examples: list[WarningExample] = Field(description="The worst cases; `count` says how many there are.")


class LabelWarnings(FileModel):
    """All warnings about a file of soft labels, by the rules in docs/validate.md."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    items: int = Field(ge=0)
    items_read: int = Field(ge=0, description="Items whose texts and reviewers were looked at.")
    reviewers: int | None = Field(description="Different reviewers named; null where none are.")
    warnings: list[LabelWarning]
    not_checked: list[str] = Field(description="What could not be looked for, and why.")
    settings: dict[str, str | int | float | None] = Field(description="Seed and limits.")
