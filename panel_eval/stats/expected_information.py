"""What further votes on an item would tell about its population, before anybody casts them.

p is the item's population, Dirichlet(alpha) given the votes so far; A = alpha, S = their sum; y_1 … y_m are m
further votes, independent given p. Information is in bits.
"""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.divergence import LN2
from panel_eval.stats.posterior_expectations import expected_entropy_bits

_LEAST = 1e-12
"""Least weight of all other labels: what subtraction leaves of a far smaller one is rounding."""
_BLOCK = 1 << 16
"""Items at a time: what is made of them on the way needs memory."""


def entropy_after_votes_bits(alpha: FloatArray, most: int) -> FloatArray:
    """E[H(M_m)]: expected entropy of the estimated shares after m further votes, m = 0 … most.

    M_m = (A + c) / (S + m), c the further votes' counts. Entropy is a sum over labels, so that only each label's
    own count matters, c_k ~ BetaBinomial(m, A_k, S - A_k): the expectation is exact, in time that goes with most².

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        most: further votes to look ahead to, at least 0.

    Returns:
        (n_items, most + 1) bits; falls with m, towards E[H(p)].

    Raises:
        ValueError: wrong shape, parameters that are not above 0, or a negative `most`.
    """
    parameters = np.asarray(alpha, dtype=np.float64)
    if parameters.ndim != 2 or not (parameters > 0).all():
        raise ValueError(f"alpha must be (n_items, n_labels) and above 0, got shape {parameters.shape}")
    if most < 0:
        raise ValueError(f"most must be at least 0, got {most}")
    table = np.empty((len(parameters), most + 1))
    for first in range(0, len(parameters), _BLOCK):
        rows = parameters[first : first + _BLOCK]
        for m in range(most + 1):
            table[first : first + _BLOCK, m] = _entropy_after(rows, m)
    return table / LN2


def vote_information_bits(alpha: FloatArray, most: int) -> FloatArray:
    """What the first, second, … further vote tells about the population, each given those before it.

    I(p; y_m given y_1 … y_{m-1}) = H(y_m given y_1 … y_{m-1}) - H(y_m given p) = E[H(M_{m-1})] - E[H(p)].

    The same number is the expected divergence E[KL(p || M_{m-1})] of the population from its estimate after m - 1
    further votes: how wrong the soft label still is.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        most: further votes to look ahead to, at least 1.

    Returns:
        (n_items, most) bits, above 0, falling along each row: votes are exchangeable, and what is known before a
        vote can only take from what it tells. The sum of the first m is I(p; y_1 … y_m).

    Raises:
        ValueError: wrong shape, parameters that are not above 0, or `most` under 1.

    References:
        Lindley (1956), "On a measure of the information provided by an experiment"; METHODS 2.3 for E[H(p)].
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    ahead = entropy_after_votes_bits(alpha, most - 1) - expected_entropy_bits(alpha)[:, None]
    # Rounding alone could let a row rise, where a prior is worth thousands of votes.
    falling: FloatArray = np.minimum.accumulate(np.maximum(ahead, 0.0), axis=1)
    return falling


def _entropy_after(alpha: FloatArray, m: int) -> FloatArray:
    """(n_items,) E[H(M_m)] in nats: sum over labels of E[entr((A_k + c_k) / (S + m))]."""
    total = row_sums(alpha)[:, None]
    others = np.maximum(total - alpha, _LEAST)
    chance = np.ones(alpha.shape)  # of c_k = 0, then of 1, 2 …
    for j in range(m):
        chance *= (others + j) / (total + j)
    expected = np.zeros(len(alpha))
    for c in range(m + 1):
        expected += row_sums(chance * entr((alpha + c) / (total + m)))
        if c < m:
            chance = chance * ((m - c) / (c + 1.0)) * ((alpha + c) / (others + (m - c - 1.0)))
    return expected
