"""Simulated panels and reviewers for the tests of KL's level; the posterior is the real one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import human_posterior
from panel_eval.evaluation.prior_moves import prior_moves
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.pooling import collect_votes, pool_linear, smooth
from panel_eval.schema import Smoothing

POPULATION = np.array([1.4, 0.95, 0.65])
"""Dirichlet parameters that items' populations are drawn from: three votes' worth."""


def draw(generator, n_items, n_judges=5, informed=True):
    """Populations of items, and judges that each cast one vote: drawn from the population, or from a hat."""
    populations = generator.dirichlet(POPULATION, n_items) + 1e-12
    populations /= populations.sum(axis=1, keepdims=True)
    said = populations if informed else np.full(populations.shape, 1 / 3)
    return populations, np.stack([generator.multinomial(1, said).astype(float) for _ in range(n_judges)])


def panel_of(q_raw):
    """The smoothed forecast of judges with one vote each."""
    pooled, votes = q_raw.mean(axis=0), np.full(q_raw.shape[1], float(len(q_raw)))
    return smooth(pooled, votes, Smoothing(), ("a", "b", "c"))


def compare(humans, q_raw, *, panel_q=None, resamples=200, seed=0, strength=1.0):
    """Judges' distributions (n_judges, n_items, n_labels), NaN where silent, beside people."""
    names = tuple(f"judge-{number}" for number in range(len(q_raw)))
    votes = np.where(np.isnan(q_raw[:, :, 0]), 0.0, strength)
    forecasts = replace(collect_votes([], humans, names), q_raw=q_raw, strength=votes)
    if panel_q is None:
        panel_q = smooth(*pool_linear(forecasts), Smoothing(), humans.labels)
    segments = make_segments(humans, resamples, seed)
    base = base_rate(humans)
    posterior = human_posterior(humans, forecasts, panel_q, base, seed)
    return Comparison(
        humans=humans,
        forecasts=forecasts,
        panel=Forecaster("panel", panel_q),
        judges=[
            Forecaster(name, smooth(q, m, Smoothing(), humans.labels))
            for name, q, m in zip(names, q_raw, votes, strict=True)
        ],
        base_rate=base,
        segments=segments,
        posterior=posterior,
        smoothing=Smoothing(),
        seed=seed,
        prior_moves=prior_moves(posterior, segments[0]),
    )
