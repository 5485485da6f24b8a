"""Adjusted p-values for several tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray


def holm(p_values: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Holm's step-down: the chance of any false alarm stays below the level, however the tests depend.

    The i-th smallest of m p-values times m - i + 1, made not to fall, at most 1. With weights, p / w is ordered and
    taken times the sum of the weights from there on: a test gets its weight's share of the level at the first step.

    Args:
        p_values: (n_tests,).
        weights: (n_tests,) above 0, fixed before the tests were made; None = all alike.

    Returns:
        (n_tests,) adjusted; reject where they are at most the level.

    Raises:
        ValueError: wrong shape, p-values outside [0, 1], or a weight that is not above 0.

    References:
        Holm (1979), "A simple sequentially rejective multiple test procedure", which has the weights too.
    """
    p = _as_p_values(p_values)
    w = np.ones(p.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != p.shape or not ((w > 0) & np.isfinite(w)).all():
        raise ValueError("weights must be (n_tests,), finite and above 0")
    order = np.argsort(p / w, kind="stable")
    remaining = np.cumsum(w[order][::-1])[::-1]
    rising = np.maximum.accumulate(p[order] / w[order] * remaining)
    return _back(np.minimum(rising, 1.0), order)


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Benjamini and Hochberg's step-up: the expected share of false alarms among alarms, for independent tests.

    The i-th smallest of m p-values times m / i, made not to fall, at most 1.

    Args:
        p_values: (n_tests,).

    Returns:
        (n_tests,) adjusted; reject where they are at most the level.

    Raises:
        ValueError: wrong shape, or values outside [0, 1].

    References:
        Benjamini & Hochberg (1995), "Controlling the False Discovery Rate".
    """
    return _step_up(_as_p_values(p_values), 1.0)


def benjamini_yekutieli(p_values: ArrayLike) -> FloatArray:
    """Benjamini and Yekutieli's step-up: as `benjamini_hochberg`, under any dependence of the tests.

    The p-values of `benjamini_hochberg` before the bound at 1, times 1 + 1/2 + … + 1/m.

    Args:
        p_values: (n_tests,).

    Returns:
        (n_tests,) adjusted; reject where they are at most the level.

    Raises:
        ValueError: wrong shape, or values outside [0, 1].

    References:
        Benjamini & Yekutieli (2001), "The control of the false discovery rate … under dependency".
    """
    p = _as_p_values(p_values)
    return _step_up(p, float((1.0 / np.arange(1, p.size + 1)).sum()))


def _as_p_values(p_values: ArrayLike) -> FloatArray:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p_values must be (n_tests,) and lie in [0, 1]")
    return p


def _step_up(p: FloatArray, penalty: float) -> FloatArray:
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (penalty * p.size / np.arange(1, p.size + 1))
    rising = np.minimum.accumulate(scaled[::-1])[::-1]
    return _back(np.minimum(rising, 1.0), order)


def _back(adjusted: FloatArray, order: np.ndarray) -> FloatArray:
    """Adjusted p-values in the order the tests came in."""
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return result
