"""What a pool of items is like: mean severity and violation rates, from a run's human sample and its panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panel_eval.api.folders import replace_file
from panel_eval.api.label_names import numbers_of
from panel_eval.api.labelled_run import judge_forecasts
from panel_eval.api.panel_forecasts import panel_pooling
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.unlabelled import unlabelled_forecasts
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.fitting import AUTO
from panel_eval.evaluation.prediction_powered import (
    FOLDS,
    PoolSample,
    cross_predicted,
    pool_clusters,
    pool_mean,
)
from panel_eval.humans import HumanLabels
from panel_eval.pooling import PanelPooling, share_fitted_on, surely_new
from panel_eval.pooling.fitted import METHODS, CannotFitError, Learner, TrainingSample, automatic, hardened
from panel_eval.schema.pool_estimate import PoolEstimate, PoolMean
from panel_eval.stats.arrays import FloatArray

SEVERITY = "severity"
_RANDOM = "the labelled items are a simple random sample of the same source as the unlabelled ones"
_WEIGHTED = (
    "each item of the pool, labelled or not, had a known chance above 0 to be labelled, and the weights are in "
    "proportion to one over it"
)
_INTERVAL = "95 %, Student's t with Welch-Satterthwaite degrees of freedom; the price of tuning the power is paid"
_SHOWN = 3


def estimate_pool(
    run: str | Path | RunResult,
    of: Sequence[str],
    *,
    fitted: str | Path | None = None,
    method: str | None = None,
    weights: str | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
) -> PoolEstimate:
    """Estimate what a pool is like: its labelled items are the sample, its unlabelled ones the rest.

    Args:
        run: a run directory, or a run in memory, whose judges were asked about unlabelled items too.
        of: what is estimated: "severity" (mean label value), or one or several labels with commas between (share of
            reviewers' votes on them). A label of the name "severity" is meant as a label.
        fitted: file of a fitted pool that joins the judges; default: the panel as it was scored. A pool that
            learned from some of these labelled items is fitted to them again, out of fold.
        method: fit the panel to the labelled items by this method of `pooling.fitted.METHODS`, or by "auto",
            out of fold.
        weights: the metadata field of labelled items that holds sampling weights; default: all the same.
        seed: of the folds; default: the run's.
        out: JSON file to write to; nothing is written if absent.

    Raises:
        InputError: the run has no unlabelled items, a label is unknown, a weight missing, nothing can be fitted, or
            the file cannot be written.
        NotComparableError: the pool was fitted for other judges, labels or another rubric.
    """
    result = run if isinstance(run, RunResult) else open_run(run)
    if not len(result.unlabelled):
        fix = "ask the panel about the pool too (panel.yaml: unlabelled, score: --unlabelled)"
        raise InputError(Problem("the run has no unlabelled items", path=result.directory, fix=fix))
    quantities = [_labels_of(name, result.humans) for name in of]
    seed = result.manifest.seed if seed is None else seed
    known = None if weights is None else _weights(result.humans, weights)
    source = _source(result, fitted, method)
    sample = _sample(result, source, known, seed)
    means = [pool_mean(sample, labels) for labels in quantities]
    found = PoolEstimate(
        run_id=result.manifest.run_id,
        task=result.humans.task,
        scale=result.humans.scale,
        n_labelled=len(result.humans),
        n_unlabelled=len(result.unlabelled),
        n_unanswered=sample.n_unanswered,
        panel=source.words,
        folds=None if source.learner is None else FOLDS,
        weights=weights,
        interval=_INTERVAL,
        assumption=_RANDOM if weights is None else _WEIGHTED,
        seed=seed,
        estimates=means,
        warnings=_warnings(sample, means),
    )
    if out is not None:
        _write(Path(out), found)
    return found


def _write(path: Path, found: PoolEstimate) -> None:
    try:
        replace_file(path, lambda file: file.write(found.model_dump_json(indent=1).encode() + b"\n"))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None


def _labels_of(name: str, humans: HumanLabels) -> tuple[int, ...] | None:
    if name in humans.labels or name != SEVERITY:
        return numbers_of(name, humans.labels, "--of")
    positions = np.arange(len(humans.labels), dtype=np.float64)
    if humans.scale == "nominal" and np.array_equal(humans.label_values, positions):
        fix = "give the labels a `value` in the rubric, or ask for the rate of some labels"
        raise InputError(Problem("these labels have no severity: the scale is nominal", key="--of", fix=fix))
    return None


def _weights(humans: HumanLabels, name: str) -> FloatArray:
    """The sampling weights of the labelled items."""
    given = [record.metadata.get(name) for record in humans.records]
    bad = [
        item_id for item_id, weight in zip(humans.item_ids, given, strict=True)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf
    ]  # fmt: skip
    if bad:
        ids = ", ".join(repr(shorten(item_id)) for item_id in bad[:_SHOWN]) + " …" * (len(bad) > _SHOWN)
        message = f"{len(bad)} labelled items have no weight above 0 there: {ids}"
        fix = "write one over each item's chance to be labelled under its `metadata`"
        raise InputError(Problem(message, key=f"metadata.{shorten(name)}", fix=fix))
    return np.array(given, dtype=np.float64)


@dataclass(frozen=True)
class _Source:
    """Where the panel's forecasts come from.

    Attributes:
        words: to tell a reader.
        pooling: joins the judges, if nothing is fitted.
        learner: fits a pool to the labelled items, fold by fold; None for `pooling`.
        hard: whether it is to learn from the majority label.
    """

    words: str
    pooling: PanelPooling
    learner: Learner | None = None
    hard: bool = False


def _source(result: RunResult, fitted: str | Path | None, method: str | None) -> _Source:
    if method is not None:
        if fitted is not None:
            raise InputError(
                Problem("a fitted pool brings its own method", key="--method", fix="leave one of them out")
            )
        return _Source(f"fitted to the labelled items, out of fold ({method})", result.pooling, _learner(method))
    pooling = panel_pooling(result, fitted)
    pool = pooling.fitted
    if pool is None:
        return _Source("the judges' mean, as the run was scored", pooling)
    items = result.humans.item_ids
    if surely_new(pool, items):
        return _Source(f"a pool that was fitted to other items ({pool.method})", pooling)
    own = AUTO if pool.settings.get("method") == AUTO else pool.method
    share = share_fitted_on(pool, items)
    saw = f"had seen about {share:.0%} of the labelled items" if share else "may have seen the labelled items"
    words = f"the pool {saw}: fitted again, out of fold ({own})"
    return _Source(words, pooling, _learner(own), pool.target == "hard")


def _learner(method: str) -> Learner:
    if method == AUTO:
        return automatic
    if method not in METHODS:
        fix = f"{AUTO}, or one of {', '.join(METHODS)}"
        raise InputError(Problem("is no method to fit a panel by", key="--method", value=shorten(method), fix=fix))
    return METHODS[method]


def _sample(result: RunResult, source: _Source, weights: FloatArray | None, seed: int) -> PoolSample:
    humans = result.humans
    labelled, pool = judge_forecasts(result), unlabelled_forecasts(result)
    clusters = pool_clusters(humans, result.unlabelled)
    if source.learner is None:
        own, others = (source.pooling.forecast(said, humans.labels) for said in (labelled, pool))
        return PoolSample(humans, own, others, clusters, weights, fitted=source.pooling.fitted is not None)
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")  # the order of lines must not choose the folds
    cluster = np.arange(len(humans)) if clusters is None else clusters[0][by_id]
    sample = TrainingSample(labelled.select(by_id), humans.counts[by_id], cluster, humans.scale == "ordinal", seed)
    sample = hardened(sample) if source.hard else sample
    pool_cluster = None if clusters is None else clusters[1]
    try:
        own, others = cross_predicted(sample, pool, source.learner, pool_cluster=pool_cluster)
    except CannotFitError as error:
        raise InputError(f"the panel cannot be fitted to these labels: {error}") from None
    return PoolSample(humans, own[np.argsort(by_id)], others, clusters, weights, fitted=True)


def _warnings(sample: PoolSample, means: Sequence[PoolMean]) -> list[str]:
    found = []
    if sample.n_unanswered:
        found.append(
            f"{sample.n_unanswered} items were answered by no judge: the panel is taken to see them as average"
        )
    for mean in means:
        gap = mean.sample_gap
        if gap.low is not None and gap.high is not None and not gap.low <= 0 <= gap.high:
            what = "severity" if mean.of == "severity" else f"rate of {', '.join(map(shorten, mean.labels))}"
            found.append(
                f"the panel's {what} on the labelled items differs from the rest by more than chance does in 95 of "
                "100 random samples: are they one?"
            )
    return found
