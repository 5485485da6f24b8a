"""The linear pool: the weighted mean of the judges that answered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panel_eval.errors import InputError, Problem, nearest
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray


def pool_linear(
    forecasts: JudgeForecasts, weights: Mapping[str, float] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Pool the judges of each item: q = Σ_j w_j·q_j / Σ_j w_j over the judges j that answered it.

    Args:
        forecasts: what each judge said.
        weights: judge id to weight; judges not named weigh 1, a judge of weight 0 does not take part.

    Returns:
        (n_items, n_labels) pooled distributions, NaN rows where nobody answered, and (n_items,) effective votes
        behind them, the sum of the strengths of the judges that took part.

    Raises:
        InputError: a weight is negative, not finite, or for a judge that is not in the panel.

    References:
        Stone (1961), "The opinion pool".
    """
    weight = _weight_vector(forecasts, weights or {})
    part = forecasts.answered & (weight > 0)[:, None]
    share = np.where(part, weight[:, None], 0.0)
    said = np.where(part[:, :, None], forecasts.q_raw, 0.0)
    with np.errstate(invalid="ignore"):
        pooled = np.einsum("ji,jik->ik", share, said) / share.sum(axis=0)[:, None]
    return pooled, np.where(part, forecasts.strength, 0.0).sum(axis=0)


def _weight_vector(forecasts: JudgeForecasts, weights: Mapping[str, float]) -> FloatArray:
    known = forecasts.judge_ids
    problems = []
    for judge, weight in weights.items():
        if judge not in known:
            near = nearest(judge, known)
            fix = f"did you mean {near!r}?" if near else f"the judges are {', '.join(known)}"
            problems.append(Problem("a weight for a judge that is not in the panel", key=judge, fix=fix))
        elif not (np.isfinite(weight) and weight >= 0):
            problems.append(Problem("a weight must be a number of at least 0", key=judge, value=str(weight)))
    if problems:
        raise InputError(problems)
    return np.array([weights.get(judge, 1.0) for judge in known], dtype=np.float64)
