"""Pools that recalibrate the panel as a whole: temperature, vector scaling, Dirichlet calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.pooling.fitted.answers import known_part, smoothed_panel
from panel_eval.pooling.fitted.pool import rounded
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.dirichlet_calibration import LogAffineMap, fit_log_affine
from panel_eval.stats.recalibration_gain import fit_recalibration


@dataclass(frozen=True)
class TemperedPool:
    """The panel of equal weights at another temperature.

    Attributes:
        sharpness: inverse of the temperature; below 1 it flattens the panel.
    """

    sharpness: float

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        q = smoothed_panel(forecasts)
        return LogAffineMap(self.sharpness * np.eye(q.shape[1]), np.zeros(q.shape[1])).apply(q)


@dataclass(frozen=True)
class LogAffinePool:
    """The panel of equal weights, its logarithms put through an affine map.

    Attributes:
        map: softmax(W log q + b).
        diagonal: W has nothing off its diagonal (vector scaling), or may have (Dirichlet calibration).
    """

    map: LogAffineMap
    diagonal: bool

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        return self.map.apply(smoothed_panel(forecasts))


def fit_temperature(sample: TrainingSample, _: Sequence[float]) -> list[TemperedPool]:
    """One temperature; there is nothing to choose. See `Method.fit`."""
    known = known_part(sample)
    found = fit_recalibration(known.shares, smoothed_panel(known.forecasts), with_bias=False)
    return [TemperedPool(rounded(found.sharpness))]


def fit_vector_scaling(sample: TrainingSample, strengths: Sequence[float]) -> list[LogAffinePool]:
    """A slope and a bias for each label; strengths draw the slopes together. See `Method.fit`."""
    return _fit_log_affine(sample, strengths, diagonal=True)


def fit_dirichlet(sample: TrainingSample, strengths: Sequence[float]) -> list[LogAffinePool]:
    """A full matrix and biases; strengths draw it towards one temperature. See `Method.fit`."""
    return _fit_log_affine(sample, strengths, diagonal=False)


def _fit_log_affine(sample: TrainingSample, strengths: Sequence[float], *, diagonal: bool) -> list[LogAffinePool]:
    known = known_part(sample)
    q = smoothed_panel(known.forecasts)
    maps = [fit_log_affine(known.shares, q, ridge, diagonal=diagonal) for ridge in strengths]
    return [LogAffinePool(LogAffineMap(rounded(map.matrix), rounded(map.bias)), diagonal) for map in maps]
