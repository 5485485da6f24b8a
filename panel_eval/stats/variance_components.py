"""Where the variance of votes lies: groups within groups, in an unbalanced design, without assuming equal spread.

Votes stand in groups within groups: an item's judges, a judge's label orders, an order's samples. The part of a
level is the variance among the true means of its groups, summed over labels. It is estimated from products of
different groups' means, which hold no noise of their own; so a judge's noise is never taken for another's. A part
may come out below 0: it is an unbiased estimate of a number that cannot, and must not be cut off before it is
averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient


@dataclass(frozen=True)
class NestedVariances:
    """Parts of the variance of each item's votes, the coarsest level first.

    Attributes:
        parts: (n_items, n_levels); NaN where no group has two groups of the level to compare.
        in_mean: (n_items, n_levels) how much of each part is left in the mean over the groups of the first level of
            the means of their votes; 0 for items without votes.
    """

    parts: FloatArray
    in_mean: FloatArray


def nested_variances(
    values: FloatArray, item: IntArray, levels: Sequence[IntArray], populations: Sequence[float] | None = None
) -> NestedVariances:
    """Variance among the groups of each level, within those of the level above, item by item.

    Of the k groups h of a level within a group g, with means m_h: cross = mean of m_h · m_h' over h ≠ h', and
    S² = mean over h of |μ_h|² - cross, where |μ_h|² is |m_h|² free of the noise of finer levels: |y|² for a single
    vote, and for a group itself cross + S² / P. The part of the level is S² (1 - 1 / P), averaged over groups: all
    groups of one group count alike, and those of the level above, and so on. P is how many groups there are to draw
    from. A group with less than two groups of the next level has no |μ|² and is left out above, too.

    Args:
        values: (n_votes, n_labels) what each vote says, as a distribution.
        item: (n_votes,) item of each vote, from 0.
        levels: for each level, the coarsest first, the group of each vote (n_votes,), from 0: groups lie within
            those of the level before, and those of the last level are the single votes.
        populations: P of each level: infinite for a random effect (the default); the number of orders for label
            orders, as the few that there are may all have been asked.

    Returns:
        The parts. In balanced designs of random effects they are those of the analysis of variance.

    Raises:
        ValueError: no levels, groups that lie in two groups of the level before, or a last level of shared groups.

    References:
        Koch (1967), "A general approach to the estimation of variance components" (products of pairs); Searle,
        Casella & McCulloch (1992), "Variance Components", ch. 5; Cornfield & Tukey (1956) on finite populations.
    """
    groups = [np.unique(codes, return_inverse=True)[1] for codes in (item, *levels)]
    _check_nested(groups)
    firsts = [np.unique(group, return_index=True)[1] for group in groups]
    sizes = [np.inf] * len(levels) if populations is None else list(populations)
    mean, square = values[firsts[-1]], np.square(values[firsts[-1]]).sum(axis=1)
    found = []
    for level in reversed(range(1, len(groups))):
        parent = groups[level - 1][firsts[level]]
        mean, square, part = _one_level(mean, square, parent, sizes[level - 1])
        found.append(_up_to_items(part, groups[:level], firsts[:level]))
    n_items = int(item.max(initial=-1)) + 1
    rows = item[firsts[0]]
    parts, in_mean = np.full((n_items, len(levels)), np.nan), np.zeros((n_items, len(levels)))
    parts[rows] = np.stack(found[::-1], axis=1)
    in_mean[rows] = _left_in_mean(groups, firsts)
    return NestedVariances(parts, in_mean)


def _one_level(
    mean: FloatArray, square: FloatArray, parent: IntArray, population: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, squares |μ|² and parts of the parents of some groups; NaN where fewer than two have a square."""
    known = ~np.isnan(square)
    n_parents = int(parent.max(initial=-1)) + 1
    own, place = np.where(known[:, None], mean, 0.0), parent

    def summed(column: FloatArray) -> FloatArray:
        return np.bincount(place, weights=column, minlength=n_parents).astype(np.float64, copy=False)

    number = summed(known.astype(np.float64))
    total = np.stack([summed(column) for column in own.T], axis=1)
    cross = quotient(np.square(total).sum(axis=1) - summed(np.square(own).sum(axis=1)), number * (number - 1.0))
    spread = quotient(summed(np.where(known, square, 0.0)), number) - cross
    part = spread * (1.0 - 1.0 / population)
    return quotient(total, number[:, None]), cross + spread / population, part


def _up_to_items(part: FloatArray, groups: Sequence[IntArray], firsts: Sequence[IntArray]) -> FloatArray:
    """(n_items,) mean of the parts of the groups of the last level, all groups of one group counting alike."""
    for level in reversed(range(1, len(groups))):
        parent = groups[level - 1][firsts[level]]
        known = ~np.isnan(part)
        number = np.bincount(parent[known], minlength=len(firsts[level - 1]))
        sums = np.bincount(parent[known], weights=part[known], minlength=len(number))
        part = quotient(sums.astype(np.float64, copy=False), number)
    return part


def _left_in_mean(groups: Sequence[IntArray], firsts: Sequence[IntArray]) -> FloatArray:
    """(n_items, n_levels) sum over the groups of a level of their squared weight in the item's mean."""
    judges = np.bincount(groups[0][firsts[1]])
    by_vote = 1.0 / (judges[groups[0]] * np.bincount(groups[1])[groups[1]])
    left = []
    for level in range(1, len(groups)):
        by_group = np.bincount(groups[level], weights=by_vote)
        left.append(np.bincount(groups[0][firsts[level]], weights=np.square(by_group)))
    return np.stack(left, axis=1)


def _check_nested(groups: Sequence[IntArray]) -> None:
    if len(groups) < 2:
        raise ValueError("needs a level besides the items")
    for coarse, fine in pairwise(groups):
        first = np.unique(fine, return_index=True)[1]
        if not (coarse[first][fine] == coarse).all():
            raise ValueError("a group lies in two groups of the level above")
    if groups[-1].max(initial=-1) + 1 != groups[-1].size:
        raise ValueError("the groups of the last level must be single votes")
