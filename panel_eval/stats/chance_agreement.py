"""Agreement corrected for chance: Fleiss' kappa, Gwet's AC1 and AC2, Cohen's kappa, weighted or not.

They differ in what they take for chance, so on skewed labels they can be far apart: show them with the prevalence.
All work on sums and means over items, for one sample or for many resamples at once, and are NaN where chance alone
would agree fully (0/0), never 1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray

WeightKind = Literal["identity", "linear", "quadratic", "ordinal"]

_CERTAIN = 1e-12
"""Chance disagreement below this is the rounding error of none."""


def agreement_weights(values: ArrayLike, kind: WeightKind) -> FloatArray:
    """How far two labels agree, from 1 (the same) to 0 (at the far ends).

    identity: 1 if the same. linear: 1 - |v_k - v_l| / (max - min). quadratic: 1 - ((v_k - v_l) / (max - min))².
    ordinal: 1 - C(|k - l| + 1, 2) / C(K, 2), from the order alone.

    Args:
        values: (n_labels,) of the labels, in scale order.
        kind: which weights.

    Returns:
        (n_labels, n_labels).

    Raises:
        ValueError: fewer than two labels, or values that are all the same.

    References:
        Gwet (2014), "Handbook of Inter-Rater Reliability", 4th ed.
    """
    v = np.asarray(values, dtype=np.float64)
    if v.ndim != 1 or v.size < 2 or np.ptp(v) == 0:
        raise ValueError("values must be (n_labels,), two or more, and not all the same")
    if kind == "identity":
        return np.eye(v.size)
    if kind == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(v.size), np.arange(v.size))).astype(np.float64)
        return 1.0 - steps * (steps + 1.0) / (v.size * (v.size - 1.0))
    apart = np.abs(np.subtract.outer(v, v)) / np.ptp(v)
    weights: FloatArray = 1.0 - (apart if kind == "linear" else apart**2)
    return weights


def fleiss_kappa(agreement: ArrayLike, prevalence: ArrayLike) -> FloatArray:
    """Fleiss' kappa: (p_a - Σ π_k²) / (1 - Σ π_k²).

    For unequal numbers of votes p_a is the mean over items with two or more of `pair_agreement`, and π the mean
    over items of their shares: every item weighs the same (Gwet's generalisation). With equal numbers that is
    Fleiss' own.

    Args:
        agreement: (...) p_a.
        prevalence: (..., n_labels) π.

    Returns:
        (...), NaN where all votes are for one label.

    References:
        Fleiss (1971), "Measuring nominal scale agreement among many raters"; Gwet (2014).
    """
    pi = np.asarray(prevalence, dtype=np.float64)
    return _beyond_chance(np.asarray(agreement, dtype=np.float64), (pi**2).sum(axis=-1))


def gwet_ac(agreement: ArrayLike, prevalence: ArrayLike, weights: FloatArray) -> FloatArray:
    """Gwet's AC2, which is AC1 under identity weights: (p_a - p_e) / (1 - p_e).

    p_e = ΣW / (K (K - 1)) Σ π_k (1 - π_k): chance agrees only on items that are hard to decide, so a skewed
    prevalence does not push it towards 1 as it does for kappa.

    Args:
        agreement: (...) p_a, the mean over items with two or more votes of `pair_agreement` under these weights.
        prevalence: (..., n_labels) π, the mean over items of their shares.
        weights: (n_labels, n_labels) of `agreement_weights`.

    Returns:
        (...), NaN where all votes are for one label.

    References:
        Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement".
    """
    pi = np.asarray(prevalence, dtype=np.float64)
    n_labels = pi.shape[-1]
    spread = (pi * (1.0 - pi)).sum(axis=-1)
    chance = weights.sum() / (n_labels * (n_labels - 1.0)) * spread
    defined = np.where(spread > _CERTAIN, chance, np.nan)
    return _beyond_chance(np.asarray(agreement, dtype=np.float64), defined)


def cohen_kappa(confusion: ArrayLike, weights: FloatArray | None = None) -> FloatArray:
    """Cohen's kappa of two raters: (p_o - p_e) / (1 - p_e), with p_e from each rater's own frequencies.

    Args:
        confusion: (..., n_labels, n_labels) items (or shares of them) by the labels of both.
        weights: (n_labels, n_labels) of `agreement_weights` for weighted kappa; default identity.

    Returns:
        (...), NaN where both use one and the same label only, or there are no items.

    Raises:
        ValueError: tables that are not square.

    References:
        Cohen (1960), "A coefficient of agreement for nominal scales"; Cohen (1968) for weights.
    """
    table = np.asarray(confusion, dtype=np.float64)
    if table.ndim < 2 or table.shape[-1] != table.shape[-2]:
        raise ValueError(f"confusion must be (..., n_labels, n_labels), got shape {table.shape}")
    w = np.eye(table.shape[-1]) if weights is None else weights
    n = table.sum(axis=(-2, -1))
    share = table / np.where(n > 0, n, np.nan)[..., None, None]
    expected = np.einsum("...k,kl,...l->...", share.sum(axis=-1), w, share.sum(axis=-2))
    return _beyond_chance((share * w).sum(axis=(-2, -1)), expected)


def _beyond_chance(observed: FloatArray, chance: FloatArray) -> FloatArray:
    room = 1.0 - chance
    exists = room > _CERTAIN
    return np.where(exists, (observed - chance) / np.where(exists, room, 1.0), np.nan)
