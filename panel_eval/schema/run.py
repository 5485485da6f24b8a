"""The run manifest: `run.json`, what was asked of whom, with which settings, and how far it got."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.panel import Panel
from panel_eval.schema.rubric import Rubric

RunState = Literal["running", "partial", "sealed"]


class JudgeManifest(FileModel):
    """One judge as it was really asked."""

    id: str
    instrument: dict[str, Any] = Field(description="Everything that makes this judge the instrument it is.")
    instrument_hash: str
    price: dict[str, float] | None = Field(default=None, description="USD per token; null = unknown.")


class RunManifest(FileModel):
    """The whole of `run.json`. Only `started_at` and `finished_at` differ between equal runs."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    state: RunState
    kind: Literal["run", "score", "demo"] = "run"
    started_at: str
    finished_at: str | None = None
    panel: Panel | None = Field(default=None, description="The resolved panel; null for votes made elsewhere.")
    rubric: Rubric | None = Field(default=None, description="null for scores made without a rubric.")
    judges: list[JudgeManifest] = Field(default_factory=list)
    hashes: dict[str, str] = Field(description="sha256 of labels, rubric, votes, plan.")
    sources: dict[str, str] = Field(default_factory=dict, description="Names of the input files, without folders.")
    n_items: int
    votes_planned: int
    votes_stored: int
    seed: int
    settings: dict[str, Any] = Field(default_factory=dict, description="Pooling, smoothing, resamples.")
    versions: dict[str, str] = Field(description="panel-eval, Python and the packages that touch the numbers.")
    git_commit: str | None = Field(default=None, description="Commit of the working directory, if any.")
