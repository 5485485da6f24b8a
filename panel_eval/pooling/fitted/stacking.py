"""Stacking: regression on everything the judges said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.pooling.fitted.answers import known_part
from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.pooling.fitted.features import Answers
from panel_eval.pooling.fitted.pool import CannotFitError, Pool, rounded
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.cumulative_link import CumulativeFit, fit_cumulative
from panel_eval.stats.soft_regression import SoftmaxFit, fit_softmax

RIDGE = 8.0
"""A ridge that does well from dozens to thousands of items, where none is chosen."""


@dataclass(frozen=True)
class StackedPool:
    """Softmax or cumulative-link regression on the judges' answers and on which of them are missing.

    Attributes:
        answers: makes the features.
        regression: on the features.
    """

    answers: Answers
    regression: SoftmaxFit | CumulativeFit

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        q = self.regression.forecast(self.answers.table(forecasts))
        heard = np.asarray(forecasts.answered.any(axis=0))
        return np.where(heard[:, None], q, np.nan)


@dataclass(frozen=True)
class BlendedPool:
    """The mean of several pools.

    Attributes:
        pools: at least one.
    """

    pools: tuple[Pool, ...]

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        mean: FloatArray = np.mean([pool.forecast(forecasts) for pool in self.pools], axis=0)
        return mean


def fit_stacking(sample: TrainingSample, ridge: float = RIDGE) -> StackedPool:
    """Softmax regression with a ridge that is given, twenty times as fast as choosing one; see `Learner`."""
    with one_blas_thread():
        return fit_stackings(sample, [ridge])[0]


def fit_stackings(sample: TrainingSample, strengths: Sequence[float]) -> list[StackedPool]:
    """Softmax regression, a table of coefficients for each label; see `Method.fit`."""
    design = _Design.of(sample)
    pools = []
    for ridge in strengths:
        found = fit_softmax(design.features, design.votes, ridge)
        coefficients = rounded(design.root @ found.coefficients)
        pools.append(StackedPool(design.answers, SoftmaxFit(coefficients, rounded(found.intercept))))
    return pools


def fit_cumulative_links(sample: TrainingSample, strengths: Sequence[float]) -> list[StackedPool]:
    """Proportional-odds regression, one slope a feature along the scale; see `Method.fit`.

    Raises:
        CannotFitError: the labels do not stand in an order.
    """
    if not sample.ordinal:
        raise CannotFitError("the labels do not stand in an order")
    design = _Design.of(sample)
    pools = []
    for ridge in strengths:
        found = fit_cumulative(design.features, design.votes, ridge)
        regression = CumulativeFit(rounded(found.thresholds), rounded(design.root @ found.slopes))
        pools.append(StackedPool(design.answers, regression))
    return pools


@dataclass(frozen=True)
class _Design:
    """The answers of a sample in axes in which the prior of the coefficients is even.

    Attributes:
        answers: makes the features.
        root: (n_features, n_features) from coefficients in those axes to coefficients of the features.
        features: (n_items, n_features) in those axes.
        votes: (n_items, n_labels).
    """

    answers: Answers
    root: FloatArray
    features: FloatArray
    votes: FloatArray

    @classmethod
    def of(cls, sample: TrainingSample) -> _Design:
        known = known_part(sample)
        found = Answers.of(known)
        answers = Answers(rounded(found.centre), rounded(found.panel_centre))
        root = answers.prior_root(ordinal=sample.ordinal)
        return cls(answers, root, answers.table(known.forecasts) @ root, known.votes)
