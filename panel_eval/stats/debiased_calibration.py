"""Binned calibration error freed of what the noise of the votes adds to it, and an interval for the plain one."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, quotient
from panel_eval.stats.bootstrap import percentile_interval


def gap_noise(sums: FloatArray, numbers: FloatArray) -> FloatArray:
    """Estimated variance of each bin's mean gap, from the products of gaps of different units.

    v = g² - (mean product of the gaps of two items of different units). With one item a unit it is s² / n. The
    plain squared gap of a calibrated forecast is v on average, not 0.

    Args:
        sums: (n_units, n_bins) sum of the gaps of the unit's items in the bin.
        numbers: (n_units, n_bins) number of those items.

    Returns:
        (n_bins,) NaN where fewer than two units are in the bin.
    """
    total, items = sums.sum(axis=0), numbers.sum(axis=0)
    pairs = np.square(items) - np.square(numbers).sum(axis=0)
    between = quotient(np.square(total) - np.square(sums).sum(axis=0), pairs)
    noise: FloatArray = np.square(quotient(total, items)) - between
    return noise


def squared_error_without_noise(
    mean_gap: FloatArray, numbers: FloatArray, noise: FloatArray, times: float = 1.0
) -> FloatArray:
    """sum_b (n_b / N) * (g_b² - times * v_b) over the bins whose noise is known.

    Unbiased, so negative about half of the time where there is nothing to find. Never clip it before averaging.

    Args:
        mean_gap: (..., n_bins) mean gap of each bin; NaN where it is empty.
        numbers: (..., n_bins) items in it.
        noise: (n_bins,) see `gap_noise`.
        times: 1 for the sample; 2 for a resample, whose gaps carry the noise of the sample and of the drawing.

    Returns:
        (...) NaN where no bin is known.

    References:
        Kumar, Liang & Ma (2019), "Verified Uncertainty Calibration"; Roelofs et al. (2022), "Mitigating Bias in
        Calibration Error Estimation".
    """
    known = ~(np.isnan(noise) | np.isnan(mean_gap))
    squares = np.where(known, np.square(mean_gap) - times * noise, 0.0)
    weight = np.where(known, numbers, 0.0)
    return quotient((squares * weight).sum(axis=-1), weight.sum(axis=-1))


def error_interval(value: float, replicates: FloatArray, may_be_zero: bool) -> tuple[float, float]:
    """95 % interval of an error that cannot be negative, and that resampling therefore makes larger.

    A percentile interval of a binned error lies above the truth where the error is small: its replicates carry
    the bias of the estimate once more. Their mean excess over the estimate measures that bias. The upper end is
    the percentile less the bias (but not below the estimate); the lower end is the lower of the percentile less
    twice the bias and of the reflected percentile, and 0 where the debiased square does not tell the error from 0.

    In simulations (Dirichlet forecasts, 4 reviewers, 60 to 1,500 items) it holds the truth in 92 to 100 % of
    cases, where the percentile interval holds that of a calibrated forecast in none.

    Args:
        value: the error, at least 0.
        replicates: (n_resamples,) its resampled values.
        may_be_zero: whether the interval of the debiased squared error holds 0.

    Returns:
        (low, high), 0 <= low <= value <= high; NaN where too few replicates are finite.
    """
    ends = percentile_interval(replicates)
    low, high = float(ends[0]), float(ends[1])
    if not np.isfinite(low + high):
        return np.nan, np.nan
    bias = max(0.0, float(np.nanmean(replicates)) - value)
    lower = 0.0 if may_be_zero else max(0.0, min(low - 2.0 * bias, 2.0 * value - high))
    return min(lower, value), max(value, high - bias)
