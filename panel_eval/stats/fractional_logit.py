"""Logistic regression of a share on one number, with errors that hold where items come in clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtr

from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.standard_errors import t_interval

_MOST_STEPS = 50
_CLOSE = 1e-10
_FAR = 30.0
"""Log-odds beyond which a fitted share is 0 or 1: the data are separated, and no slope fits best."""


@dataclass(frozen=True)
class LogitSlope:
    """How log-odds of y go with x.

    Attributes:
        slope: change of the log-odds of y where x is higher by 1; NaN where none fits best.
        low, high: its 95 % interval; NaN where too few units were there.
        p_value: two-sided, of no relation; NaN likewise.
        n_units: clusters.
    """

    slope: float
    low: float
    high: float
    p_value: float
    n_units: int


def logit_slope(x: FloatArray, y: FloatArray, cluster: IntArray, fewest: int = 8) -> LogitSlope:
    """Fit y = expit(a + b x) by quasi-likelihood; b with a sandwich error over clusters.

    Solves sum_i (y_i - mu_i) (1, x_i) = 0. With y of 0 and 1 it is logistic regression; any share in [0, 1] will do
    (or an unbiased estimate of one): the equations need its mean only. The variance of (a, b) is
    A^-1 (sum_g s_g s_g') A^-1, A = sum_i mu_i (1 - mu_i) (1, x_i)(1, x_i)' and s_g a cluster's sum of
    (y_i - mu_i) (1, x_i), times G / (G - 1) (N - 1) / (N - 2); t with G - 1 degrees of freedom.

    Args:
        x: (n_items,) finite.
        y: (n_items,) in [0, 1].
        cluster: (n_items,) code of each item's cluster.
        fewest: clusters that an interval takes.

    Returns:
        The slope; all NaN where x or y does not vary, or x tells low from high y without error.

    Raises:
        ValueError: shapes that differ, values that are not finite, or y outside [0, 1].

    References:
        Papke & Wooldridge (1996), "Econometric methods for fractional response variables"; Cameron & Miller (2015),
        "A Practitioner's Guide to Cluster-Robust Inference" (CR1).
    """
    if not (x.shape == y.shape == cluster.shape and x.ndim == 1):
        raise ValueError(f"x {x.shape}, y {y.shape} and cluster {cluster.shape} must be alike and (n_items,)")
    if not (np.isfinite(x).all() and ((y >= 0) & (y <= 1)).all()):
        raise ValueError("x must be finite and y lie in [0, 1]")
    names, code = np.unique(cluster, return_inverse=True)
    units = names.size
    nothing = LogitSlope(np.nan, np.nan, np.nan, np.nan, units)
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return nothing
    middle, scale = x.mean(), x.std()  # so that the equations are well scaled whatever the unit of x
    design = np.column_stack([np.ones(x.size), (x - middle) / scale])
    beta = _solved(design, y)
    if beta is None:
        return nothing
    slope = float(beta[1] / scale)
    if units < fewest:
        return LogitSlope(slope, np.nan, np.nan, np.nan, units)
    error = np.sqrt(_sandwich(design, y, beta, code, units)[1, 1]) / scale
    low, high = t_interval(np.array(slope), np.array(error), units)
    p = 2.0 * float(stdtr(units - 1, -abs(slope) / error)) if error > 0 else np.nan
    return LogitSlope(slope, float(low), float(high), p, units)


def _solved(design: FloatArray, y: FloatArray) -> FloatArray | None:
    """(2,) what solves the equations by Newton's method; None where nothing does."""
    share = float(np.clip(y.mean(), 1e-6, 1 - 1e-6))
    beta: FloatArray = np.array([np.log(share / (1 - share)), 0.0])
    for _ in range(_MOST_STEPS):
        mu = expit(design @ beta)
        bread = (design * (mu * (1 - mu))[:, None]).T @ design
        if np.linalg.cond(bread) > 1e12:
            return None
        step = np.linalg.solve(bread, design.T @ (y - mu))
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(beta).max() > _FAR:
            return None
        if np.abs(step).max() < _CLOSE:
            return beta
    return None


def _sandwich(design: FloatArray, y: FloatArray, beta: FloatArray, code: IntArray, units: int) -> FloatArray:
    """(2, 2) variance of beta."""
    mu = expit(design @ beta)
    bread = np.linalg.inv((design * (mu * (1 - mu))[:, None]).T @ design)
    scores = design * (y - mu)[:, None]
    sums = np.column_stack([np.bincount(code, column, units) for column in scores.T])
    n = len(design)
    few = units / (units - 1) * (n - 1) / (n - 2)
    variance: FloatArray = few * bread @ (sums.T @ sums) @ bread
    return variance
