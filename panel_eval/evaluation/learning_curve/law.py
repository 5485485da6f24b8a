"""How many labels do I need? The law through the curve, read backwards and beyond the labels at hand."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.learning_curve.curve import Curve
from panel_eval.evaluation.means import estimate, null
from panel_eval.schema import Estimate
from panel_eval.schema.learning_curve_metrics import LearningLaw
from panel_eval.stats import percentile_interval
from panel_eval.stats.power_law import EXPONENTS, SLOW_EXPONENTS, PowerLaw, fit_power_law

TOLERANCE_BITS = 0.01
_FEWEST_SIZES = 4
_SLOWER = "the points fall more slowly than any law tried that has an end in sight: more may be left to gain"
_LOOSEST = 10.0
"""A number of items is not given where the upper end of its interval is more than so many times the lower end."""


def learning_law(curve: Curve) -> LearningLaw:
    """The law a + b n^-c through the cross-entropies by items, larger samples weighing more.

    Its intervals come from fitting it to every resample of scored items and of draws of labelled ones.
    """
    n_sizes = len(curve.points.by_items)
    sizes, n = curve.items[:n_sizes], curve.ce.n
    values, drawn = curve.ce.values[:n_sizes], curve.ce.expected[:, :n_sizes]
    if n_sizes < _FEWEST_SIZES:
        return no_law(f"fewer than {_FEWEST_SIZES} sizes to draw a law through", n)
    if curve.ce.interval_note:
        return no_law(curve.ce.interval_note, n)
    if not percentile_interval(drawn[:, 0] - drawn[:, -1])[0] > 0:
        return no_law("the cross-entropy does not fall with more items by more than chance", n)
    weights, last = sizes.astype(np.float64), float(sizes[-1])
    found, resampled = (fit_power_law(sizes, table, weights) for table in (values, drawn))
    slow = _SLOWER if found.exponent == EXPONENTS[0] else None
    next_doubling, doublings = (
        law.excess(last) - law.excess(2 * last)
        for law in (fit_power_law(sizes, table, weights, SLOW_EXPONENTS) for table in (values, drawn))
    )
    return LearningLaw(
        asymptote_bits=estimate(float(found.asymptote), resampled.asymptote, n, slow),
        exponent=estimate(float(found.exponent), resampled.exponent, n, slow),
        left_to_gain_bits=estimate(float(found.excess(last)), resampled.excess(last), n, slow),
        next_doubling_bits=estimate(float(next_doubling), doublings, n),
        items_needed=_items_needed(found, resampled, float(sizes[0]), n),
        tolerance_bits=TOLERANCE_BITS,
    )


def no_law(reason: str, n: int) -> LearningLaw:
    """Nothing is said, and why."""
    nothing = null(reason, n)
    return LearningLaw(
        asymptote_bits=nothing,
        exponent=nothing,
        left_to_gain_bits=nothing,
        next_doubling_bits=nothing,
        items_needed=nothing,
        tolerance_bits=TOLERANCE_BITS,
    )


def _items_needed(found: PowerLaw, resampled: PowerLaw, smallest: float, n: int) -> Estimate:
    """Nothing is said of sizes below the smallest one: the law was not drawn through any."""
    value, replicates = (np.maximum(law.size_within(TOLERANCE_BITS), smallest) for law in (found, resampled))
    low, high = (float(end) for end in percentile_interval(replicates))
    if found.exponent == EXPONENTS[0]:
        return null(f"the points do not tell: they fall more slowly than any law tried; {round(low):,} or more", n)
    if not high <= _LOOSEST * low:
        return null(f"the points do not tell: anything from {round(low):,} to {round(high):,} items", n)
    return Estimate(estimate=round(float(value)), low=round(low), high=round(high), n=n)
