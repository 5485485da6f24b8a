"""A run as a panel version that can be compared."""

from __future__ import annotations

from collections import Counter

from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.pool_files import pool_hashes
from panel_eval.api.results import RunResult
from panel_eval.evaluation.forecaster import judge_forecasters
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import item_digests
from panel_eval.pooling import VoteTable
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.judge_fingerprint import JudgeFingerprint


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


def fingerprints(run: RunResult) -> list[JudgeFingerprint]:
    """Each judge as it was configured, and as its answers show it."""
    known = {judge.id: judge for judge in run.manifest.judges}
    panel = run.manifest.panel
    samples = {} if panel is None else {judge.id: judge.samples for judge in panel.judges}
    models: dict[str, Counter[str]] = {name: Counter() for name in run.metrics.judges}
    rungs: dict[str, Counter[str]] = {name: Counter() for name in run.metrics.judges}
    for vote in run.votes:
        if vote.outcome == "ok" and vote.judge in models:
            models[vote.judge].update([vote.model_reported] if vote.model_reported else [])
            rungs[vote.judge].update([vote.parse_rung] if vote.parse_rung else [])
    return [
        JudgeFingerprint(
            id=name,
            instrument_hash=known[name].instrument_hash if name in known else None,
            instrument=known[name].instrument if name in known else {},
            samples=samples.get(name),
            models_reported=dict(sorted(models[name].items())),
            parse_rungs=dict(sorted(rungs[name].items())),
        )
        for name in run.metrics.judges
    ]
