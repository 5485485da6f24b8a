"""Shapley values: a fair share of what a set of players is worth together, exact or from random orders.

Subsets are bit masks: bit j is set where player j takes part. A value may be an array (one entry an item, say);
shares are linear in values, so each entry gets its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray

MOST_EXACT = 16
"""Most players whose 2^n subsets are put into one table."""


@dataclass(frozen=True)
class ShapleyPlan:
    """Which subsets must be valued, and how shares are made of their values.

    Attributes:
        subsets: bit masks, rising; the empty set and the whole are among them.
        weights: (n_players, n_subsets) a player's share is the sum of the weighted values.
        by_pair: (n_pairs, n_players, n_subsets) the weights of each random order with its reverse, whose mean is
            `weights`; no pairs where all subsets are valued.
    """

    subsets: tuple[int, ...]
    weights: FloatArray
    by_pair: FloatArray

    def shares(self, values: FloatArray) -> FloatArray:
        """Shapley values (n_players, ...) of the values of `subsets` (n_subsets, ...).

        They sum to the value of the whole less that of the empty set, whatever the orders drawn.
        """
        shares: FloatArray = np.tensordot(self.weights, values, axes=1)
        return shares

    def standard_errors(self, values: FloatArray) -> FloatArray:
        """(n_players,) how far shares of values (n_subsets,) may be off as orders are drawn; 0 where exact.

        Standard deviation over pairs of orders divided by the root of their number; NaN for a single pair.
        """
        pairs = len(self.by_pair)
        if not pairs:
            return np.zeros(len(self.weights))
        if pairs == 1:
            return np.full(len(self.weights), np.nan)
        spread = np.tensordot(self.by_pair, values, axes=1).std(axis=0, ddof=1)
        return np.asarray(spread / np.sqrt(pairs))


def exact_plan(n_players: int) -> ShapleyPlan:
    """All subsets: φ_j = Σ_{S without j} |S|! (n - |S| - 1)! / n! · (v(S with j) - v(S)).

    Args:
        n_players: n.

    Raises:
        ValueError: no players, or more than `MOST_EXACT`.

    References:
        Shapley (1953), "A value for n-person games".
    """
    if not 1 <= n_players <= MOST_EXACT:
        raise ValueError(f"n_players must be 1 to {MOST_EXACT}, got {n_players}")
    subsets = np.arange(2**n_players)
    takes_part = (subsets >> np.arange(n_players)[:, None]) & 1 > 0
    size = takes_part.sum(axis=0)
    # |S|! (n - |S| - 1)! / n! = 1 / (n · C(n - 1, |S|)); with j taking part, |S| counts the others.
    chance = np.array([1.0 / (n_players * comb(n_players - 1, others)) for others in range(n_players)])
    joined = chance[np.maximum(size - 1, 0)]
    missed = chance[np.minimum(size, n_players - 1)]
    weights = np.where(takes_part, joined, -missed)
    return ShapleyPlan(tuple(subsets.tolist()), weights, np.empty((0, *weights.shape)))


def sampled_plan(n_players: int, n_pairs: int, generator: np.random.Generator) -> ShapleyPlan:
    """Random orders in which players join, each with its reverse; a share is the mean of what a player adds.

    Unbiased. In the reverse order a player that came late comes early, so what one order makes too large for
    players that repeat each other, the other makes too small.

    Args:
        n_players: number of players.
        n_pairs: orders drawn; each is used with its reverse.
        generator: draws them.

    Raises:
        ValueError: no players or no pairs.

    References:
        Castro, Gómez & Tejada (2009), "Polynomial calculation of the Shapley value based on sampling"; Mitchell et
        al. (2022), "Sampling permutations for Shapley value estimation" (antithetic pairs).
    """
    if n_players < 1 or n_pairs < 1:
        raise ValueError(f"needs a player and a pair of orders, got {n_players} and {n_pairs}")
    pairs = [generator.permutation(n_players) for _ in range(n_pairs)]
    orders = [[order, order[::-1]] for order in pairs]
    subsets = sorted({mask for pair in orders for order in pair for mask in _prefixes(order)})
    place = {mask: position for position, mask in enumerate(subsets)}
    by_pair = np.zeros((n_pairs, n_players, len(subsets)))
    for weights, pair in zip(by_pair, orders, strict=True):
        for order in pair:
            prefixes = np.array([place[mask] for mask in _prefixes(order)])
            np.add.at(weights, (order, prefixes[1:]), 0.5)
            np.add.at(weights, (order, prefixes[:-1]), -0.5)
    return ShapleyPlan(tuple(subsets), by_pair.mean(axis=0), by_pair)


def _prefixes(order: IntArray) -> list[int]:
    """The empty set, then the players so far after each one joins."""
    masks = [0]
    for player in order.tolist():
        masks.append(masks[-1] | 1 << player)
    return masks
