"""Means over the items of a segment, of all forecasters at once, with their resampled values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate
from panel_eval.stats import percentile_interval
from panel_eval.stats.arrays import FloatArray

FEW_ITEMS = 50
"""Items below which intervals have been found to hold less often than they say (benchmarks/README.md)."""
_ROUGH = f"fewer than {FEW_ITEMS} items: the interval is rough"


@dataclass(frozen=True)
class Mean:
    """The mean of one score over a segment.

    Attributes:
        value: NaN where no item has the score, inf where an item's score is infinite.
        replicates: (n_resamples,) the mean in each resample; NaN where no such item was drawn.
        n: items that have the score.
        n_infinite: items whose score is infinite.
        interval_note: why no interval can be given, or None.
    """

    value: float
    replicates: FloatArray
    n: int
    n_infinite: int
    interval_note: str | None


def segment_means(columns: Mapping[str, FloatArray], segment: Segment) -> dict[str, Mean]:
    """Mean of each column over the segment's items, and over each of its resamples.

    Args:
        columns: score to (n_items,) values; NaN = the item has none.
        segment: which items, and how often each is drawn.
    """
    table = np.column_stack([scores[segment.rows] for scores in columns.values()])
    present, infinite = ~np.isnan(table), np.isinf(table)
    replicates = segment.means(np.where(infinite, np.nan, table) if infinite.any() else table)
    counts = present.sum(axis=0)
    with np.errstate(invalid="ignore"):
        values = np.where(present, table, 0.0).sum(axis=0) / counts
    return {
        name: Mean(
            value=float(values[column]),
            replicates=replicates[:, column],
            n=int(counts[column]),
            n_infinite=int(infinite[:, column].sum()),
            interval_note=segment.interval_note(present[:, column]),
        )
        for column, name in enumerate(columns)
    }


def null(note: str, n: int = 0) -> Estimate:
    """A number that cannot be computed, and why."""
    return Estimate(estimate=None, n=n, note=note)


def estimate(
    value: float, replicates: FloatArray | None, n: int, *notes: str | None, undefined: str = "undefined"
) -> Estimate:
    """An estimate with its 95 % percentile interval.

    Args:
        value: the number; NaN gives null.
        replicates: (n_resamples,) its resampled values, or None for no interval.
        n: items behind it.
        notes: remarks, None for none.
        undefined: the note if the number is NaN.
    """
    rough = _ROUGH if replicates is not None and n < FEW_ITEMS else None
    said = "; ".join(note for note in (*notes, rough) if note) or None
    if not np.isfinite(value):
        return null(f"{undefined}; {said}" if said else undefined, n)
    low, high = (np.nan, np.nan) if replicates is None else percentile_interval(replicates)
    return Estimate(estimate=float(value), low=finite_or_none(low), high=finite_or_none(high), n=n, note=said)


def finite_or_none(value: float | np.floating | FloatArray) -> float | None:
    """The number as JSON can hold it."""
    return float(value) if np.isfinite(value) else None


def mean_estimate(mean: Mean, *notes: str | None, missing: str = "no items") -> Estimate:
    """The estimate of a mean; `missing` says why if no item has the score."""
    if mean.n == 0:
        return null(missing)
    if mean.n_infinite:
        return null(infinite_note(mean.n_infinite), mean.n)
    replicates = None if mean.interval_note else mean.replicates
    return estimate(mean.value, replicates, mean.n, *notes, mean.interval_note)


def infinite_note(n_items: int) -> str:
    """What to say of a logarithmic score that is infinite on `n_items` items."""
    plural = "s" if n_items != 1 else ""
    return f"infinite on {n_items} item{plural}: a label that reviewers chose was given probability 0"
