"""Judges' answers in the forms that pools start from."""

from __future__ import annotations

import numpy as np

from panel_eval.pooling.fitted.pool import CannotFitError
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.linear import pool_linear
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray

_ALPHA = 0.5
"""Pseudo-votes a label, as `Smoothing` has by default; pools take logarithms, so there is no going without."""


def smoothed_answers(forecasts: JudgeForecasts) -> FloatArray:
    """(n_judges, n_items, n_labels) each judge's answers above 0 throughout; NaN rows where it has none."""
    return _smoothed(forecasts.q_raw, forecasts.strength)


def smoothed_panel(forecasts: JudgeForecasts) -> FloatArray:
    """(n_items, n_labels) the linear pool of equal weights, above 0 throughout; NaN rows where nobody answered."""
    return _smoothed(*pool_linear(forecasts))


def known_part(sample: TrainingSample) -> TrainingSample:
    """The items that a judge answered.

    Raises:
        CannotFitError: there are none, or fewer than two labels.
    """
    known = sample.answered()
    if not len(known):
        raise CannotFitError("no judge answered any of the items")
    if known.votes.shape[1] < 2:
        raise CannotFitError("there is only one label")
    return known


def _smoothed(q_raw: FloatArray, votes: FloatArray) -> FloatArray:
    m = votes[..., None]
    smoothed: FloatArray = (m * q_raw + _ALPHA) / (m + _ALPHA * q_raw.shape[-1])
    return np.where(m > 0, smoothed, np.nan)
