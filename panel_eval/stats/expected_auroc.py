"""Area under the ROC curve of a score that is random for each item, such as the entropy of votes yet to be cast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, as_weights, quotient
from panel_eval.stats.ties import tie_groups


@dataclass(frozen=True)
class ScoreShares:
    """How often each item has which score.

    Attributes:
        shares: (n_items, n_values) share of the draws in which the item has the value, the lowest value first.
    """

    shares: csr_array

    def select(self, rows: IntArray) -> ScoreShares:
        """The given items."""
        return ScoreShares(self.shares[rows])


def score_shares(draws: FloatArray) -> ScoreShares:
    """Sort draws of a random score by value; values within 1e-9 are tied.

    Args:
        draws: (n_draws, n_items) without NaN, at least one of each.

    Raises:
        ValueError: wrong shape.
    """
    if draws.ndim != 2 or draws.size == 0:
        raise ValueError(f"draws must be (n_draws, n_items), got shape {draws.shape}")
    n_draws, n_items = draws.shape
    groups = tie_groups(draws.ravel())
    item = np.tile(np.arange(n_items), n_draws)
    cells = coo_array(
        (np.full(draws.size, 1.0 / n_draws), (item, groups.group)), shape=(n_items, groups.starts.size)
    )
    return ScoreShares(csr_array(cells))


def expected_auroc(score: ScoreShares, positive: BoolArray, w: FloatArray | None = None) -> FloatArray:
    """Chance that a positive item scores above a negative one, ties as half, over items and the score's draws.

    Args:
        score: random scores of n_items items.
        positive: (n_items,) mask.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d, in [0, 1]; NaN where a class is empty.

    Raises:
        ValueError: wrong shapes, negative weights.
    """
    mask = np.asarray(positive, dtype=bool)
    if mask.shape != (score.shares.shape[0],):
        raise ValueError(f"positive must be ({score.shares.shape[0]},), got shape {mask.shape}")
    weights = as_weights(w, mask.size)
    found = np.asarray(score.shares[np.flatnonzero(mask)].T @ weights[mask])
    others = np.asarray(score.shares[np.flatnonzero(~mask)].T @ weights[~mask])
    below = np.cumsum(others, axis=0) - 0.5 * others
    won = np.asarray(np.einsum("i...,i...->...", found, below))
    return quotient(won, weights[mask].sum(axis=0) * weights[~mask].sum(axis=0))
