"""The gate contract: `gate.json`, whether a run may replace its baseline, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.comparison import CandidateComparison, Change, ComparedRun
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_settings import GateSettings, Segment

GateStatus = Literal["PASS", "FAIL", "INCONCLUSIVE", "NOT COMPARABLE", "INCOMPLETE"]
GATE_EXIT_CODES: dict[GateStatus, int] = {
    "PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3, "NOT COMPARABLE": 4, "INCOMPLETE": 5,
}  # fmt: skip
CheckKind = Literal["state", "data", "judges", "coverage", "margin", "no_loss", "limit", "cost", "deferral"]
CheckStatus = Literal["PASS", "FAIL", "INCONCLUSIVE", "NOT COMPARABLE", "INCOMPLETE", "SKIPPED"]


class GateCheck(FileModel):
    """One thing that the run was held to."""

    name: str = Field(description="Unique among the checks, such as `margin ce_bits overall`.")
    kind: CheckKind
    status: CheckStatus = Field(description="SKIPPED: there was nothing to hold it to; `text` says why.")
    metric: str | None = None
    segment: Segment | None = None
    value: Estimate | None = Field(default=None, description="What was found.")
    threshold: float | None = Field(default=None, description="What it was held to.")
    text: str = Field(description="What was found, and against what, in a sentence.")
    fix: str | None = Field(default=None, description="What to do where it did not pass.")


class GateResult(FileModel):
    """The whole of `gate.json`. Same runs, same settings, same bytes, but for `at`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    status: GateStatus
    exit_code: int
    run_id: str
    panel: str | None
    task: str
    at: str = Field(description="UTC time of the verdict, ISO 8601.")
    baseline: ComparedRun | None = Field(description="null = there was none to compare with.")
    baseline_chosen: str = Field(description="How the baseline was chosen, in words.")
    settings: GateSettings
    seed: int = Field(description="Of the sign patterns of the permutation tests.")
    judge_change_allowed: bool = False
    checks: list[GateCheck]
    judge_changes: list[Change] = Field(
        default_factory=list, description="What makes the panel another instrument than the baseline's."
    )
    comparison: CandidateComparison | None = None
    headline: str = Field(description="The verdict with its main reason, on one line.")
