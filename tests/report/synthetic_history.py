"""Synthetic histories for the tests of their drawing: every number is made up, by formula or a seeded generator.

Streams here are drawn, not computed: their evidence follows no method and means nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, get_args

import numpy as np

from panel_eval.schema import Estimate
from panel_eval.schema.gate_result import GateStatus
from panel_eval.schema.history import Alarm, HistoryReport, HistoryRun, Stream, StreamKind, StreamNight

START = datetime(2026, 1, 1, 2, 15)
CLASSES = ("agreement", "minor", "major", "unresolved")
NULL = Estimate(estimate=None, n=0, note="synthetic: not computed")


def estimate(value: float, half: float = 0.04, n: int = 400) -> Estimate:
    """A number with an interval of so much to each side."""
    return Estimate(estimate=round(value, 4), low=round(value - half, 4), high=round(value + half, 4), n=n)


def run(at: int, level: float = 1.6, **changed: Any) -> HistoryRun:
    """The run of night `at`; keyword arguments replace fields."""
    fields: dict[str, Any] = {
        "run_id": f"night-{at:04d}", "panel": "synthetic panel", "task": "synthetic task",
        "started_at": f"{(START + timedelta(days=at)).isoformat()}Z", "state": "sealed",
        "git_commit": f"{at * 7919:040x}"[::-1],
        "n_items": 400, "n_scored": 398, "instrument": "1a2b3c4d", "labels": "99887766",
        "metrics": {"ce_bits": estimate(level), "ce_skill": estimate(0.12), "n_eq": estimate(4.2, 0.6)},
        "by_class": {
            name: {"ce_crossfit_bits": estimate(level - 0.6 + 0.4 * place, 0.09)}
            for place, name in enumerate(CLASSES)
        },
        "base_rate": {"ce_bits": estimate(1.78, 0.02)}, "usable_votes": 0.995, "cost_usd": 0.31, "gate": "PASS",
        "gate_headline": "PASS: synthetic, not worse than the baseline",
    }  # fmt: skip
    return HistoryRun(**{**fields, **changed})


def stream(runs: list[HistoryRun], kind: StreamKind, drift: float = 0.0, **changed: Any) -> Stream:
    """A stream over the runs whose change grows to `drift`, with evidence that grows with it."""
    nights = []
    for at, found in enumerate(runs):
        grown = drift * at / max(1, len(runs) - 1)
        evidence = float(np.exp(min(400.0 * grown * grown * at - 0.02 * at, 500.0)))
        change = NULL if at == 0 else estimate(grown, 0.15 / np.sqrt(at))
        nights.append(
            StreamNight(
                run_id=found.run_id, started_at=found.started_at, n_items=200, level=estimate(1.6 + grown),
                change=change, evidence=evidence, evidence_mean=evidence, evidence_ranks=evidence,
            )
        )  # fmt: skip
    alarm = next((night for night in nights if (night.evidence or 0.0) >= 20.0), None)
    fields: dict[str, Any] = {
        "panel": runs[0].panel, "task": runs[0].task, "kind": kind, "instrument": runs[0].instrument,
        "began_because": "the first run", "nights": nights,
    }  # fmt: skip
    if alarm is not None:
        fields["alarm"] = Alarm(
            run_id=alarm.run_id, started_at=alarm.started_at, text="synthetic: has changed",
            direction="worse" if drift > 0 else "better",
            since_run_id=runs[nights.index(alarm) // 2].run_id, change=estimate(drift, 0.02),
        )  # fmt: skip
    return Stream(**{**fields, **changed})


def history(nights: int = 30, drift: float = 0.0, change_at: int | None = None, **changed: Any) -> HistoryReport:
    """Nights of one panel, verdicts of all kinds, a loss that grows, another instrument from a night on."""
    rng = np.random.default_rng([nights, 20261121])
    verdicts: list[GateStatus | None] = [*get_args(GateStatus), None]
    runs = []
    for at in range(nights):
        other = change_at is not None and at >= change_at
        level = 1.6 + drift * at / max(1, nights - 1) + rng.normal(0.0, 0.012) - (0.06 if other else 0.0)
        verdict = verdicts[at // 7 % 6] if at % 7 == 5 else "PASS"
        runs.append(
            run(
                at, level, instrument="5e6f7a8b" if other else "1a2b3c4d", gate=verdict,
                cost_usd=round(0.3 + 0.02 * float(rng.random()), 4), usable_votes=round(1 - 0.02 * rng.random(), 4),
            )
        )  # fmt: skip
    parts = [runs] if change_at is None else [runs[:change_at], runs[change_at:]]
    because = ["the first run", "judge big: its prompt changed (synthetic)"]
    streams = [
        stream(
            part,
            kind,
            drift if kind == "canary" else drift / 3,
            began_because=why,
            current=part[-1].instrument == runs[-1].instrument,
        )
        for part, why in zip(parts, because, strict=False)
        for kind in get_args(StreamKind)
        if part
    ]
    fields: dict[str, Any] = {
        "alpha": 0.05, "runs": runs, "streams": streams, "advice": "Synthetic: nothing to do.", "skipped": {},
    }  # fmt: skip
    return HistoryReport(**{**fields, **changed})


def joined(*reports: HistoryReport) -> HistoryReport:
    """Several histories as one."""
    return HistoryReport(
        alpha=reports[0].alpha,
        runs=sorted((one for report in reports for one in report.runs), key=lambda one: one.started_at),
        streams=[one for report in reports for one in report.streams],
        skipped={folder: why for report in reports for folder, why in report.skipped.items()},
        advice=reports[0].advice,
    )
