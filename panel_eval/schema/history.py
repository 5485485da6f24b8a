"""The history contract: the runs of a results root, and whether the panel has changed (`panel-eval history`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateStatus

StreamKind = Literal["canary", "fresh"]
"""canary: the same items again, where only the judges' sampling makes noise; fresh: items not asked before."""


class HistoryRun(FileModel):
    """One run, as the table of runs shows it."""

    run_id: str
    panel: str | None = Field(description="null for votes made elsewhere.")
    task: str
    started_at: str
    state: str
    git_commit: str | None = None
    n_items: int = Field(ge=0)
    n_scored: int = Field(ge=0)
    instrument: str = Field(description="Eight digits of the hash of all judges, prompts, rubric and pooling.")
    labels: str = Field(description="Eight digits of the hash of the labels.")
    models_reported: dict[str, list[str]] = Field(
        default_factory=dict, description="Judge -> models that answered."
    )
    metrics: dict[str, Estimate] = Field(description="The panel's, overall: ce_bits, ce_skill, n_eq …")
    by_class: dict[str, dict[str, Estimate]] = Field(
        default_factory=dict, description="Class -> the same, cross-fitted where they must be."
    )
    base_rate: dict[str, Estimate] = Field(default_factory=dict, description="The same of the base rate, overall.")
    usable_votes: float | None = Field(description="Share of votes with an answer; null without votes.")
    cost_usd: float | None = None
    gate: GateStatus | None = Field(default=None, description="null = the run met no gate.")
    gate_headline: str | None = None
    note: str | None = Field(default=None, description="Why it is in no stream, if it is in none.")


class StreamNight(FileModel):
    """One run in a stream. Numbers about change compare it with the stream's earlier runs."""

    run_id: str
    started_at: str
    n_items: int = Field(ge=0, description="Items of this run that the stream is about.")
    level: Estimate = Field(description="Mean ce_bits of these items in this run.")
    change: Estimate = Field(
        description="Mean change since the stream's first run, all nights so far together, with an interval that "
        "holds at every night at once (95 % confidence sequence). null at the first run."
    )
    evidence_mean: float | None = Field(default=None, description="e-value: the mean has changed.")
    evidence_ranks: float | None = Field(default=None, description="e-value: the ranks have changed.")
    evidence: float | None = Field(default=None, description="Their mean: an alarm at 1 / alpha.")


class Alarm(FileModel):
    """A stream that has changed."""

    run_id: str = Field(description="The night at which it became significant.")
    started_at: str
    direction: Literal["worse", "better"]
    since_run_id: str | None = Field(description="The night from which on the change most likely holds.")
    change: Estimate = Field(description="Change in ce_bits from then on, in the latest run.")
    text: str


class Stream(FileModel):
    """Runs of one panel by one instrument, on one kind of item."""

    panel: str | None
    task: str
    kind: StreamKind
    instrument: str
    began_because: str = Field(description="Why a new stream began here: the first run, or what changed.")
    nights: list[StreamNight]
    current: bool = Field(default=True, description="Whether the newest run of its panel and task belongs to it.")
    alarm_at: float = Field(
        default=20.0, description="Evidence that raises an alarm: 1 / alpha, or 2 / alpha beside another kind."
    )
    alarm: Alarm | None = None
    note: str | None = None


class HistoryReport(FileModel):
    """All runs, oldest first, and the streams that are watched. Same runs, same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    alpha: float = Field(description="Chance that a stream in which nothing changes ever raises an alarm.")
    runs: list[HistoryRun]
    streams: list[Stream]
    skipped: dict[str, str] = Field(default_factory=dict, description="Folder -> why it is no run to show.")
    advice: str = Field(description="What to do, in a sentence.")
