"""Verdicts made up for the forms that they are shown in."""

from __future__ import annotations

from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GATE_EXIT_CODES, GateCheck, GateResult, GateStatus
from panel_eval.schema.gate_settings import GateSettings

STATUSES = ("PASS", "FAIL", "INCONCLUSIVE", "NOT COMPARABLE", "INCOMPLETE", "SKIPPED")


def verdict(
    status: GateStatus = "FAIL", name: str = "margin ce_bits overall", text: str | None = None
) -> GateResult:
    """A verdict with one check of each status; `name` and `text` stand wherever a verdict holds words."""
    said = text if text is not None else "0.080 bits worse; a loss of 0.05 or more is not ruled out."
    checks = [
        GateCheck(
            name=f"{name} {place}",
            kind="margin",
            status=each,  # type: ignore[arg-type]
            value=Estimate(estimate=0.08, n=100),
            threshold=0.05,
            text=said,
            fix=f"look at {name}" if each == "FAIL" else None,
        )
        for place, each in enumerate(STATUSES)
    ]
    base = ComparedRun(
        run_id=f"base {name}", state="sealed", started_at="2026-01-01T00:00:00+00:00", n_items=100, n_scored=100,
        judges=[], votes={"ok": 100}, cost_usd=None,
    )  # fmt: skip
    return GateResult(
        status=status, exit_code=GATE_EXIT_CODES[status], run_id=f"run {name}", panel=name, task="t",
        at="2026-01-02T03:04:05+00:00", baseline=base, baseline_chosen=f"named {name}", settings=GateSettings(),
        seed=0, checks=checks, headline=f"{status}: {said}",
    )  # fmt: skip
