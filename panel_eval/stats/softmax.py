"""The softmax over labels, without overflow and without zeros."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray

LOWEST_LOG = -700.0
"""Logarithm of a probability below which it would be rounded to 0."""


def log_softmax(scores: FloatArray) -> FloatArray:
    """Log of the softmax over labels; (n_labels, n_items), as sums over the first axis are fast."""
    shifted = scores - scores.max(axis=0)
    log_q: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=0))
    return log_q


def shares_of(log_q: FloatArray) -> FloatArray:
    """Distributions of their logarithms, above 0 throughout: (n_labels, n_items) -> (n_items, n_labels)."""
    shares: FloatArray = np.exp(np.maximum(log_q, LOWEST_LOG)).T
    return shares
