"""Does the panel spread its mass where reviewers do: correlation of the entropies over items."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import chosen_items
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.stats import entropy_bits, weighted_pearson, weighted_spearman
from panel_eval.stats.arrays import FloatArray, IntArray

Correlation = Callable[[FloatArray, FloatArray, FloatArray | None], FloatArray]

_CONSTANT = 1e-9
"""Entropies this near are equal: their last bits depend on the order of a sum."""


def entropy_correlations(humans: HumanLabels, forecaster: Forecaster, segment: Segment) -> dict[str, Estimate]:
    """Pearson's and Spearman's correlation of the forecast's entropy with the reviewers', over items."""
    names = ("entropy_pearson", "entropy_spearman")
    part, chosen = chosen_items(segment.take(forecaster.scored[segment.rows]))
    n = part.rows.size
    human, forecast = entropy_bits(humans.distribution[part.rows]), entropy_bits(forecaster.q[part.rows])
    if reason := _why_undefined(human, forecast, forecaster.constant):
        return {name: null(reason, n) for name in names}

    def correlated(correlate: Correlation, rows: IntArray, w: FloatArray | None) -> FloatArray:
        place = np.searchsorted(part.rows, rows)
        return correlate(human[place], forecast[place], w)

    note = part.interval_note()
    numbers = {}
    for name, correlate in zip(names, (weighted_pearson, weighted_spearman), strict=True):
        value, replicates = part.replicates(partial(correlated, correlate))
        numbers[name] = estimate(value, None if note else replicates, n, note, chosen)
    return numbers


def _why_undefined(human: FloatArray, forecast: FloatArray, constant: bool) -> str | None:
    if human.size < MIN_ITEMS:
        return f"fewer than {MIN_ITEMS} items"
    if constant or np.ptp(forecast) <= _CONSTANT:
        return "undefined: the forecast has the same entropy on every item"
    if np.ptp(human) <= _CONSTANT:
        return "undefined: reviewers have the same entropy on every item"
    return None
