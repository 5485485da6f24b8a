"""Panel versions made by hand or drawn, and the facts of runs that they could come from."""

from __future__ import annotations

from typing import Any

import numpy as np
from made_humans import humans_from_counts

from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import HumanLabels, item_digests
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.judge_fingerprint import JudgeFingerprint

LABELS = ("no", "yes")


def version(humans: HumanLabels, q: Any, name: str = "run", **more: Any) -> PanelVersion:
    return PanelVersion(name, humans, item_digests(humans), np.asarray(q, dtype=float), **more)


def facts(run_id: str = "run", judges: tuple[JudgeFingerprint, ...] = (), **more: Any) -> ComparedRun:
    given: dict[str, Any] = {
        "state": "sealed",
        "started_at": "2026-01-01T00:00:00+00:00",
        "n_items": 3,
        "n_scored": 3,
        "votes": {"ok": 9},
    }
    return ComparedRun(run_id=run_id, judges=list(judges), cost_usd=None, **(given | more))


def fingerprint(name: str = "j", **more: Any) -> JudgeFingerprint:
    return JudgeFingerprint(**({"id": name, "instrument_hash": "h1", "instrument": {"model": "m"}} | more))


def drawn_humans(n_items: int, people: int, generator: np.random.Generator, n_labels: int = 3) -> HumanLabels:
    """Items of people drawn from populations of their own."""
    populations = generator.dirichlet([0.8] * n_labels, size=n_items)
    counts = generator.multinomial(people, populations)
    return humans_from_counts(counts.tolist(), [f"l{k}" for k in range(n_labels)])


def drawn_forecasts(n_items: int, generator: np.random.Generator, n_labels: int = 3) -> np.ndarray:
    """Forecasts that know nothing of the items."""
    return generator.dirichlet([2.0] * n_labels, size=n_items)
