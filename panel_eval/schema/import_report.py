"""What an import kept, what it dropped and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.rubric import Scale


class DroppedExample(FileModel):
    """One of the things that were dropped."""

    line: int | None = Field(default=None, description="Line, row or place in the source, from 1; null = unknown.")
    item: str | None = None
    value: str | None = Field(default=None, description="What stood there, shortened.")


class DroppedKind(FileModel):
    """Things dropped for one reason."""

    reason: str = Field(description="A code that stays the same between versions.")
    text: str = Field(description="The reason in words.")
    count: int = Field(ge=1)
    examples: list[DroppedExample] = Field(description="The first five.")


class ImportReport(FileModel):
    """What one import did."""

    schema_version: Literal[1] = SCHEMA_VERSION
    format: str
    source: str = Field(description="Name of the file or folder that was read.")
    task: str
    labels: list[str] = Field(description="In the order of the distributions written.")
    scale: Scale
    items: int = Field(ge=0, description="Items written to the label file.")
    annotations_read: int = Field(ge=0, description="Single answers of people met in the source.")
    annotations_kept: int = Field(ge=0, description="Of these, votes in the label file.")
    tallied: int = Field(ge=0, description="Items of which the source has counts or shares only.")
    votes_in_tallies: int = Field(ge=0, description="People behind these.")
    reviewers: int = Field(ge=0, description="Different names of reviewers among the votes kept.")
    unnamed: int = Field(ge=0, description="Votes kept that have no reviewer's name.")
    judge_votes: int = Field(ge=0, description="Votes of judges written.")
    judges: list[str] = Field(description="Their names.")
    unlabelled_items: int = Field(ge=0, description="Items met on which no person's vote was kept.")
    dropped: list[DroppedKind] = Field(description="Most frequent first.")
    notes: list[str] = Field(description="What a user of the files must know.")
    mapping: ImportMapping
    written: dict[str, str] = Field(description="What was written to its file: labels, votes, items.")
