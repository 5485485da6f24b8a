"""Random label distributions for hypothesis: shares of whole numbers, so that zeros and exact ties are common."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from panel_eval.stats.arrays import FloatArray


@st.composite
def distribution_tuples(draw: st.DrawFn, size: int = 2, smallest: int = 0) -> tuple[FloatArray, ...]:
    """`size` arrays (n_items, n_labels) of one shape; every share at least `smallest` before scaling."""
    n_items, n_labels = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    shares = st.lists(st.integers(smallest, 12), min_size=n_labels, max_size=n_labels).filter(any)
    rows = st.lists(shares, min_size=n_items, max_size=n_items)
    arrays = (np.array(draw(rows), dtype=np.float64) for _ in range(size))
    return tuple(array / array.sum(axis=1, keepdims=True) for array in arrays)


def distribution_pairs(smallest: int = 0) -> st.SearchStrategy[tuple[FloatArray, ...]]:
    return distribution_tuples(2, smallest)
