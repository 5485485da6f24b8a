"""A run as a panel version that can be compared."""

from __future__ import annotations

from collections import Counter

import numpy as np

from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.pool_files import pool_hashes
from panel_eval.api.results import RunResult
from panel_eval.evaluation.forecaster import judge_forecasters
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import item_digests
from panel_eval.pooling import VoteTable
from panel_eval.pooling.vote_columns import VoteColumns
from panel_eval.schema import OUTCOMES
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.judge_fingerprint import JudgeFingerprint

_TOLD = ("models_reported", "snapshots", "parse_rungs")
_MOST_NAMES = 20


def panel_version(run: RunResult) -> PanelVersion:
    """The forecasts of a run on its labelled items, items in the order of their ids."""
    labelled = LabelledRun.of(run)
    humans, forecasts, pooling = labelled.humans, labelled.forecasts, run.pooling
    judges = judge_forecasters(forecasts, pooling.smoothing, humans.labels)
    return PanelVersion(
        name=run.manifest.run_id,
        humans=humans,
        digests=item_digests(humans),
        panel_q=pooling.forecast(forecasts, humans.labels),
        judge_q={judge.name: judge.q for judge in judges},
        votes=VoteTable.of(run.votes),
        fitted=pooling.fitted,
    )


def compared_run(run: RunResult) -> ComparedRun:
    """The facts of a run that a comparison tells."""
    manifest, economics = run.manifest, run.metrics.economics
    return ComparedRun(
        run_id=manifest.run_id,
        panel=None if manifest.panel is None else manifest.panel.panel,
        state=manifest.state,
        started_at=manifest.started_at,
        git_commit=manifest.git_commit,
        n_items=run.metrics.n_items,
        n_scored=run.metrics.n_scored,
        judges=fingerprints(run),
        votes=dict(run.metrics.coverage.total),
        cost_usd=economics.cost_usd,
        cost_per_vote_usd=economics.cost_per_vote_usd,
        latency_mean_s=economics.latency_mean_s,
        latency_by_judge_s={
            name: own.latency_mean_s for name, own in economics.by_judge.items() if own.latency_mean_s is not None
        },
        latency_p50_by_judge_s=_latencies(run, 0.5),
        latency_p95_by_judge_s=_latencies(run, 0.95),
        cost_by_judge_usd={name: own.cost_usd for name, own in economics.by_judge.items()},
        rubric=manifest.rubric,
        pooling=_pooling(run),
        prices={judge.id: judge.price for judge in manifest.judges if judge.price is not None},
        settings={name: run.metrics.settings.get(name) for name in ("seed", "resamples")},
        versions=dict(sorted(manifest.versions.items())),
    )


def _pooling(run: RunResult) -> dict[str, str | int | float | None]:
    """How the run's judges became one forecast."""
    hashes = {f"{name}_sha256": value for name, value in pool_hashes(run.pool).items()}
    return run.pooling.settings() | {"vote_strength": run.vote_strength} | hashes


def _latencies(run: RunResult, share: float) -> dict[str, float]:
    """Judge to the seconds within which a share of its votes came."""
    columns = VoteTable.of(run.votes).columns
    timed = ~np.isnan(columns.latency_s) & ~columns.reused
    names = {name: code for code, name in enumerate(columns.judges) if name in run.metrics.judges}
    rows = {name: timed & (columns.judge == code) for name, code in sorted(names.items())}
    return {name: float(np.quantile(columns.latency_s[own], share)) for name, own in rows.items() if own.any()}


def fingerprints(run: RunResult) -> list[JudgeFingerprint]:
    """Each judge as it was configured, and as its answers show it."""
    known = {judge.id: judge for judge in run.manifest.judges}
    panel = run.manifest.panel
    samples = {} if panel is None else {judge.id: judge.samples for judge in panel.judges}
    told = _told_of_answers(VoteTable.of(run.votes).columns)
    return [
        JudgeFingerprint(
            id=name,
            instrument_hash=known[name].instrument_hash if name in known else None,
            instrument=known[name].instrument if name in known else {},
            prompt=known[name].prompt if name in known else None,
            samples=samples.get(name),
            **{key: _most_frequent(counts) for key, counts in told.get(name, {}).items()},
        )
        for name in run.metrics.judges
    ]


def _told_of_answers(columns: VoteColumns) -> dict[str, dict[str, Counter[str]]]:
    """Judge to what its usable answers tell, counted."""
    usable = columns.outcome == OUTCOMES.index("ok")
    pairs = columns.judge[usable].astype(np.int64) * len(columns.provenances) + columns.provenance[usable]
    told: dict[str, dict[str, Counter[str]]] = {}
    for pair, count in zip(*np.unique(pairs, return_counts=True), strict=True):
        judge, provenance = divmod(int(pair), len(columns.provenances))
        own = told.setdefault(columns.judges[judge], {key: Counter() for key in _TOLD})
        for key, name in zip(_TOLD, columns.provenances[provenance], strict=True):
            own[key].update({name: int(count)} if name else {})
    return told


def _most_frequent(counts: Counter[str]) -> dict[str, int]:
    """The most frequent names in the order of the alphabet; a provider may name each answer anew."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = dict(sorted(ranked[:_MOST_NAMES]))
    if rest := sum(count for _, count in ranked[_MOST_NAMES:]):
        kept[f"{len(ranked) - _MOST_NAMES} others"] = rest
    return kept
