"""Whether several chains of draws tell the same: the potential scale reduction."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray

SETTLED = 1.1
"""Above it chains are commonly taken not to have met."""


def scale_reduction(draws: FloatArray) -> FloatArray:
    """Gelman and Rubin's R of each quantity: 1 if chains from different starts cannot be told apart.

    With W the mean variance within m chains of n draws and B / n the variance of their means,
    R² = ((n - 1) / n W + B / n) / W.

    Args:
        draws: (n_chains, n_draws, ...) of at least two chains and two draws.

    Returns:
        (...); 1 for a quantity that is the same in every draw.

    Raises:
        ValueError: fewer than two chains or draws.

    References:
        Gelman & Rubin (1992), "Inference from iterative simulation using multiple sequences".
    """
    if draws.ndim < 2 or draws.shape[0] < 2 or draws.shape[1] < 2:
        raise ValueError("draws must be (n_chains, n_draws, ...) with at least two of each")
    n = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    between = draws.mean(axis=1).var(axis=0, ddof=1)
    whole = (n - 1) / n * within + between
    ratio = np.divide(whole, within, out=np.where(whole > 0, np.inf, 1.0), where=within > 0)
    return np.asarray(np.sqrt(ratio))
