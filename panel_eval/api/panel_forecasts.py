"""What a run's panel says of items, and what its word is worth."""

from __future__ import annotations

import json
from dataclasses import dataclass

from panel_eval.api.results import RunResult
from panel_eval.errors import InputError
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.schema import Smoothing
from panel_eval.schema.training_export import PanelTargets
from panel_eval.stats.arrays import FloatArray


@dataclass(frozen=True)
class PanelForecast:
    """A panel's forecast of items.

    Attributes:
        q: (n_items, n_labels) distributions; NaN rows where no judge answered.
        origin: how it was made, and how many reviewers it is worth.
    """

    q: FloatArray
    origin: PanelTargets


def panel_forecast(result: RunResult, forecasts: JudgeForecasts) -> PanelForecast:
    """The forecast of a run's panel from its judges' answers on any items, pooled as the run was scored.

    Raises:
        InputError: the panel cannot be pooled so.
    """
    n_eq = result.metrics.panel.overall["n_eq"]
    return PanelForecast(linear_forecast(result, forecasts), PanelTargets(pooling="linear", n_eq=n_eq))


def linear_forecast(result: RunResult, forecasts: JudgeForecasts) -> FloatArray:
    """The judges' weighted mean, smoothed: (n_items, n_labels), NaN rows where no judge answered.

    Args:
        result: the run; its metrics say how its panel was pooled.
        forecasts: answers of its judges on any items.

    Raises:
        InputError: the run's panel was pooled otherwise.
    """
    settings = result.metrics.settings
    if settings.get("pooling") != "linear":
        raise InputError(
            f"the panel of this run is pooled as {settings.get('pooling')}; name its file with --fitted"
        )
    given = settings.get("weights")
    weights = None if given in (None, "equal") else json.loads(str(given))
    pooled, votes = pool_linear(forecasts, weights)
    if settings.get("smoothing") == "none":
        return pooled
    base = settings.get("smoothing_base") or "uniform"
    smoothing = Smoothing(
        alpha=float(settings.get("smoothing_alpha") or 0.5),
        strength=forecasts.vote_strength,
        base="uniform" if base == "uniform" else json.loads(str(base)),
    )
    return smooth(pooled, votes, smoothing, result.humans.labels)
