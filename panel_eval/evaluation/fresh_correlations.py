"""How well the entropies of fresh human panels follow those of the reviewers: the ceiling of a correlation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate, MetricTable
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray, quotient

_NAMES = ("entropy_pearson", "entropy_spearman")
_LEANS = "leans on the model of populations; reliability.split_half.dispersion does not"
_DECIMALS = 9
"""Entropies that agree in so many are tied: their last bits depend on the order of a sum."""
_LEAST_SPREAD = 1e-12


def fresh_entropy_correlations(
    humans: HumanLabels, draws: Mapping[str, Sequence[FloatArray]], segment: Segment
) -> dict[str, MetricTable]:
    """Pearson's and Spearman's correlation of entropies over items, averaged over drawn panels.

    The interval of Spearman's takes the ranks within all the segment's items as they are.

    Args:
        humans: the reviewers.
        draws: name of the panels to (n_items, n_labels) smoothed shares, for each draw of them.
        segment: the items.

    Returns:
        Name of the panels to both correlations.
    """
    rows = segment.rows
    human = np.round(entropy_bits(humans.distribution[rows]), _DECIMALS)
    tables: dict[str, MetricTable] = {}
    moments: dict[tuple[str, str], FloatArray] = {}
    for name, drawn in draws.items():
        fresh = np.round(np.column_stack([entropy_bits(q[rows]) for q in drawn]), _DECIMALS)
        reason = _why_undefined(human, fresh)
        tables[name] = {metric: null(reason, rows.size) for metric in _NAMES} if reason else {}
        if not reason:
            moments[name, _NAMES[0]] = _moments(human, fresh)
            moments[name, _NAMES[1]] = _moments(rankdata(human) / rows.size, rankdata(fresh, axis=0) / rows.size)
    for (name, metric), number in _averaged(moments, segment).items():
        tables[name][metric] = number
    return tables


def _averaged(moments: Mapping[tuple[str, str], FloatArray], segment: Segment) -> dict[tuple[str, str], Estimate]:
    """The mean over draws of each correlation; one look at the resamples for all of them."""
    note, n = segment.interval_note(), segment.rows.size
    if not moments:
        return {}
    ends = np.cumsum([table.shape[1] for table in moments.values()])[:-1]
    resampled = None if note else np.split(segment.means(np.hstack(list(moments.values()))), ends, axis=1)
    numbers = {}
    for place, (key, table) in enumerate(moments.items()):
        value = float(np.nanmean(_correlations(table.mean(axis=0)[None])))
        replicates = None if resampled is None else _correlations(resampled[place]).mean(axis=1)
        numbers[key] = estimate(value, replicates, n, _LEANS, note)
    return numbers


def _moments(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """(n_items, 2 + 3 n_draws): x, x², then y, y² and xy of each draw, all centred."""
    x, y = x - x.mean(), y - y.mean(axis=0)
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
