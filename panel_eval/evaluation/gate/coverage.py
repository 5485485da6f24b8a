"""Whether a run is whole: finished, with enough answers, and with a forecast of enough items."""

from __future__ import annotations

from panel_eval.evaluation.gate.words import exact, percent
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings
from panel_eval.schema.metrics import Metrics
from panel_eval.schema.run import RunManifest

_FINISH = "run the same panel again: it goes on where it stopped"
_LOOK = "see in the report which judges did not answer, and why"
_ASKED_AGAIN = frozenset({"error", "over_budget"})


def coverage_checks(manifest: RunManifest, metrics: Metrics, settings: GateSettings) -> list[GateCheck]:
    """Check that nothing much of a run is missing. A missing answer is never taken for a good one."""
    return [_state(manifest), _usable_votes(metrics, settings), _scored_items(metrics, settings)]


def _state(manifest: RunManifest) -> GateCheck:
    open_votes = max(manifest.votes_planned - manifest.votes_stored, 0)
    whole = manifest.state == "sealed" and not open_votes and manifest.shard is None
    if whole:
        text, fix = f"The run is sealed: all {manifest.votes_planned:,} planned votes are stored.", None
    elif manifest.shard is not None:
        text, fix = f"This is part {manifest.shard} of a run.", "put the parts together with panel-eval merge"
    else:
        text = (
            f"The run is {manifest.state}: {open_votes:,} of {manifest.votes_planned:,} planned votes are missing."
        )
        fix = _FINISH
    return GateCheck(name="run state", kind="state", status="PASS" if whole else "INCOMPLETE", text=text, fix=fix)


def _usable_votes(metrics: Metrics, settings: GateSettings) -> GateCheck:
    usable = metrics.coverage.total.get("ok", 0)
    others = {name: count for name, count in metrics.coverage.total.items() if count and name != "ok"}
    if lacking := sum(judge.not_asked for judge in metrics.coverage.judges.values()):
        others["missing"] = lacking  # at least one for each item without any vote of a judge
    total = usable + sum(others.values())
    why = ", ".join(f"{count:,} {name}" for name, count in others.items())
    words = f"votes have an answer{f' ({why})' if why else ''}"
    fix = f"{_FINISH}; --retry-failed asks again what failed" if others.keys() & _ASKED_AGAIN else _LOOK
    return _share_check("usable votes", usable, total, settings.usable_votes, words, fix)


def _scored_items(metrics: Metrics, settings: GateSettings) -> GateCheck:
    part, whole = metrics.n_scored, metrics.n_items
    return _share_check("scored items", part, whole, settings.scored_items, "items have a forecast", _LOOK)


def _share_check(name: str, part: int, whole: int, wanted: float, words: str, fix: str) -> GateCheck:
    share = part / whole if whole else None
    kept = share is not None and share >= wanted
    found = "there are none" if share is None else percent(share, wanted)
    return GateCheck(
        name=name,
        kind="coverage",
        status="PASS" if kept else "INCOMPLETE",
        value=Estimate(estimate=share, n=whole, note=None if whole else "there are none"),
        threshold=wanted,
        text=f"{part:,} of {whole:,} {words}: {found}; at least {exact(100 * wanted)} % must.",
        fix=None if kept else fix,
    )
