"""Pools that weigh the judges: linear and logarithmic, recalibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panel_eval.pooling.fitted.answers import known_part, smoothed_answers
from panel_eval.pooling.fitted.pool import rounded
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.pool_weights import Averaging, WeightedAverage, fit_weighted_average
from panel_eval.stats.recalibration_gain import Recalibration


@dataclass(frozen=True)
class WeightedPool:
    """The weighted average of the judges that answered, recalibrated.

    Attributes:
        average: weights of the judges, and the map that follows.
    """

    average: WeightedAverage

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """See `Pool`."""
        return self.average.forecast(smoothed_answers(forecasts))


def fit_linear_pool(sample: TrainingSample, strengths: Sequence[float]) -> list[WeightedPool]:
    """Weighted mean of the distributions; strengths draw the weights to equal. See `Method.fit`."""
    return _fit_weighted(sample, strengths, "linear")


def fit_log_pool(sample: TrainingSample, strengths: Sequence[float]) -> list[WeightedPool]:
    """Weighted mean of the logarithms; strengths draw the weights to equal. See `Method.fit`."""
    return _fit_weighted(sample, strengths, "log")


def _fit_weighted(sample: TrainingSample, strengths: Sequence[float], averaging: Averaging) -> list[WeightedPool]:
    known = known_part(sample)
    said = smoothed_answers(known.forecasts)
    return [_settled(fit_weighted_average(said, known.shares, averaging, strength)) for strength in strengths]


def _settled(found: WeightedAverage) -> WeightedPool:
    recalibration = Recalibration(rounded(found.recalibration.sharpness), rounded(found.recalibration.bias))
    return WeightedPool(WeightedAverage(rounded(found.weights), found.averaging, recalibration))
