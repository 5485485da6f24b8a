"""Published tables of votes that several tests of agreement use."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray

NAN = np.nan

FOUR_CODERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Four coders, twelve units, labels 1 to 5: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability"."""

WIKIPEDIA_FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
"""Ten items, fourteen raters, five labels: the worked example of Wikipedia's article on Fleiss' kappa."""


def counts_of(ratings: FloatArray, n_labels: int) -> FloatArray:
    """Votes (n_raters, n_items) numbered from 1, NaN for none, as counts (n_items, n_labels)."""
    return np.array([[(column == k + 1).sum() for k in range(n_labels)] for column in ratings.T], dtype=float)
