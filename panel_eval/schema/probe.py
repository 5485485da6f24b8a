"""What one small call to a judge showed: a part of `run.json`, and what `panel-eval probe --json` says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.vote import Outcome, Usage, VoteError

JudgeKind = Literal["remote", "local", "scripted", "recorded"]


class Probe(FileModel):
    """What really came back when a judge was asked once about a made-up item, and what the panel asks beyond it."""

    judge: str
    model: str = Field(description="As the panel names it.")
    instrument_hash: str
    at: str = Field(description="UTC time, ISO 8601.")
    outcome: Outcome = Field(description="What the answer was; `error` = none came.")
    error: VoteError | None = None
    model_reported: str | None = Field(default=None, description="Model name in the provider's answer.")
    response_mode: Literal["json_schema", "json_object", "text"] | None = Field(
        default=None, description="How the answer's shape was asked for, as far as the provider took it."
    )
    obeyed: bool | None = Field(
        default=None,
        description="Whether the answer was wholly of that shape; null = text, or there was nothing to look at.",
    )
    logprobs: int | None = Field(
        default=None, description="Alternatives at the answer's place; 0 = none came, null = not asked for."
    )
    captured_mass: float | None = Field(
        default=None, ge=0.0, description="Probability that fell on the label codes there."
    )
    n: int | None = Field(
        default=None, description="Answers that came when two were asked for; null = not asked for, or refused."
    )
    seed: Literal["sent", "not taken"] | None = Field(
        default=None, description="`not taken`: the provider knows no seed, so none was sent; null = no answer."
    )
    system_fingerprint: str | None = Field(default=None, description="The provider's mark of what served it.")
    finish_reason: str | None = None
    usage: Usage | None = Field(default=None, description="Tokens of all requests; null = none is known.")
    usage_reported: bool | None = Field(
        default=None, description="Whether the answer came with its tokens; null = no answer."
    )
    requests: int = Field(default=0, ge=0, description="Requests sent, retries and other shapes included.")
    latency_s: float = Field(default=0.0, ge=0.0, description="Seconds that requests were under way.")
    cost_usd: float | None = Field(default=None, ge=0.0, description="null = price unknown.")
    cost_uncertain_usd: float | None = Field(
        default=0.0, ge=0.0, description="At most so much more, for requests without a readable answer."
    )
    lacks: list[str] = Field(
        default_factory=list, description="What the panel asks for and did not get, and how to mend it, in words."
    )


class ProbedJudge(FileModel):
    """One judge of a probed panel."""

    judge: str
    model: str
    kind: JudgeKind = Field(description="`scripted` and `recorded` judges are not asked: nothing is sent for them.")
    probe: Probe | None = Field(default=None, description="null = not asked.")
    lacks: list[str] = Field(
        default_factory=list, description="As the probe's; also why a judge could not be asked at all."
    )


class ProbeReport(FileModel):
    """What `panel-eval probe` found out about a panel's judges. Nothing of it is stored."""

    schema_version: Literal[1] = SCHEMA_VERSION
    panel: str
    able: bool = Field(description="Whether every judge can do what the panel asks.")
    judges: list[ProbedJudge]
    usd: float = Field(description="What the probe cost, as far as prices are known.")
    unpriced: list[str] = Field(default_factory=list, description="Judges whose price is not known.")
