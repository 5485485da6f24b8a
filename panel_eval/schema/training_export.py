"""What an export of soft-label training files holds: `export.json`, beside the files themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.rubric import Scale

TrainingFormat = Literal["soft-label", "classification", "reward", "safety"]
"""Column shapes: everything known of each item, or what one kind of trainer takes."""
TargetSource = Literal["humans", "panel", "both"]
"""Whose distributions are written: people's on labelled items, the panel's on unlabelled ones, or both."""
HumanTarget = Literal["shares", "posterior"]
"""What a soft target of people is: the shares of their votes, or with half a vote more for each label."""


class ExportedColumn(FileModel):
    """One column of the files of a format."""

    name: str
    type: str = Field(description="Its Parquet type.")
    meaning: str


class ExportedFile(FileModel):
    """One file of training rows."""

    path: str = Field(description="From the folder.")
    format: TrainingFormat
    split: str
    human_rows: int = Field(ge=0)
    panel_rows: int = Field(ge=0)
    sha256: str


class PanelTargets(FileModel):
    """Where the targets of unlabelled items come from, and how good such targets are."""

    pooling: Literal["linear", "fitted"] = Field(description="How the judges' votes were joined.")
    method: str | None = Field(default=None, description="Of a fitted pool.")
    n_fitted: int | None = Field(default=None, description="Labelled items that a fitted pool learned from.")
    fitted_sha256: str | None = Field(default=None, description="Hash of the file of a fitted pool.")
    n_eq: Estimate = Field(
        description="Reviewers that the panel is worth on labelled items; of a fitted pool, out of fold."
    )


class TrainingExport(FileModel):
    """The whole of `export.json`. Same run, same options, same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    made_by: Literal["panel-eval export"] = "panel-eval export"
    run_id: str
    task: str
    labels: list[str] = Field(
        description="The order of every list of probabilities, and the numbers of hard labels."
    )
    scale: Scale
    target: TargetSource
    human_target: HumanTarget
    human_items: int = Field(ge=0)
    panel_items: int = Field(ge=0)
    panel: PanelTargets | None = Field(description="null where no panel targets were written.")
    splits: Literal["none", "given", "random"] = Field(
        description="One split for all, those of the items, or drawn by cluster."
    )
    split_shares: dict[str, float] = Field(description="Of random splits.")
    seed: int = Field(description="Of random splits.")
    left_out: dict[str, int] = Field(description="Why items were left out, and how many.")
    columns: dict[TrainingFormat, list[ExportedColumn]]
    files: list[ExportedFile]
    hashes: dict[str, str] = Field(description="sha256 of what the run was made from, as in its run.json.")
    warnings: list[str]
