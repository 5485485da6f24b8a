"""Columns made block by block: what is made of a few thousand items stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panel_eval.stats.arrays import FloatArray

_ROWS = 16_384

Columns = dict[str, FloatArray]


def by_blocks(make: Callable[[slice], Columns], n_items: int) -> Columns:
    """The (n_items,) columns that `make` gives for each stretch of items, put together.

    Args:
        make: the columns of the items in a slice; none may look at other items.
        n_items: number of items.
    """
    if n_items <= _ROWS:
        return make(slice(0, n_items))
    columns: Columns = {}
    for first in range(0, n_items, _ROWS):
        rows = slice(first, min(first + _ROWS, n_items))
        for name, values in make(rows).items():
            columns.setdefault(name, np.empty(n_items))[rows] = values
    return columns
