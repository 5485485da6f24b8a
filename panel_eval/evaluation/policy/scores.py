"""What items are ranked by before they are decided or handed over."""

from __future__ import annotations

import math

import numpy as np

from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.deferral_settings import DeferralScore
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.deferral_scores import judge_disagreement_rate, one_less_margin, one_less_top
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.panel_spread import between_judge_bits
from panel_eval.stats.risk_control import SCORE_DECIMALS

SCORE_WORDS: dict[DeferralScore, str] = {
    "entropy": "the entropy of the panel's forecast (bits)",
    "one_less_top": "the panel's probability off its top label",
    "margin": "1 less the panel's margin between its two top labels",
    "between_judges": "the spread between the judges (bits)",
    "judge_disagreement": "the chance that two judges name different labels",
}

SCORES_OF_JUDGES: frozenset[DeferralScore] = frozenset({"between_judges", "judge_disagreement"})
"""Those that two judges must have answered for."""


def deferral_scores(score: DeferralScore, q: FloatArray, forecasts: JudgeForecasts) -> FloatArray:
    """The score of each item, rounded so that ties are ties.

    Args:
        score: which.
        q: (n_items, n_labels) the panel's forecast; NaN rows where nobody answered.
        forecasts: what each judge said.

    Returns:
        (n_items,); NaN where there is no forecast, or fewer than two judges for a score of judges.
    """
    if score == "entropy":
        values = entropy_bits(q)
    elif score == "one_less_top":
        values = one_less_top(q)
    elif score == "margin":
        values = one_less_margin(q)
    else:
        spread = between_judge_bits if score == "between_judges" else judge_disagreement_rate
        several = forecasts.answered.sum(axis=0) >= 2
        values = np.where(several & np.isfinite(q[:, 0]), spread(forecasts.q_raw), np.nan)
    return np.asarray(np.round(values, SCORE_DECIMALS))


def above_any_score(score: DeferralScore, n_labels: int, n_judges: int) -> float:
    """A number that no score reaches: the threshold that decides everything, as JSON can hold it."""
    if score == "entropy":
        return 1.0 + math.log2(n_labels)
    return 1.0 + (math.log2(n_judges) if score == "between_judges" else 1.0)
