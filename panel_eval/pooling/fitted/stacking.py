"""Stacking: softmax regression on everything the judges said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.soft_regression import SoftmaxFit, fit_softmax

_RIDGE = 3.0


@dataclass(frozen=True)
class StackedPool:
    """Softmax regression on the judges' distributions and on which of them are missing.

    Attributes:
        centre: (n_judges, n_labels) mean answer of each judge, which a missing answer is taken for.
        regression: coefficients of the judges' distances from their centres, judge by judge, then of one
            indicator for each judge's missing answer.
    """

    centre: FloatArray
    regression: SoftmaxFit

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        q = self.regression.forecast(_features(forecasts, self.centre))
        heard = np.asarray(forecasts.answered.any(axis=0))
        return np.where(heard[:, None], q, np.nan)


def fit_stacking(sample: TrainingSample) -> StackedPool:
    """Fit the regression to the people's votes; see `Learner`."""
    known = sample.answered()
    answered = known.forecasts.answered
    said = np.where(answered[:, :, None], known.forecasts.q_raw, 0.0)
    centre = said.sum(axis=1) / np.maximum(answered.sum(axis=1), 1)[:, None]
    return StackedPool(centre, fit_softmax(_features(known.forecasts, centre), known.votes, _RIDGE))


def _features(forecasts: JudgeForecasts, centre: FloatArray) -> FloatArray:
    """(n_items, n_judges · (n_labels + 1))."""
    answered = forecasts.answered
    distance = np.where(answered[:, :, None], forecasts.q_raw - centre[:, None, :], 0.0)
    by_item = distance.transpose(1, 0, 2).reshape(answered.shape[1], -1)
    return np.hstack([by_item, ~answered.T])
