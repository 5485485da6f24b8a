"""A random choice of items, where a statistic needs no more of them."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import BoolArray

MOST_ITEMS = 50_000
"""Most items that are binned, recalibrated or ranked: an error of 0.01 is found with far fewer."""
_SEED = 77


def chosen_items(part: Segment) -> tuple[Segment, str | None]:
    """The segment, or `MOST_ITEMS` of its items and a note that says so; the same ones at every call."""
    n = part.rows.size
    if n <= MOST_ITEMS:
        return part, None
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[np.random.default_rng([_SEED, n]).choice(n, MOST_ITEMS, replace=False)] = True
    return part.take(chosen), f"from {MOST_ITEMS:,} random items of {n:,}"


def random_part(part: BoolArray, most: int, seed: list[int]) -> BoolArray:
    """The items in `part`, a mask, or `most` of them at random where there are more."""
    rows = np.flatnonzero(part)
    if rows.size <= most:
        return part
    chosen = np.zeros(part.size, dtype=np.bool_)
    chosen[np.random.default_rng(seed).choice(rows, most, replace=False)] = True
    return chosen
