"""What a run's panel says of items, and what its word is worth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.api.results import RunResult
from panel_eval.engine import file_sha256, rubric_hash
from panel_eval.pooling import JudgeForecasts, PanelFacts, PanelPooling
from panel_eval.schema import Estimate, FittedPool, read_json
from panel_eval.schema.training_export import PanelTargets
from panel_eval.stats.arrays import FloatArray


@dataclass(frozen=True)
class PanelForecast:
    """A panel's forecast of items.

    Attributes:
        q: (n_items, n_labels) distributions; NaN rows where no judge answered.
        origin: how it was made, and how many reviewers it is worth.
        pool: the fitted pool that made it; None for the judges' mean.
    """

    q: FloatArray
    origin: PanelTargets
    pool: FittedPool | None = None


def panel_pooling(result: RunResult, fitted: str | Path | None) -> PanelPooling:
    """How the judges of a run are joined: as it was scored, or by a fitted pool from a file.

    Raises:
        InputError: the file is no fitted pool.
        NotComparableError: the pool was fitted for other judges, labels or another rubric.
    """
    if fitted is None:
        return result.pooling
    pooling = replace(result.pooling, weights={}, fitted=read_json(Path(fitted), FittedPool))
    pooling.refuse_other(panel_facts(result))
    return pooling


def panel_facts(result: RunResult) -> PanelFacts:
    """What must be the same for a document to fit the panel of a run."""
    humans, manifest = result.humans, result.manifest
    return PanelFacts(
        task=humans.task,
        labels=humans.labels,
        scale=humans.scale,
        judge_ids=tuple(result.metrics.judges),
        rubric_hash=None if manifest.rubric is None else rubric_hash(manifest.rubric),
        instruments={judge.id: judge.instrument_hash for judge in manifest.judges},
    )


def panel_forecast(result: RunResult, forecasts: JudgeForecasts, fitted: str | Path | None) -> PanelForecast:
    """The forecast of a run's panel from its judges' answers on any items.

    Args:
        result: the run.
        forecasts: answers of its judges.
        fitted: the file of a fitted pool; None to pool as the run was scored.

    Raises:
        InputError, NotComparableError: as for `panel_pooling`.
    """
    pooling = panel_pooling(result, fitted)
    q, pool = pooling.forecast(forecasts, result.humans.labels), pooling.fitted
    if pool is None:
        return PanelForecast(q, PanelTargets(pooling="linear", n_eq=result.metrics.panel.overall["n_eq"]))
    digest = hashlib.sha256(document_bytes(pool)).hexdigest() if fitted is None else file_sha256(Path(fitted))
    origin = PanelTargets(
        pooling="fitted",
        method=pool.method,
        n_fitted=pool.fitted_on.n_items,
        fitted_sha256=digest,
        n_eq=pool.out_of_fold.get("n_eq", Estimate(estimate=None, n=0, note="the pool's file does not say")),
    )
    return PanelForecast(q, origin, pool)
