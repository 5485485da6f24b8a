"""Does the panel spread its mass where reviewers do: correlation of the entropies over items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class DrawnCorrelation:
    """A correlation over items, and its value in each resample.

    Attributes:
        value: NaN where it is undefined.
        replicates: (n_resamples,).
        n: items behind it.
        undefined: why there is no value, or None.
        no_interval: why there is no interval, or None.
        chosen: which of the items were used, if not all.
    """

    value: float
    replicates: FloatArray
    n: int
    undefined: str | None = None
    no_interval: str | None = None
    chosen: str | None = None

    def estimate(self) -> Estimate:
        """The correlation with its interval."""
        if self.undefined:
            return null(self.undefined, self.n)
        replicates = None if self.no_interval else self.replicates
        return estimate(self.value, replicates, self.n, self.no_interval, self.chosen)


def entropy_correlations(humans: HumanLabels, forecaster: Forecaster, segment: Segment) -> dict[str, Estimate]:
    """Pearson's and Spearman's correlation of the forecast's entropy with the reviewers', over items."""
    return {name: own.estimate() for name, own in drawn_correlations(humans, forecaster, segment).items()}


def drawn_correlations(
    humans: HumanLabels, forecaster: Forecaster, segment: Segment
) -> dict[str, DrawnCorrelation]:
    """The same with the values in each resample; forecasts of the same items share the resamples."""
    names = ("entropy_pearson", "entropy_spearman")
    part, chosen = chosen_items(segment.take(forecaster.scored[segment.rows]))
    n = part.rows.size
    human, forecast = entropy_bits(humans.distribution[part.rows]), entropy_bits(forecaster.q[part.rows])
    if reason := _why_undefined(human, forecast, forecaster.constant):
        return {name: DrawnCorrelation(np.nan, np.empty(0), n, undefined=reason) for name in names}

    def correlated(correlate: Correlation, rows: IntArray, w: FloatArray | None) -> FloatArray:
        place = np.searchsorted(part.rows, rows)
        return correlate(human[place], forecast[place], w)

    note = part.interval_note()
    return {
        name: DrawnCorrelation(*part.replicates(partial(correlated, correlate)), n, None, note, chosen)
        for name, correlate in zip(names, (weighted_pearson, weighted_spearman), strict=True)
    }


def _why_undefined(human: FloatArray, forecast: FloatArray, constant: bool) -> str | None:
    if human.size < MIN_ITEMS:
        return f"fewer than {MIN_ITEMS} items"
    if constant or np.ptp(forecast) <= _CONSTANT:
        return "undefined: the forecast has the same entropy on every item"
    if np.ptp(human) <= _CONSTANT:
        return "undefined: reviewers have the same entropy on every item"
    return None
