"""Confidence sequences: intervals of a mean that hold at every night at once, however often one looks."""

from __future__ import annotations

import math

import numpy as np

from panel_eval.stats.arrays import FloatArray


def mixing_scale(target: float, alpha: float = 0.05) -> float:
    """The rho of Robbins' normal mixture that makes the interval narrowest around a number of differences.

    rho² = (-2 ln alpha + ln(-2 ln alpha) + 1) / target; for 1,000 differences at alpha = .05 it is .0937112609.

    Args:
        target: number of differences, above 0.
        alpha: chance that the interval ever misses the mean, below .5.

    References:
        Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit theory and asymptotic
        confidence sequences", Annals of Statistics 52 (arXiv 2103.06476), appendix B.2; METHODS 3.5.
    """
    twice = -2.0 * math.log(alpha)
    return math.sqrt((twice + math.log(twice) + 1.0) / target)


def sequence_half_width(count: FloatArray, rho: float, alpha: float | FloatArray = 0.05) -> FloatArray:
    """Half the width of an asymptotic confidence sequence, in standard deviations of one difference.

    sqrt(2 (t rho² + 1) / (t² rho²) ln(sqrt(t rho² + 1) / alpha)) after t differences. The running mean, that much
    to either side, holds the true mean at all t at once with probability 1 - alpha.

    Args:
        count: number of differences so far, any shape; infinite width at 0.
        rho: see `mixing_scale`.
        alpha: chance of ever missing, a number or of the shape of `count`.

    References:
        As `mixing_scale`, theorem 2.2.
    """
    t = np.asarray(count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = t * rho**2 + 1.0
        width = np.sqrt(2.0 * spread / np.square(t * rho) * np.log(np.sqrt(spread) / alpha))
    return np.where(t > 0, width, np.inf)
