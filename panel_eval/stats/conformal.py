"""Label sets that hold the label of a random reviewer with a given probability, whatever the forecast is worth."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.risk_control import SCORE_DECIMALS

_ROUNDING = 1e-12
"""Part of the units by which sums of masses may be off."""


def label_scores(q: FloatArray) -> FloatArray:
    """How odd each label would be: 1 - q_k, rounded so that equal masses are tied. NaN rows stay NaN.

    Args:
        q: (n_items, n_labels) forecasts.
    """
    return np.asarray(np.round(1.0 - q, SCORE_DECIMALS))


def conformal_threshold(
    scores: FloatArray, alpha: float, mass: FloatArray | None = None, n_units: int | None = None
) -> float:
    """Score up to which labels belong to the set.

    With one drawn label for each unit this is split conformal prediction: the ceil((n + 1)(1 - alpha))-th smallest
    of n scores, inf if there are fewer, that is where n < 1 / alpha - 1. With all labels of each unit it is the
    smallest t with (mass of the scores above t + 1) / (n + 1) <= alpha: conformal risk control of the chance that
    a reviewer's label is left out. Both hold a random reviewer's label of a random new unit with probability at
    least 1 - alpha.

    Args:
        scores: (n_units,) score of a label drawn at random for each unit; or of any shape, with masses.
        alpha: chance of leaving the label out, in (0, 1).
        mass: of the shape of `scores`: share of each label among those of its unit, 1 in all for each unit.
        n_units: how many units the masses are of; default: as many as `scores` is long.

    Raises:
        ValueError: shapes that do not fit, NaN, or alpha outside (0, 1).

    Notes:
        Stutz et al. average the p-values of several draws and state 1 - 2 alpha, which holds for any average of
        p-values. The same sets hold 1 - alpha: a unit's loss is its own average over labels, falls as the
        threshold rises, and is exchangeable with a new unit's (conformal risk control; hierarchical conformal
        prediction). All of a unit's votes at once are what endless draws from them come to.

    References:
        Stutz et al. (2023), "Conformal prediction under ambiguous ground truth", arXiv 2307.09302; Angelopoulos et
        al. (2022), "Conformal risk control", arXiv 2208.02814, theorem 1; Lee, Barber & Willett (2023),
        "Distribution-free inference with hierarchical data", arXiv 2306.06342.
    """
    values = np.asarray(scores, dtype=np.float64)
    weight = np.ones(values.shape) if mass is None else np.asarray(mass, dtype=np.float64)
    if values.shape != weight.shape or (mass is None and values.ndim != 1) or np.isnan(values).any():
        raise ValueError(f"scores {values.shape} must be one for each unit, or have masses of their shape; no NaN")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie in (0, 1), got {alpha}")
    n = len(values) if n_units is None else n_units
    allowed = alpha * (n + 1) - 1.0 + _ROUNDING * (n + 1)
    if allowed < 0.0 or not n:
        return np.inf
    present = weight > 0
    distinct, place = np.unique(values[present], return_inverse=True)
    at = np.bincount(place, weights=weight[present])
    above = np.append(np.cumsum(at[::-1])[::-1][1:], 0.0)
    return float(distinct[np.argmax(above <= allowed)])


def label_sets(q: FloatArray, threshold: float) -> BoolArray:
    """Which labels belong to the set of each item: those up to the threshold, and the top labels in any case.

    Args:
        q: (n_items, n_labels) forecasts; NaN rows get every label.
        threshold: of `conformal_threshold`.

    Returns:
        (n_items, n_labels), at least one True a row.
    """
    scores = label_scores(q)
    unknown = np.isnan(scores[:, :1])
    best = np.where(unknown, np.inf, scores).min(axis=1, keepdims=True)
    return np.asarray(unknown | (scores <= np.maximum(best, threshold)))
