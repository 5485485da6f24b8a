"""The one way in: labelled items and judges' answers become a fitted panel and its out-of-fold scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.fitting.scores import Yardstick
from panel_eval.evaluation.fitting.settings import FitSettings
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.pooling.fitted import METHODS, Learner, Pool, TrainingSample, hardened
from panel_eval.schema import Smoothing
from panel_eval.schema.fitting_metrics import Fitting, Target
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.soft_regression import assign_folds

_SEED = 501


@dataclass(frozen=True)
class PanelFit:
    """A fitted panel.

    Attributes:
        pool: fitted to all items.
        method: its name.
        out_of_fold: (n_items, n_labels) forecast of each item by the whole procedure, choices included, fitted to
            the other folds; NaN rows where no judge answered. Items in the order of the labels given.
        section: the scores of it, for `fit.json`.
    """

    pool: Pool
    method: str
    out_of_fold: FloatArray
    section: Fitting


def fit_panel(humans: HumanLabels, forecasts: JudgeForecasts, settings: FitSettings) -> PanelFit:
    """Fit a panel to the labels of people; the result does not depend on the order of items.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them, in the same order.
        settings: how.
    """
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people, answers = humans.select(by_id), forecasts.select(by_id)
    everything = Segment(
        OVERALL, np.arange(len(people)), make_resampling(people, settings.resamples, settings.seed)
    )
    yardstick = Yardstick(people, everything, base_rate(people))
    sample = TrainingSample(
        answers, people.counts, everything.resampling.cluster, people.scale == "ordinal", settings.seed
    )
    fold = assign_folds(sample.cluster, settings.folds, np.random.default_rng([settings.seed, _SEED]))
    learner = METHODS["stacking"]
    targets: dict[Target, TrainingSample] = {"soft": sample, "hard": hardened(sample)}
    forecast = {target: cross_fitted_pool(own, fold, learner) for target, own in targets.items()}
    raw = smooth(*pool_linear(answers), Smoothing(strength=answers.vote_strength), people.labels)
    tables = {target: yardstick.scores(Forecaster("fitted", q)) for target, q in forecast.items()}
    section = Fitting(
        method="stacking",
        target=settings.target,
        n_items=len(people),
        n_fitted=int(answers.answered.any(axis=0).sum()),
        folds=int(fold.max()) + 1,
        chosen_in_folds={"stacking": int(fold.max()) + 1},
        raw_panel=yardstick.scores(Forecaster("raw", raw)),
        base_rate=yardstick.scores(Forecaster("base_rate", yardstick.base, constant=True)),
        fitted=tables,
        candidates={"stacking": tables[settings.target]},
        ce_change_bits=yardstick.ce_change_bits(forecast[settings.target], raw),
        ce_change_from_base_bits=yardstick.ce_change_bits(forecast[settings.target], yardstick.base),
        notes=[],
        advice="",
    )
    pool = learner(targets[settings.target])
    return PanelFit(pool, "stacking", forecast[settings.target][np.argsort(by_id)], section)


def cross_fitted_pool(sample: TrainingSample, fold: IntArray, learner: Learner) -> FloatArray:
    """Forecast of each item by a pool learned from the other folds: (n_items, n_labels), NaN where unanswered."""
    q = np.full(sample.votes.shape, np.nan)
    for number in range(int(fold.max()) + 1):
        asked = np.flatnonzero(fold == number)
        pool = learner(sample.take(np.flatnonzero(fold != number)))
        q[asked] = pool.forecast(sample.forecasts.select(asked))
    return q
