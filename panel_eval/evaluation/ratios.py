"""Numbers that are a ratio of two means over the same items, resampled whole."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.means import Mean, estimate, infinite_note, null
from panel_eval.schema import Estimate
from panel_eval.stats import percentile_interval

NO_ITEMS = "no items"
NO_COUNTS = "no item has two or more reviewers with known counts"


def base_rate_skill(score: Mean, base: Mean) -> Estimate:
    """Cross-entropy skill 1 - CE / CE of the base rate, a ratio of means resampled whole (METHODS §2.5)."""
    if score.n == 0:
        return null(NO_ITEMS)
    if score.n_infinite:
        return null(infinite_note(score.n_infinite), score.n)
    replicates = None if score.interval_note else 1.0 - score.replicates / base.replicates
    return estimate(1.0 - score.value / base.value, replicates, score.n, score.interval_note)


def reviewers_estimate(impurity: Mean, distance: Mean, missing: str = NO_COUNTS) -> Estimate:
    """Human-equivalent reviewers n_eq = mean impurity / mean debiased Brier distance.

    The interval is taken of 1 / n_eq, which stays finite where the distance passes through zero; an end at or
    below zero there means that no number of reviewers bounds n_eq, and is written as null.
    """
    n = distance.n
    if n == 0:
        return null(missing)
    if impurity.value <= 0:
        return null("reviewers agree on every item, so any number of them is as good as one", n)
    if distance.value <= 0:
        return null("unbounded: as close to the reviewers' population as can be told apart from it", n)
    value = impurity.value / distance.value
    if distance.interval_note:
        return estimate(value, None, n, distance.interval_note)
    drawn = impurity.replicates > 0
    inverse = np.where(drawn, distance.replicates / np.where(drawn, impurity.replicates, 1.0), np.nan)
    low, high = percentile_interval(inverse)
    note = None if low > 0 or np.isnan(low) else "no upper end: the interval reaches a distance of zero"
    return Estimate(
        estimate=value,
        low=float(1.0 / high) if high > 0 else None,
        high=float(1.0 / low) if low > 0 else None,
        n=n,
        note=note,
    )
