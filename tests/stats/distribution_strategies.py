"""Random label distributions for hypothesis: shares of whole numbers, so that zeros and exact ties are common."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.stats.arrays import FloatArray


@st.composite
def distribution_tuples(draw: st.DrawFn, size: int = 2, smallest: int = 0) -> tuple[FloatArray, ...]:
    """`size` arrays (n_items, n_labels) of one shape; every share at least `smallest` before scaling."""
    n_items, n_labels = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    shares = draw(arrays(np.int8, (size, n_items, n_labels), elements=st.integers(smallest, 12), fill=st.nothing()))
    rows = shares.astype(np.float64)
    rows[rows.sum(axis=2) == 0] = 1.0
    return tuple(rows / rows.sum(axis=2, keepdims=True))


def distribution_pairs(smallest: int = 0) -> st.SearchStrategy[tuple[FloatArray, ...]]:
    return distribution_tuples(2, smallest)
