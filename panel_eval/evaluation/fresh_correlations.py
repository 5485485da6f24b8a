"""How well the entropies of fresh human panels follow those of the reviewers: the ceiling of a correlation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import MetricTable
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray, quotient

_DECIMALS = 9
"""Entropies that agree in so many are tied: their last bits depend on the order of a sum."""
_LEAST_SPREAD = 1e-12


def fresh_entropy_correlations(humans: HumanLabels, draws: Sequence[FloatArray], segment: Segment) -> MetricTable:
    """Pearson's and Spearman's correlation of entropies over items, averaged over drawn panels.

    The interval of Spearman's takes the ranks within all the segment's items as they are.

    Args:
        humans: the reviewers.
        draws: (n_items, n_labels) smoothed shares of a fresh panel, for each draw.
        segment: the items.
    """
    names = ("entropy_pearson", "entropy_spearman")
    rows = segment.rows
    human = np.round(entropy_bits(humans.distribution[rows]), _DECIMALS)
    fresh = np.round(np.column_stack([entropy_bits(q[rows]) for q in draws]), _DECIMALS)
    if reason := _why_undefined(human, fresh):
        return {name: null(reason, rows.size) for name in names}
    note = segment.interval_note()
    table = {}
    for name, x, y in (
        (names[0], human, fresh),
        (names[1], rankdata(human) / rows.size, rankdata(fresh, axis=0) / rows.size),
    ):
        moments = _moments(x - x.mean(), y - y.mean(axis=0))
        value = np.nanmean(_correlations(moments.mean(axis=0)[None]))
        replicates = None if note else _correlations(segment.means(moments)).mean(axis=1)
        table[name] = estimate(float(value), replicates, rows.size, note)
    return table


def _moments(x: FloatArray, y: FloatArray) -> FloatArray:
    """(n_items, 2 + 3 n_draws): x, x², then y, y² and xy of each draw."""
    return np.column_stack([x, x * x, y, y * y, x[:, None] * y])


def _correlations(moments: FloatArray) -> FloatArray:
    """(n_replicates, n_draws) correlations from means of `_moments`; NaN where one of the two does not vary."""
    x, xx = moments[:, :1], moments[:, 1:2]
    y, yy, xy = np.split(moments[:, 2:], 3, axis=1)
    spread = (xx - x * x) * (yy - y * y)
    return quotient(xy - x * y, np.sqrt(np.where(spread > _LEAST_SPREAD, spread, 0.0)))


def _why_undefined(human: NDArray[Any], fresh: NDArray[Any]) -> str | None:
    if human.size < MIN_ITEMS:
        return f"fewer than {MIN_ITEMS} items"
    if np.ptp(fresh, axis=0).max() <= _LEAST_SPREAD:
        return "undefined: fresh panels have the same entropy on every item"
    if np.ptp(human) <= _LEAST_SPREAD:
        return "undefined: reviewers have the same entropy on every item"
    return None
