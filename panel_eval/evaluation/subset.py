"""A comparison cut down to some of its items: those that the panel answered, and no more than can be drawn for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import IntArray

MAX_DRAWN = 20_000
"""Most items that fresh reviewers are drawn for; more tell no more than a random choice of as many."""
MAX_RANKED = 100_000
"""Most items that are ranked, paired and spread; the thousandths of a percent that more would tell are not read."""
_SEED = 31


def drawn_items(comparison: Comparison) -> tuple[Comparison, str | None]:
    """The items the panel is scored on, a random choice of `MAX_DRAWN` where there are more.

    Returns:
        The comparison of those items, and a note that says how many were chosen (None if all are there).
    """
    rows = np.flatnonzero(comparison.panel.scored)
    if rows.size <= MAX_DRAWN:
        return take_items(comparison, rows), None
    chosen = np.random.default_rng([comparison.seed, _SEED]).choice(rows, MAX_DRAWN, replace=False)
    note = f"from {MAX_DRAWN:,} random items of {rows.size:,}"
    return take_items(comparison, np.sort(chosen)), note


def ranked_items(comparison: Comparison) -> Comparison:
    """The comparison, or `MAX_RANKED` random items of it, for sections whose cost is in ranking and pairing."""
    n_items = len(comparison.humans)
    if n_items <= MAX_RANKED:
        return comparison
    chosen = np.random.default_rng([comparison.seed, _SEED, 1]).choice(n_items, MAX_RANKED, replace=False)
    return take_items(comparison, np.sort(chosen))


def take_items(comparison: Comparison, rows: IntArray) -> Comparison:
    """The same comparison on some items only, with the resamples of all items.

    Args:
        comparison: all items.
        rows: positions of the items to keep, rising.
    """
    if rows.size == len(comparison.humans):
        return comparison
    place = np.full(len(comparison.humans), -1)
    place[rows] = np.arange(rows.size)
    whole = comparison.everything.resampling
    resampling = replace(whole, unit=whole.unit[rows], cluster=whole.cluster[rows])
    return replace(
        comparison,
        humans=comparison.humans.select(rows),
        forecasts=comparison.forecasts.select(rows),
        panel=_of_items(comparison.panel, rows),
        judges=[_of_items(judge, rows) for judge in comparison.judges],
        base_rate=comparison.base_rate[rows],
        posterior=comparison.posterior.take(rows),
        segments=[
            Segment(segment.name, place[segment.rows][place[segment.rows] >= 0], resampling)
            for segment in comparison.segments
        ],
    )


def _of_items(forecaster: Forecaster, rows: IntArray) -> Forecaster:
    return replace(forecaster, q=forecaster.q[rows])
