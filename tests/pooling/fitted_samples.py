"""Samples that fitted pools are tried on: synthetic people, and judges that see them through noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panel_eval.pooling import JudgeForecasts, collect_item_votes
from panel_eval.pooling.fitted import TrainingSample

JUDGES = "abcdefghijklm"


def forecasts_of(q_raw: np.ndarray, strength: float = 1.0) -> JudgeForecasts:
    """Forecasts of judges a, b, c …; a NaN row is a missing answer."""
    q = np.asarray(q_raw, dtype=np.float64)
    ids = [f"i{row:05d}" for row in range(q.shape[1])]
    empty = collect_item_votes([], ids, [str(label) for label in range(q.shape[2])], JUDGES[: len(q)])
    return replace(empty, q_raw=q, strength=strength * ~np.isnan(q[:, :, 0]))


def synthetic_sample(
    n_items: int = 120,
    n_judges: int = 3,
    n_labels: int = 4,
    *,
    seed: int = 0,
    distributions: bool = False,
    ordinal: bool = True,
    missing: float = 0.1,
) -> TrainingSample:
    """Six reviewers an item; judges give one label each, or their whole distribution; some answers are missing."""
    generator = np.random.default_rng(seed)
    truth = generator.dirichlet(np.full(n_labels, 0.8), size=n_items)
    scores = np.log(truth) + generator.normal(size=(n_judges, n_items, n_labels)) + generator.normal(size=n_labels)
    said = np.exp(scores - scores.max(axis=2, keepdims=True))
    said /= said.sum(axis=2, keepdims=True)
    if not distributions:
        said = np.eye(n_labels)[said.argmax(axis=2)]
    said[generator.random(said.shape[:2]) < missing] = np.nan
    votes = generator.multinomial(6, truth).astype(float)
    forecasts = forecasts_of(said, 20.0 if distributions else 1.0)
    return TrainingSample(forecasts, votes, np.arange(n_items), ordinal, seed)


def with_answers(sample: TrainingSample, q_raw: np.ndarray) -> TrainingSample:
    """The same people beside other answers."""
    return replace(sample, forecasts=forecasts_of(q_raw))
