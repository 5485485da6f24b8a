"""Items in stretches: what is made of a few thousand of them stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.stats.arrays import FloatArray

_ROWS = 32_768

Columns = dict[str, FloatArray]
"""Name of a score to its value for each item."""


def blocks(n_items: int) -> Iterator[slice]:
    """Slices that hold all items in order; none where there are no items."""
    for first in range(0, n_items, _ROWS):
        yield slice(first, min(first + _ROWS, n_items))
