"""What people hand to `panel-eval adjudicate` beside the labels: reference answers, decisions on single items."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from panel_eval.schema.base import FileModel

Name = Annotated[str, Field(min_length=1)]


class AnswerRow(FileModel):
    """One item's row in a file of answers: its id, and any columns that the policy's check reads."""

    model_config = ConfigDict(extra="allow")

    item_id: str = Field(min_length=1, description="The item's identifier, as in the label file.")


class AdjudicationDecision(FileModel):
    """What one person decided about one item, and why."""

    item_id: str = Field(min_length=1, description="The item's identifier, as in the label file.")
    label: str | None = Field(
        default=None,
        description="The label; null keeps the distribution, or, where `erred` is given, takes the label that all "
        "others chose.",
    )
    reason: str = Field(min_length=1, pattern=r"\S", description="Why; becomes part of the adjudication_reason.")
    by: str = Field(min_length=1, pattern=r"\S", description="Who decided.")
    erred: list[Name] = Field(
        default_factory=list,
        description="Reviewers of the item whose votes are errors, such as a misread prompt; null = none. The "
        "disagreement is an error if all others agree.",
    )
