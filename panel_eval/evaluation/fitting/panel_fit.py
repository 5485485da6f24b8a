"""The one way in: labelled items and judges' answers become a fitted panel and its out-of-fold scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
from panel_eval.schema.fitting_metrics import Fitting, Target
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.soft_regression import assign_folds

_SEED = 501
_DEFAULT_POOLING = PanelPooling()
_ONE_CLUSTER = "all items are of one cluster, so that none can be forecast out of fold"


@dataclass(frozen=True)
class PanelFit:
    """A fitted panel.

    Attributes:
        pool: fitted to all items.
        method: its name.
        learner: fits pools of this method and strength, with nothing chosen inside.
        out_of_fold: (n_items, n_labels) forecast of each item by the whole procedure, choices included, fitted to
            the other folds; NaN rows where no judge answered. Items in the order of the labels given.
        section: the scores of it, for `fit.json`.
    """

    pool: Pool
    method: str
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
    resampling = make_resampling(people, settings.resamples, settings.seed)
    yardstick = Yardstick(people, Segment(OVERALL, np.arange(len(people)), resampling), base_rate(people))
    fitting = _Fitting.of(people, answers, resampling.cluster, settings, names)
    section = _section(fitting, yardstick, raw.forecast(answers, people.labels), settings)
    out_of_fold = fitting.nested.chosen[np.argsort(by_id)]
    choice = fitting.choice
    return PanelFit(fitting.pool, choice.method, choice.learner, out_of_fold, section)


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
        soft = TrainingSample(answers, people.counts, cluster, people.scale == "ordinal", settings.seed)
        hard = hardened(soft)
        sample, other = (soft, hard) if settings.target == "soft" else (hard, soft)
        fold = assign_folds(cluster, settings.folds, np.random.default_rng([settings.seed, _SEED]))
        try:
            choice = choose(sample, names)
        except CannotFitError as error:
            raise InputError(f"no panel can be fitted to these items: {error}") from error
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
    targets: tuple[Target, Target] = ("soft", "hard") if settings.target == "soft" else ("hard", "soft")
    scored = {
        target: yardstick.scores(Forecaster(target, q))
        for target, q in zip(targets, (ours, fitting.other), strict=True)
    }
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
        advice=fitting_advice(method, from_raw, from_base, scored[settings.target], raw_panel),
    )


def _notes(fitting: _Fitting) -> list[str]:
    trials = fitting.choice.trials.items()
    refused = [f"{name} was not tried: {trial.refusal}" for name, trial in trials if trial.refusal]
    notes = [fitting.choice.note, _ONE_CLUSTER if fitting.n_folds < 2 else None, *refused]
    return [note for note in notes if note]
