"""A comparison made from counts and a panel's forecast, without votes or files."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import HumanPosterior, jeffreys_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import HumanLabels
from panel_eval.pooling import collect_votes
from panel_eval.schema import Smoothing
from panel_eval.stats.arrays import FloatArray

HALF_A_VOTE = Smoothing()


def compare(
    humans: HumanLabels,
    q: FloatArray,
    *,
    smoothing: Smoothing | Literal["none"] = HALF_A_VOTE,
    prior: FloatArray | None = None,
    resamples: int = 200,
) -> Comparison:
    """The panel and one judge, which say the same; Jeffreys' prior, or a prior that is known to be right."""
    posterior = jeffreys_posterior(humans)
    if prior is not None:
        given = np.broadcast_to(prior, humans.counts.shape)
        posterior = HumanPosterior(given, humans.counts + given, "empirical_bayes", float(prior.sum()), None, None)
    forecasts = collect_votes([], humans, ["judge"])
    forecasts = replace(forecasts, q_raw=q[None], strength=np.where(np.isnan(q[:, 0]), 0.0, 20.0)[None])
    return Comparison(
        humans=humans,
        forecasts=forecasts,
        panel=Forecaster("panel", q),
        judges=(Forecaster("judge", q),),
        base_rate=base_rate(humans),
        segments=make_segments(humans, resamples, 0),
        posterior=posterior,
        smoothing=smoothing,
        seed=0,
    )
