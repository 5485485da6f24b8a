"""Prediction-powered means: many forecasts, corrected by a few values that are known.

A panel's mean over a pool is biased by whatever the panel gets wrong. On a random sample of items with known values
the error shows, and is taken off; what is left is unbiased for any forecast, and more exact the better it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from panel_eval.stats.arrays import FloatArray, IntArray, as_vector

FEWEST_TUNED = 5
"""Independent labelled units below which no power can be tuned: the spread left has n - 2 degrees of freedom, and
the price of tuning is finite from n - 3 on."""


class PoweredMean(NamedTuple):
    """A mean of known values, sharpened by forecasts.

    Attributes:
        mean: the estimate.
        standard_error: as if the power had been known beforehand; NaN under two units, labelled or of the pool.
        error: with the price of tuning the power; what the interval is made of.
        freedom: degrees of freedom of the interval (Welch-Satterthwaite).
        low, high: ends of the interval; NaN as before, and under `FEWEST_TUNED` units if the power was tuned.
        power: λ, how much of the forecasts is used: 0 nothing (the plain mean), 1 all.
        units: independent units with a known value.
    """

    mean: float
    standard_error: float
    error: float
    freedom: float
    low: float
    high: float
    power: float
    units: int


def prediction_powered_mean(
    values: ArrayLike,
    forecasts: ArrayLike,
    pool: ArrayLike,
    *,
    power: float | None = None,
    weights: ArrayLike | None = None,
    clusters: tuple[IntArray, IntArray] | None = None,
    level: float = 0.95,
) -> PoweredMean:
    """Mean value in the population, from a labelled sample and forecasts of a larger, unlabelled one.

    θ = λ·mean f(unlabelled) + mean(y - λ·f(labelled)), variance var(y - λf)/n + λ² var f(unlabelled)/N, all with
    ddof 1 (with ddof 0, as some code has it, intervals are too narrow at small n). Unbiased for any λ and any f
    that did not see the labelled values. Intervals are of Student's t. A tuned λ was made to let the spread look
    small, so its interval takes the labelled part times (n - 1)/(n - 2) · (1 + 1/(n - 3)) with n - 2 degrees of
    freedom, as the regression estimator of survey sampling does.

    With sampling weights the labelled items are part of the pool that they were drawn from:
    θ = λ·mean f(all) + Σ w (y - λf) / Σ w, with the spread of the ratio by linearisation.

    Args:
        values: (n,) known values y of the labelled items.
        forecasts: (n,) forecasts f of the same items, by a rule that did not see their values.
        pool: (N,) forecasts of the unlabelled items by the same rule.
        power: λ; default: tuned, see `tuned_power`. 0 gives the plain (weighted) mean and its t interval.
        weights: (n,) sampling weights (inverse of the chance to be labelled, up to a factor), for samples that
            were not drawn evenly.
        clusters: (n,) and (N,) codes of the clusters of labelled and unlabelled items, in one numbering; units are
            clusters then. Default: every item is a unit of its own.
        level: nominal coverage.

    Raises:
        ValueError: shapes that differ, values that are not finite, no item, weights not above 0.

    References:
        Angelopoulos et al. (2023), "Prediction-powered inference"; Angelopoulos, Duchi & Zrnic (2023), "PPI++";
        Cochran (1977), "Sampling Techniques", ch. 7 and 12 for the regression estimator and its small samples.
    """
    y, f, u, w, own, others = _sample(values, forecasts, pool, weights, clusters)
    share = tuned_power(y, f, u, None if weights is None else w) if power is None else power
    left = y - share * f
    residual = float(w @ left / w.sum())
    n_clusters = int(max(own.max(), others.max())) + 1
    known = _unit_sums(w * (left - residual) / w.sum(), own, n_clusters)
    powered = _unit_sums(share * (u - u.mean()) / u.size, others, n_clusters)
    units = np.unique(own).size, np.unique(others).size
    return _interval(float(share * u.mean() + residual), share, known, powered, units, power is None, level)


def tuned_power(y: FloatArray, f: FloatArray, pool: FloatArray, weights: FloatArray | None = None) -> float:
    """The λ that makes the estimate most exact, kept within 0 and 1.

    λ = cov(y, f) / ((1 + n/N) var f), var f over labelled and unlabelled items together (PPI++; METHODS §3.6). With
    weights the pool holds the labelled items and λ is the weighted slope cov(y, f) / var f. Without the bound
    at 1 the covariance's own noise makes intervals of a good panel a quarter wider at n = 10; a panel whose
    forecasts vary too little, for which λ would exceed 1, is better fitted first.

    Args:
        y: (n,) values of the labelled items.
        f: (n,) forecasts of them.
        pool: (N,) forecasts of the unlabelled items; with weights, of all.
        weights: (n,) sampling weights.
    """
    if y.size < 2:
        return 0.0
    if weights is None:
        shared = float(np.cov(y, f)[0, 1])
        spread = (1 + y.size / pool.size) * float(np.concatenate([f, pool]).var(ddof=1))
    else:
        from_mean = f - np.average(f, weights=weights)
        shared, spread = float(weights @ (y * from_mean)), float(weights @ np.square(from_mean))
    return min(max(shared / spread, 0.0), 1.0) if spread > 0 else 0.0


class _Sample(NamedTuple):
    """Values and forecasts of labelled items, forecasts of the pool, weights, clusters of both."""

    values: FloatArray
    forecasts: FloatArray
    pool: FloatArray
    weights: FloatArray
    own: IntArray
    others: IntArray


def _sample(
    values: ArrayLike,
    forecasts: ArrayLike,
    pool: ArrayLike,
    weights: ArrayLike | None,
    clusters: tuple[IntArray, IntArray] | None,
) -> _Sample:
    y, f, u = _checked(values, "values"), _checked(forecasts, "forecasts"), _checked(pool, "pool")
    if not (y.size == f.size > 0 and u.size):
        raise ValueError(
            f"{y.size} values, {f.size} forecasts and {u.size} of the pool: there must be some of each"
        )
    own, others = clusters or (np.arange(y.size), y.size + np.arange(u.size))
    if np.shape(own) != y.shape or np.shape(others) != u.shape:
        raise ValueError("clusters must have the shapes of the values and of the pool")
    if weights is None:
        return _Sample(y, f, u, np.ones(y.size), own, others)
    w = _checked(weights, "weights")
    if w.shape != y.shape or w.min() <= 0:
        raise ValueError(f"weights must be ({y.size},) and above 0")
    return _Sample(y, f, np.concatenate([f, u]), w, own, np.concatenate([own, others]))


def _checked(values: ArrayLike, name: str) -> FloatArray:
    array = as_vector(values, name)
    if np.isnan(array).any():
        raise ValueError(f"{name} must be finite")
    return array


def _unit_sums(parts: FloatArray, cluster: IntArray, n_clusters: int) -> FloatArray:
    """(n_clusters,) what each unit adds to the deviation of the estimate."""
    return np.asarray(np.bincount(cluster, weights=parts, minlength=n_clusters), dtype=np.float64)


def _interval(
    mean: float,
    power: float,
    sample: FloatArray,
    rest: FloatArray,
    units: tuple[int, int],
    tuned: bool,
    level: float,
) -> PoweredMean:
    n, n_pool = units
    if n < 2 or (n_pool < 2 and power != 0):
        return PoweredMean(mean, *(math.nan,) * 5, power=power, units=n)
    sample = sample * math.sqrt(n / (n - 1))
    rest = rest * math.sqrt(n_pool / max(n_pool - 1, 1))
    standard_error = float(np.sqrt(np.square(sample + rest).sum()))
    if tuned and n < FEWEST_TUNED:
        return PoweredMean(mean, standard_error, *(math.nan,) * 4, power=power, units=n)
    price = (n - 1) / (n - 2) * (1 + 1 / (n - 3)) if tuned else 1.0
    sample = sample * math.sqrt(price)
    error = float(np.sqrt(np.square(sample + rest).sum()))
    freedom = _satterthwaite(sample, rest, n - 2 if tuned else n - 1, n_pool - 1)
    half = float(stdtrit(freedom, 0.5 * (1 + level))) * error
    return PoweredMean(mean, standard_error, error, freedom, mean - half, mean + half, power, n)


def _satterthwaite(sample: FloatArray, rest: FloatArray, freedom: int, pool_freedom: int) -> float:
    """Degrees of freedom of a sum of two variances that were each estimated."""
    known, powered = float(np.square(sample).sum()), float(np.square(rest).sum())
    uncertain = known**2 / freedom + powered**2 / max(pool_freedom, 1)
    return (known + powered) ** 2 / uncertain if uncertain > 0 else float(freedom)
