"""Ties: values that must be treated as equal, whatever order a file or a sum put them in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray

TIE_TOLERANCE = 1e-9
"""Neighbours nearer than this are tied: the same mass summed in another order differs in its last bits."""


@dataclass(frozen=True)
class TieGroups:
    """Items sorted by a value, with tied neighbours as one group.

    Attributes:
        order: (n_items,) items from first to last.
        starts: (n_groups,) where in `order` each group begins.
        group: (n_items,) the group of each item, in the items' own order.
    """

    order: IntArray
    starts: IntArray
    group: IntArray

    def sums(self, weights: FloatArray) -> FloatArray:
        """Sum over the items of each group: (n_items, ...) -> (n_groups, ...)."""
        return self.merge(weights[self.order])

    def merge(self, ordered: FloatArray) -> FloatArray:
        """`sums` for an array that is in `order` already."""
        if self.starts.size == self.order.size:
            return ordered
        sums: FloatArray = np.add.reduceat(ordered, self.starts, axis=0)
        return sums


def tie_groups(values: FloatArray, *, descending: bool = False) -> TieGroups:
    """Sort values and merge neighbours within `TIE_TOLERANCE`.

    Args:
        values: (n_items,) without NaN, at least one.
        descending: largest first.
    """
    keys = -values if descending else values
    order = np.argsort(keys, kind="stable")
    begins = np.concatenate(([True], np.diff(keys[order]) > TIE_TOLERANCE))
    group = np.empty(values.size, dtype=np.int64)
    group[order] = np.cumsum(begins) - 1
    return TieGroups(order, np.flatnonzero(begins), group)
