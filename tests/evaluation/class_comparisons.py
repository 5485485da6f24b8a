"""Comparisons for the tests of classes and of missing votes: forecasts given as arrays, no votes needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import jeffreys_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.pooling import collect_votes, pool_linear, smooth
from panel_eval.schema import Smoothing


def comparison_of(humans, panel_q, judge_q=None, resamples=200, seed=0):
    """A comparison whose panel says `panel_q`; judges likewise, by name."""
    judges = {} if judge_q is None else judge_q
    return Comparison(
        humans=humans,
        forecasts=collect_votes([], humans, tuple(judges)),
        panel=Forecaster("panel", np.asarray(panel_q, dtype=float)),
        judges=[Forecaster(name, np.asarray(q, dtype=float)) for name, q in judges.items()],
        base_rate=base_rate(humans),
        segments=make_segments(humans, resamples, seed),
        posterior=jeffreys_posterior(humans),
        smoothing=Smoothing(),
        seed=seed,
    )


def comparison_of_votes(humans, votes, resamples=200):
    """A comparison whose judges and panel are made from votes."""
    forecasts = collect_votes(votes, humans)
    pooled, strength = pool_linear(forecasts, None)
    rule = Smoothing()
    judge_q = {
        judge: smooth(forecasts.q_raw[row], forecasts.strength[row], rule, humans.labels)
        for row, judge in enumerate(forecasts.judge_ids)
    }
    made = comparison_of(humans, smooth(pooled, strength, rule, humans.labels), judge_q, resamples)
    return replace(made, forecasts=forecasts)


def with_prior(comparison, prior):
    """The comparison with another prior, the votes added to it."""
    posterior = replace(comparison.posterior, prior=prior, alpha=comparison.humans.counts + prior)
    return replace(comparison, posterior=posterior)
