"""Synthetic panels and people for policies: the truth behind every item is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.pooling.votes import collect_votes
from panel_eval.schema import OUTCOMES, Smoothing
from panel_eval.stats.arrays import FloatArray

MakeHumans = Callable[..., HumanLabels]


@dataclass(frozen=True)
class Example:
    """People, judges, the pooled forecast, and the populations that the people were drawn from."""

    humans: HumanLabels
    forecasts: JudgeForecasts
    q: FloatArray
    truth: FloatArray


def labelled(
    make_humans: MakeHumans,
    counts: FloatArray,
    *,
    scale: str = "nominal",
    clusters: tuple[str, ...] | None = None,
) -> HumanLabels:
    """Items from counts, some of which may share an origin."""
    table = np.asarray(counts, dtype=np.float64)
    return replace(make_humans(table, "abcdefgh"[: table.shape[1]], scale), clusters=clusters)


def judged(humans: HumanLabels, votes: FloatArray) -> JudgeForecasts:
    """Judges with votes (n_judges, n_items, n_labels); none where a judge did not answer."""
    strength = np.asarray(votes, dtype=np.float64).sum(axis=2)
    outcomes = np.zeros((*strength.shape, len(OUTCOMES)), dtype=np.int32)
    outcomes[:, :, OUTCOMES.index("ok")] = strength
    with np.errstate(invalid="ignore"):
        q_raw = votes / strength[:, :, None]
    empty = collect_votes([], humans, [f"judge-{j}" for j in range(len(votes))])
    return replace(
        empty,
        q_raw=q_raw,
        strength=strength,
        outcomes=outcomes,
        confidence=np.full(strength.shape, np.nan),
    )


def example(
    make_humans: MakeHumans,
    n_items: int,
    seed: int = 0,
    *,
    scale: str = "nominal",
    clusters: tuple[str, ...] | None = None,
    reviewers: int = 7,
    n_judges: int = 3,
    missing: float = 0.0,
    noise: float = 0.15,
) -> Example:
    """Easy and hard items of three labels; judges see the population through noise, five votes each."""
    rng = np.random.default_rng([seed, 3])
    sharpness = rng.choice([0.05, 0.4, 3.0], size=n_items)
    truth = np.array([rng.dirichlet(np.full(3, s)) for s in sharpness])
    counts = rng.multinomial(reviewers, truth)
    seen = (1 - noise) * truth + noise * rng.dirichlet(np.ones(3), size=(n_judges, n_items))
    votes = rng.multinomial(5, seen).astype(np.float64)
    votes[rng.random((n_judges, n_items)) < missing] = 0.0
    humans = labelled(make_humans, counts, scale=scale, clusters=clusters)
    forecasts = judged(humans, votes)
    return Example(humans, forecasts, smooth(*pool_linear(forecasts), Smoothing(), humans.labels), truth)
