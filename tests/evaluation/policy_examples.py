"""Synthetic panels and people for policies: the truth behind every item is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panel_eval.humans import HumanLabels, disagreement_class
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.pooling.votes import collect_votes
from panel_eval.schema import OUTCOMES, Smoothing, SoftLabel
from panel_eval.stats.arrays import FloatArray


@dataclass(frozen=True)
class Example:
    """People, judges, the pooled forecast, and the populations that the people were drawn from."""

    humans: HumanLabels
    forecasts: JudgeForecasts
    q: FloatArray
    truth: FloatArray


def labelled(counts: FloatArray, *, scale: str = "nominal", clusters: tuple[str, ...] | None = None) -> HumanLabels:
    """Items from counts."""
    table = np.asarray(counts, dtype=np.float64)
    ids = tuple(f"item-{row:05d}" for row in range(len(table)))
    classes, tie = disagreement_class(table, scale)
    return HumanLabels(
        task="synthetic",
        labels=tuple("abcdefgh"[: table.shape[1]]),
        scale=scale,
        label_values=np.arange(table.shape[1], dtype=np.float64),
        item_ids=ids,
        counts=table,
        counts_known=np.ones(len(table), dtype=bool),
        reviewer_count=table.sum(axis=1).astype(np.int64),
        distribution=table / table.sum(axis=1, keepdims=True),
        derived_class=tuple(classes),
        adjacent_tie=np.asarray(tie),
        reported_class=(None,) * len(table),
        clusters=clusters,
        records=tuple(SoftLabel(item_id=item_id, task="synthetic") for item_id in ids),
    )


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
    humans = labelled(counts, scale=scale, clusters=clusters)
    forecasts = judged(humans, votes)
    return Example(humans, forecasts, smooth(*pool_linear(forecasts), Smoothing(), humans.labels), truth)
