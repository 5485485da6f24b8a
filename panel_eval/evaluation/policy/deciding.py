"""A policy at work: decide an item or hand it over, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from panel_eval.evaluation.policy.losses import top_labels
from panel_eval.evaluation.policy.scores import deferral_scores
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.conformal import label_sets

Reason = Literal["certain", "uncertain", "nothing_allowed", "few_judges", "no_answer"]

REASON_WORDS: dict[Reason, str] = {
    "certain": "its score is below the threshold",
    "uncertain": "its score is not below the threshold",
    "nothing_allowed": "the policy decides nothing: no threshold kept the promised risk",
    "few_judges": "too few judges answered it",
    "no_answer": "no judge answered it",
}


@dataclass(frozen=True)
class Decisions:
    """What a policy does with each item.

    Attributes:
        decided: (n_items,) whether the panel decides.
        label: (n_items,) position of the panel's top label, also of items handed over; -1 without a forecast.
        score: (n_items,) NaN where it cannot be computed.
        reason: (n_items,) why it was decided or handed over.
        sets: (n_items, n_labels) labels that hold a random reviewer's label with the promised chance.
    """

    decided: BoolArray
    label: IntArray
    score: FloatArray
    reason: tuple[Reason, ...]
    sets: BoolArray


def decide(policy: DeferralPolicy, q: FloatArray, forecasts: JudgeForecasts) -> Decisions:
    """Decide items or hand them over.

    An item that no judge answered is handed over, and so is one that fewer judges answered than the policy asks
    for: calibration has seen no such item, so its promise does not reach it. The label set of both is every label.

    Args:
        policy: made by `calibrate_policy`.
        q: (n_items, n_labels) the panel's forecast, pooled as the policy says; NaN rows where nobody answered.
        forecasts: what the policy's judges said, in its order.
    """
    score = deferral_scores(policy.score, q, forecasts)
    answered = forecasts.answered.sum(axis=0)
    decided = np.zeros(len(q), dtype=bool)
    can = decidable(score, forecasts, policy.fewest_judges)
    if policy.threshold is not None:
        decided = can & (np.where(can, score, np.inf) < policy.threshold)
    codes = np.where(decided, "certain", "uncertain" if policy.threshold is not None else "nothing_allowed")
    codes = np.where(can, codes, np.where(answered > 0, "few_judges", "no_answer"))
    limit = np.inf if policy.sets.threshold is None else policy.sets.threshold
    sets = label_sets(np.where(can[:, None], q, np.nan), limit)
    return Decisions(decided, top_labels(q), score, tuple(codes.tolist()), sets)


def decidable(score: FloatArray, forecasts: JudgeForecasts, fewest_judges: int) -> BoolArray:
    """(n_items,) which items have a score made by enough judges."""
    return np.asarray(np.isfinite(score) & (forecasts.answered.sum(axis=0) >= fewest_judges))
