"""Where the variance of votes lies: nested random effects in an unbalanced design, by the method of moments.

Votes stand in groups within groups: an item's judges, a judge's label orders, an order's samples. Each level adds
an effect of its own; its variance is summed over labels. A component may come out below 0: it is an unbiased
estimate of a number that cannot, so it must not be cut off before it is averaged or resampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient


@dataclass(frozen=True)
class NestedSums:
    """What components are solved from, item by item; sums over items (or resampled items) serve as well.

    Attributes:
        squares: (n_items, n_levels) sum of squares between the groups of a level, within those of the level above.
        expected: (n_items, n_levels, n_levels) how much of each component the squares of a level hold on average.
        in_mean: (n_items, n_levels) how much of each component is left in the mean over the groups of the first
            level of the means of their votes.
    """

    squares: FloatArray
    expected: FloatArray
    in_mean: FloatArray


def nested_sums(values: FloatArray, item: IntArray, levels: Sequence[IntArray]) -> NestedSums:
    """Sums of squares of each level and what they estimate.

    With T_l = Σ_g |Σ_{v in g} y_v|² / n_g over the groups g of level l (items for l = 0), the squares of level l
    are T_l - T_{l-1}. On average T_l holds, of the variance of level m, Σ_g Σ_{h in g} n_h² / n_g over the groups h
    of level m if that is finer than l, and the number of votes if not.

    Args:
        values: (n_votes, n_labels) what each vote says, as a distribution.
        item: (n_votes,) item of each vote, from 0.
        levels: for each level, the coarsest first, the group of each vote (n_votes,), from 0: groups lie within
            those of the level before, and those of the last level are the single votes.

    Returns:
        The sums; items without votes are rows of 0.

    Raises:
        ValueError: no levels, groups that lie in two groups of the level before, or a last level of shared groups.

    References:
        Searle, Casella & McCulloch (1992), "Variance Components", ch. 5 (Henderson's method 1, nested).
    """
    groups = [np.unique(codes, return_inverse=True)[1] for codes in (item, *levels)]
    _check_nested(groups)
    n_items = int(item.max(initial=-1)) + 1
    sizes: list[FloatArray] = [np.bincount(group).astype(np.float64) for group in groups]
    firsts = [np.unique(group, return_index=True)[1] for group in groups]

    def by_item(level: int, amounts: FloatArray) -> FloatArray:
        sums = np.bincount(item[firsts[level]], weights=amounts, minlength=n_items)
        return sums.astype(np.float64, copy=False)

    totals = np.empty((n_items, len(groups)))
    held = np.zeros((n_items, len(groups), len(groups)))
    for level, (group, size) in enumerate(zip(groups, sizes, strict=True)):
        sums = np.stack([np.bincount(group, weights=column) for column in values.T], axis=1)
        totals[:, level] = by_item(level, np.square(sums).sum(axis=1) / size)
        for finer in range(len(groups)):
            own = sizes[finer]
            within = size[group[firsts[finer]]] if finer > level else own
            held[:, level, finer] = by_item(finer, own**2 / within)
    weight = _mean_weights(groups[0], groups[1], sizes[1])
    in_mean = [
        by_item(level, np.square(np.bincount(groups[level], weights=weight))) for level in range(1, len(groups))
    ]
    return NestedSums(np.diff(totals, axis=1), np.diff(held, axis=1)[:, :, 1:], np.stack(in_mean, axis=1))


def variance_components(squares: FloatArray, expected: FloatArray) -> FloatArray:
    """The components that the sums of squares equal on average, solved from the finest level up.

    Args:
        squares: (..., n_levels), summed over items.
        expected: (..., n_levels, n_levels), summed over the same items.

    Returns:
        (..., n_levels) variances, each possibly below 0; NaN for a level without repeats, and for those above it.
    """
    n_levels = squares.shape[-1]
    found = np.zeros(squares.shape)
    for level in reversed(range(n_levels)):
        finer = (expected[..., level, level + 1 :] * found[..., level + 1 :]).sum(axis=-1)
        found[..., level] = quotient(squares[..., level] - finer, expected[..., level, level])
    return found


def _mean_weights(item: IntArray, group: IntArray, size: FloatArray) -> FloatArray:
    """(n_votes,) weight of each vote where groups of the first level count alike, and votes within them."""
    first = np.unique(group, return_index=True)[1]
    groups = np.bincount(item[first])
    weights: FloatArray = 1.0 / (groups[item] * size[group])
    return weights


def _check_nested(groups: Sequence[IntArray]) -> None:
    if len(groups) < 2:
        raise ValueError("needs a level besides the items")
    for coarse, fine in pairwise(groups):
        first = np.unique(fine, return_index=True)[1]
        if not (coarse[first][fine] == coarse).all():
            raise ValueError("a group lies in two groups of the level above")
    if groups[-1].max(initial=-1) + 1 != groups[-1].size:
        raise ValueError("the groups of the last level must be single votes")
