"""Entropy of label distributions."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from panel_eval.stats.arrays import FloatArray, as_distributions, row_sums
from panel_eval.stats.divergence import LN2


def entropy_bits(p: FloatArray) -> FloatArray:
    """Plug-in Shannon entropy of each row in bits: -sum_k p_k log2 p_k, in [0, log2 n_labels].

    Args:
        p: (n_items, n_labels), rows summing to 1, or NaN throughout.

    Returns:
        (n_items,) bits; NaN for NaN rows.

    Raises:
        ValueError: rows that are not distributions.

    Notes:
        On the votes of n reviewers it is too low by about (labels seen - 1) / 2n nats (METHODS 2.1).
    """
    rows = as_distributions(p, "p", nan_rows=True)
    return np.maximum(row_sums(entr(rows)) / LN2, 0.0)
