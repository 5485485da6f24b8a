"""Change of reviewers over time: a part of the document `reviewer-report`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

DriftName = Literal["agreement", "severity", "gold", "pace"]
"""agreement: agreement less what is expected; severity: steps above the others; gold: passed; pace: seconds."""


class DriftPart(FileModel):
    """Some neighbouring votes of a reviewer's sequence."""

    start: str = Field(description="When the first of them was given, UTC.")
    n: int = Field(ge=1, description="Votes.")
    mean: float = Field(description="Of the score; of `pace` the geometric mean of seconds.")


class ChangePoint(FileModel):
    """Where a score changed, if it changed once. Before and after are the two most uneven parts: too far apart."""

    at: str = Field(description="When the first vote after the change was given.")
    earliest: str = Field(description="First end of the 95 % range of that time.")
    latest: str = Field(description="Last end.")
    votes_before: int = Field(ge=1)
    before: float
    after: float


class DriftMeasure(FileModel):
    """One score of one reviewer over the reviewer's own sequence."""

    n: int = Field(ge=0, description="Votes with a time and a score.")
    p_value: float | None = Field(
        description="Of a permutation test that their order does not matter; null = not tested."
    )
    p_adjusted: float | None = Field(description="Adjusted over reviewers, and over the measures of quality.")
    changed: bool = Field(description="p_adjusted is at most the level.")
    first_half: float | None = Field(description="Mean score.")
    second_half: float | None
    effect: Estimate = Field(
        description="second half - first half, of agreement and severity; difference of shares passed; of `pace` "
        "second half / first half."
    )
    change: ChangePoint | None = Field(description="null unless `changed`.")
    parts: list[DriftPart] = Field(description="Up to ten parts of the sequence, for a line.")


class ReviewerDrift(FileModel):
    """One reviewer over time."""

    reviewer: str
    timed: int = Field(ge=0, description="Votes with a readable time.")
    measures: dict[DriftName, DriftMeasure] = Field(description="Those with a score.")


class DriftSection(FileModel):
    """Whether reviewers change over their own sequence of labels."""

    timed: int = Field(ge=0, description="Votes with a readable time.")
    untimed: int = Field(ge=0)
    tested: int = Field(ge=0, description="Scores tested.")
    level: float = Field(description="At or below which an adjusted p-value is a change.")
    fewest: int = Field(ge=0, description="Fewer independent items are not tested.")
    adjustment: str
    reviewers: list[ReviewerDrift] = Field(description="Sorted by name; those that the reviewers' section lists.")
    note: str | None = Field(description="Why there is nothing, or what it rests on.")
