"""The run manifest: `run.json`, what was asked of whom, with which settings, and how far it got."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.panel import Panel
from panel_eval.schema.probe import Probe
from panel_eval.schema.rubric import Rubric
from panel_eval.schema.session import Session, Spend

RunState = Literal["running", "partial", "sealed"]


class PriceRow(FileModel):
    """What a model's tokens cost, every part of the price written out. US dollars per million tokens."""

    source: str = Field(description="Where the price comes from: the panel file, or which row of which list.")
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    cached_input_usd_per_mtok: float = Field(description="Input tokens served from the provider's cache.")
    cache_write_usd_per_mtok: float = Field(description="Input tokens written to the provider's cache.")
    reasoning_usd_per_mtok: float = Field(description="Output tokens spent on reasoning.")
    from_input_tokens: int = Field(default=0, description="Holds for requests of at least so many input tokens.")
    above: list[PriceRow] = Field(default_factory=list, description="Prices of longer requests.")
    batch: PriceRow | None = Field(default=None, description="Price in a provider's batch; null = the same.")


class JudgeManifest(FileModel):
    """One judge as it was really asked."""

    id: str
    instrument: dict[str, Any] = Field(description="Everything that makes this judge the instrument it is.")
    instrument_hash: str
    prompt: str | None = Field(default=None, description="The text of the prompt template.")
    price: PriceRow | None = Field(default=None, description="What its tokens were taken to cost; null = unknown.")


class RunManifest(FileModel):
    """The whole of `run.json`. Only times, `probes` and `sessions` differ between equal runs."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    state: RunState
    kind: Literal["run", "score", "demo"] = "run"
    started_at: str
    finished_at: str | None = None
    panel: Panel | None = Field(default=None, description="The resolved panel; null for votes made elsewhere.")
    rubric: Rubric | None = Field(default=None, description="null for scores made without a rubric.")
    judges: list[JudgeManifest] = Field(default_factory=list)
    hashes: dict[str, str] = Field(description="sha256 of labels, unlabelled items, rubric, votes, plan.")
    sources: dict[str, str] = Field(default_factory=dict, description="Names of the input files, without folders.")
    shard: str | None = Field(default=None, description="Which part of the items, as 1/4; null = all of them.")
    merged: list[str] = Field(default_factory=list, description="Ids of the runs whose votes stand here together.")
    reused: dict[str, int] = Field(
        default_factory=dict, description="Votes taken over from earlier runs, by the id of the run that paid."
    )
    n_items: int = Field(description="Labelled items.")
    n_unlabelled: int = Field(default=0, description="Items without human labels that were asked about as well.")
    votes_planned: int = Field(description="Votes on items of both kinds.")
    votes_stored: int
    seed: int
    spend: Spend | None = Field(default=None, description="What the run has cost; null for votes made elsewhere.")
    probes: list[Probe] = Field(
        default_factory=list,
        description="What remote judges showed when each was asked once before the first vote.",
    )
    sessions: list[Session] = Field(default_factory=list, description="Each time that the run was worked on.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Pooling, smoothing, resamples.")
    versions: dict[str, str] = Field(description="panel-eval, Python and the packages that touch the numbers.")
    engine: dict[str, Any] | None = Field(
        default=None, description="What carried the requests, if not this machine alone: name, nodes, workers."
    )
    git_commit: str | None = Field(default=None, description="Commit of the working directory, if any.")
