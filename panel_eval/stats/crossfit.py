"""Scores by class of items whose class was not made from the vote that is scored.

A class made from the very votes that score a forecast favours or punishes it: items that look agreed by luck score
badly although they are easy (METHODS 0.1). Leave one vote out, class the item by the others, score the one left
out: the vote that scores had no say in the class.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray

NOBODY = -1
"""The class of an item without a vote that was never cast."""

Classify = Callable[[IntArray], IntArray]
"""Class of each row of votes: (n, n_labels) -> (n,) codes from 0."""


def distinct_rows(votes: IntArray) -> tuple[IntArray, IntArray]:
    """The rows that differ, and which of them each row is.

    Args:
        votes: (n_items, n_labels) whole numbers, not negative.

    Returns:
        (n_distinct, n_labels) rows, and (n_items,) the place of each item's row among them.

    Raises:
        ValueError: not two-dimensional, or a negative number.
    """
    if votes.ndim != 2 or (votes.size and votes.min() < 0):
        raise ValueError(f"votes must be (n_items, n_labels) and not negative; shape is {votes.shape}")
    sizes = [int(column.max(initial=0)) + 1 for column in votes.T]
    if np.prod(sizes, dtype=np.float64) >= 2.0**62:  # too large for one number a row
        rows, code = np.unique(votes, axis=0, return_inverse=True)
        return rows, code.reshape(-1)
    number = np.zeros(len(votes), dtype=np.int64)
    for column, size in zip(votes.T, sizes, strict=True):
        number = number * size + column
    _, first, code = np.unique(number, return_index=True, return_inverse=True)
    return votes[first], code


def classes_without_one_vote(votes: IntArray, classify: Classify) -> IntArray:
    """Class of each item when one vote of a label is left out, for each label.

    Rows that are alike are classed once, so a million items cost little more than the few hundred ways in which
    a handful of reviewers can vote.

    Args:
        votes: (n_items, n_labels) whole numbers, not negative.
        classify: the rule, called with rows of votes.

    Returns:
        (n_items, n_labels) codes: the class of the other n - 1 votes; `NOBODY` where no vote of the label exists.

    Raises:
        ValueError: votes of the wrong shape or negative.
    """
    rows, code = distinct_rows(votes)
    classes = np.full(rows.shape, NOBODY, dtype=np.int64)
    for label in range(rows.shape[1]):
        cast = rows[:, label] > 0
        others = rows[cast].copy()
        others[:, label] -= 1
        classes[cast, label] = classify(others)
    return classes[code]


def left_out_loss(part: FloatArray, losses: FloatArray) -> FloatArray:
    """Loss on the votes that are left out, averaged over the choices that put the item into a class.

    sum_y part_iy loss_iy, with part_iy = (c_iy / n_i) 1[the other votes are of the class]: how likely a vote on y
    is left out and the item then falls in the class. The class's loss is the sum of this over items divided by
    the sum of all parts.

    Args:
        part: (n_items, n_labels), at least 0, row sums at most 1.
        losses: (n_items, n_labels) loss of a forecast on a vote of each label; may be inf, or NaN where part is 0.

    Returns:
        (n_items,) losses, inf where a vote that may be left out has an infinite loss.

    Raises:
        ValueError: shapes that differ.

    References:
        METHODS 2.3, "cross-fit".
    """
    if part.shape != losses.shape or part.ndim != 2:
        raise ValueError(f"part and losses must be (n_items, n_labels), got {part.shape} and {losses.shape}")
    total = np.zeros(len(part))
    for share, cost in zip(part.T, losses.T, strict=True):  # faster than along short rows
        total += share * np.where(share > 0, cost, 0.0)
    return total
