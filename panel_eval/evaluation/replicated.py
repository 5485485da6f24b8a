"""Several statistics of the same items, resampled in one go, as numbers of metrics.json."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, ManyStatistics, Segment
from panel_eval.schema import Estimate
from panel_eval.stats.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Replicated:
    """Values of named statistics and their resampled values.

    Attributes:
        names: the statistics, column by column.
        values: (n_columns,).
        replicates: (n_resamples, n_columns).
        n: items behind them.
        refusal: why none of them can be computed, or None.
        no_interval: why no interval can be given, or None.
    """

    names: tuple[str, ...]
    values: FloatArray
    replicates: FloatArray
    n: int
    refusal: str | None
    no_interval: str | None

    def value(self, name: str) -> float:
        """The statistic itself; NaN where it does not exist."""
        return float(self.values[self.names.index(name)])

    def resampled(self, name: str) -> FloatArray:
        """(n_resamples,) its value in each resample."""
        drawn: FloatArray = self.replicates[:, self.names.index(name)]
        return drawn

    def number(self, name: str, *notes: str | None, undefined: str = "undefined") -> Estimate:
        """The statistic with its interval, and what must be said beside it."""
        return self.number_of(self.value(name), self.resampled(name), *notes, undefined=undefined)

    def number_of(
        self, value: float, replicates: FloatArray, *notes: str | None, undefined: str = "undefined"
    ) -> Estimate:
        """A number made of several of the statistics, resampled as a whole."""
        if self.refusal:
            return null(self.refusal, self.n)
        drawn = None if self.no_interval else replicates
        return estimate(value, drawn, self.n, *notes, self.no_interval, undefined=undefined)


def replicated(
    names: tuple[str, ...],
    statistics: ManyStatistics,
    part: BoolArray,
    everything: Segment,
    fewest: int = MIN_ITEMS,
) -> Replicated:
    """Statistics of the items in `part`; refused under `fewest` items.

    Args:
        names: the statistics.
        statistics: computes them, in that order.
        part: (n_items,) mask.
        everything: the segment of all items.
        fewest: fewest items that they are computed of.
    """
    n = int(part.sum())
    if n < max(fewest, 1):
        nothing = np.full(len(names), np.nan)
        refusal = "no items" if n == 0 else f"fewer than {fewest} items"
        return Replicated(names, nothing, nothing[None], n, refusal, None)
    values, replicates = everything.replicate_table(statistics, part)
    return Replicated(names, values, replicates, n, None, everything.interval_note(part))
