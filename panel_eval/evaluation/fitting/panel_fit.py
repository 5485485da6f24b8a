"""The one way in: labelled items and judges' answers become a fitted panel and its out-of-fold scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from panel_eval.errors import InputError, nearest
from panel_eval.evaluation.fitting.advice import fitting_advice
from panel_eval.evaluation.fitting.nested import Nested, cross_fitted_pool, nested_forecasts
from panel_eval.evaluation.fitting.scores import Yardstick
from panel_eval.evaluation.fitting.settings import AUTO, FitSettings
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, PanelPooling
from panel_eval.pooling.fitted import (
    METHODS,
    CannotFitError,
    Choice,
    Learner,
    Pool,
    TrainingSample,
    choose,
    hardened,
)
from panel_eval.schema import MetricTable
from panel_eval.schema.fitting_metrics import Fitting, Target
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.soft_regression import assign_folds

_SEED = 501
_DEFAULT_POOLING = PanelPooling()
_OTHER: Final[dict[Target, Target]] = {"soft": "hard", "hard": "soft"}
_QUICK: Final = {"blend": "stacking"}
_ONE_CLUSTER = "all items are of one cluster, so that none can be forecast out of fold"


@dataclass(frozen=True)
class FittedPanel:
    """A pool and what it is worth on items that it was not fitted to.

    Attributes:
        pool: fitted to items that a judge answered.
        method: its name.
        n_items: how many items.
        scores: `FITTING_METRICS` on items that the fits behind them did not see.
    """

    pool: Pool
    method: str
    n_items: int
    scores: MetricTable


@dataclass(frozen=True)
class PanelFit:
    """A panel fitted to all items.

    Attributes:
        fitted: the pool, scored out of fold.
        learner: fits pools of its method and strength, with nothing chosen inside; of a blend its stacked part,
            which is as good but for some thousandths of a bit and fits faster.
        out_of_fold: (n_items, n_labels) forecast of each item by the whole procedure, choices included, fitted to
            the other folds; NaN rows where no judge answered. Items in the order of the labels given.
        section: the scores of it, for `fit.json`.
    """

    fitted: FittedPanel
    learner: Learner
    out_of_fold: FloatArray
    section: Fitting


def fit_panel(
    humans: HumanLabels,
    forecasts: JudgeForecasts,
    settings: FitSettings,
    *,
    raw: PanelPooling = _DEFAULT_POOLING,
) -> PanelFit:
    """Fit a panel to the labels of people; the result does not depend on the order of items.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them, in the same order.
        settings: how.
        raw: how the panel pools today, to compare with.

    Raises:
        InputError: settings that make no sense, or nothing can be fitted to these items; says why.
    """
    names = _methods(settings)
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people, answers = humans.select(by_id), forecasts.select(by_id)
    yardstick = _yardstick(people, settings)
    fitting = _Fitting.of(people, answers, yardstick.everything.resampling.cluster, settings, names)
    section = _section(fitting, yardstick, raw.forecast(answers, people.labels), settings)
    out_of_fold = fitting.nested.chosen[np.argsort(by_id)]
    choice = fitting.choice
    fitted = FittedPanel(fitting.pool, choice.method, section.n_fitted, section.fitted[settings.target])
    return PanelFit(fitted, choice.learner_of(_QUICK.get(choice.method, choice.method)), out_of_fold, section)


def fit_part(humans: HumanLabels, forecasts: JudgeForecasts, settings: FitSettings, part: BoolArray) -> FittedPanel:
    """Fit a panel to some of the items and score it on the others; the order of items plays no role.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them, in the same order.
        settings: how.
        part: (n_items,) the items to fit to; no cluster may be in both.

    Raises:
        InputError: as `fit_panel`.
    """
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people, answers, own = humans.select(by_id), forecasts.select(by_id), part[by_id]
    yardstick = _yardstick(people, settings)
    sample = _sample(people, answers, yardstick.everything.resampling.cluster, settings).take(np.flatnonzero(own))
    choice = _chosen(sample, _methods(settings))
    pool = choice.learner(sample)
    q = np.where(own[:, None], np.nan, pool.forecast(answers))
    n_items = int(sample.forecasts.answered.any(axis=0).sum())
    return FittedPanel(pool, choice.method, n_items, yardstick.scores(Forecaster("held out", q)))


def _yardstick(people: HumanLabels, settings: FitSettings) -> Yardstick:
    resampling = make_resampling(people, settings.resamples, settings.seed)
    return Yardstick(people, Segment(OVERALL, np.arange(len(people)), resampling), base_rate(people))


def _sample(
    people: HumanLabels, answers: JudgeForecasts, cluster: IntArray, settings: FitSettings
) -> TrainingSample:
    """The items as they are learned from: with all votes, or the majority of them."""
    soft = TrainingSample(answers, people.counts, cluster, people.scale == "ordinal", settings.seed)
    return soft if settings.target == "soft" else hardened(soft)


def _chosen(sample: TrainingSample, names: Sequence[str]) -> Choice:
    try:
        return choose(sample, names)
    except CannotFitError as error:
        raise InputError(f"no panel can be fitted to these items: {error}") from error


@dataclass(frozen=True)
class _Fitting:
    """All that is fitted to items in the order of their ids.

    Attributes:
        answers: what the judges said.
        n_folds: outer folds.
        choice: of all items.
        pool: that was chosen, fitted to all items.
        nested: the same out of fold.
        other: (n_items, n_labels) out-of-fold forecasts of the procedure, fitted to the other target.
    """

    answers: JudgeForecasts
    n_folds: int
    choice: Choice
    pool: Pool
    nested: Nested
    other: FloatArray

    @classmethod
    def of(
        cls,
        people: HumanLabels,
        answers: JudgeForecasts,
        cluster: IntArray,
        settings: FitSettings,
        names: Sequence[str],
    ) -> _Fitting:
        sample = _sample(people, answers, cluster, settings)
        other = _sample(people, answers, cluster, replace(settings, target=_OTHER[settings.target]))
        fold = assign_folds(cluster, settings.folds, np.random.default_rng([settings.seed, _SEED]))
        choice = _chosen(sample, names)
        return cls(
            answers,
            int(fold.max()) + 1,
            choice,
            choice.learner(sample),
            nested_forecasts(sample, fold, choice.fittable),
            cross_fitted_pool(other, fold, lambda part: choose(part, choice.fittable).learner(part)),
        )


def _methods(settings: FitSettings) -> Sequence[str]:
    if settings.folds < 2:
        raise InputError(f"folds must be at least 2; found {settings.folds}")
    if settings.method == AUTO:
        return tuple(METHODS)
    if settings.method not in METHODS:
        near = nearest(settings.method, (AUTO, *METHODS))
        hint = f"; did you mean {near}?" if near else ""
        raise InputError(f"method must be {AUTO} or one of {', '.join(METHODS)}; found {settings.method}{hint}")
    return (settings.method,)


def _section(fitting: _Fitting, yardstick: Yardstick, raw: FloatArray, settings: FitSettings) -> Fitting:
    ours = fitting.nested.chosen
    absent = np.isnan(ours)
    # What is compared is compared on the same items: those with an out-of-fold forecast, if there are any.
    raw, base = (q if absent.all() else np.where(absent, np.nan, q) for q in (raw, yardstick.base))
    forecasts = {settings.target: ours, _OTHER[settings.target]: fitting.other}
    scored = {target: yardstick.scores(Forecaster(target, q)) for target, q in forecasts.items()}
    raw_panel = yardstick.scores(Forecaster("raw", raw))
    from_raw, from_base = (yardstick.ce_change_bits(ours, than) for than in (raw, base))
    method = fitting.choice.method
    return Fitting(
        method=method,
        target=settings.target,
        n_items=len(absent),
        n_fitted=int(fitting.answers.answered.any(axis=0).sum()),
        folds=fitting.n_folds,
        chosen_in_folds=dict(sorted(Counter(fitting.nested.methods).items())),
        raw_panel=raw_panel,
        base_rate=yardstick.scores(Forecaster("base_rate", base, constant=True)),
        fitted=scored,
        candidates={name: yardstick.scores(Forecaster(name, q)) for name, q in fitting.nested.candidates.items()},
        ce_change_bits=from_raw,
        ce_change_from_base_bits=from_base,
        notes=_notes(fitting),
        advice=f"Nothing can be said of the fitted panel: {_ONE_CLUSTER}."
        if fitting.n_folds < 2
        else fitting_advice(method, from_raw, from_base, scored[settings.target], raw_panel),
    )


def _notes(fitting: _Fitting) -> list[str]:
    trials = fitting.choice.trials.items()
    refused = [f"{name} was not tried: {trial.refusal}" for name, trial in trials if trial.refusal]
    notes = [fitting.choice.note, _ONE_CLUSTER if fitting.n_folds < 2 else None, *refused]
    return [note for note in notes if note]
