"""Comparisons made from tables of counts, without vote records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import jeffreys_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import HumanLabels
from panel_eval.pooling import collect_votes, pool_linear, smooth
from panel_eval.schema import OUTCOMES, Smoothing
from panel_eval.stats.arrays import FloatArray


def comparison_of(
    make_humans: Callable[..., HumanLabels],
    counts: Sequence[Sequence[float]] | FloatArray,
    judge_votes: Sequence[Sequence[Sequence[float]]] | FloatArray,
    *,
    panel: FloatArray | None = None,
    clusters: Sequence[str] | None = None,
    resamples: int = 200,
) -> Comparison:
    """A panel of judges with votes (n_judges, n_items, n_labels) on items with counts (n_items, n_labels).

    `panel` replaces the pooled forecast.
    """
    votes = np.asarray(judge_votes, dtype=np.float64)
    labels = [f"label {k}" for k in range(votes.shape[2])]
    humans = replace(make_humans(counts, labels), clusters=None if clusters is None else tuple(clusters))
    strength = votes.sum(axis=2)
    outcomes = np.zeros((*strength.shape, len(OUTCOMES)), dtype=np.int64)
    outcomes[:, :, OUTCOMES.index("ok")] = strength
    with np.errstate(invalid="ignore"):
        q_raw = votes / strength[:, :, None]
    forecasts = replace(
        collect_votes([], humans, [f"judge {j}" for j in range(len(votes))]),
        q_raw=q_raw,
        strength=strength,
        outcomes=outcomes,
    )
    smoothing = Smoothing()
    pooled = smooth(*pool_linear(forecasts), smoothing, humans.labels)
    return Comparison(
        humans=humans,
        forecasts=forecasts,
        panel=Forecaster("panel", pooled if panel is None else np.asarray(panel, dtype=np.float64)),
        judges=tuple(
            Forecaster(name, smooth(q, m, smoothing, humans.labels))
            for name, q, m in zip(forecasts.judge_ids, q_raw, strength, strict=True)
        ),
        base_rate=base_rate(humans),
        segments=make_segments(humans, resamples, 0),
        posterior=jeffreys_posterior(humans),
        smoothing=smoothing,
        seed=0,
    )
