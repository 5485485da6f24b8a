"""How a budget of votes is best spread over items, given what each number of votes on each item is worth.

A multiple-choice knapsack in which all votes cost the same: gain[i, m] is what m votes on item i buy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from panel_eval.stats.arrays import FloatArray, IntArray

_TIE_DIGITS = 12
"""Gains per vote that agree to so many decimals are ties: the rest is rounding."""
_WORTH = 1e-9
"""Less than this is bought with no vote."""


@dataclass(frozen=True)
class Steps:
    """The ways to spend more, best first: each takes an item from one number of votes to a higher one.

    Attributes:
        item: (n_steps,) row of the item.
        start, size: (n_steps,) votes it has before, and votes that the step adds.
        gain: (n_steps,) what the step buys.
    """

    item: IntArray
    start: IntArray
    size: IntArray
    gain: FloatArray

    @property
    def spent(self) -> IntArray:
        """(n_steps,) votes after each step."""
        return np.cumsum(self.size)

    @property
    def bought(self) -> FloatArray:
        """(n_steps,) gain after each step."""
        return np.cumsum(self.gain)


def best_steps(gain: FloatArray) -> Steps:
    """The steps of each item's least concave majorant, by gain per vote.

    Where one vote buys less than two do by halves, the two are one step: else they would never be begun. Ties go to
    the step with fewer votes before it, then to the earlier row.

    Args:
        gain: (n_items, most + 1), 0 in the first column, finite.

    Raises:
        ValueError: wrong shape, values that are not finite, or a first column that is not 0.
    """
    table = np.asarray(gain, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or not np.isfinite(table).all() or table[:, 0].any():
        raise ValueError(f"gain must be (n_items, most + 1), finite, 0 for no votes; got shape {table.shape}")
    most = table.shape[1] - 1
    rows, at = np.arange(len(table)), np.zeros(len(table), dtype=np.int64)
    found: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
    while rows.size:
        ahead = np.arange(most + 1)[None, :] - at[:, None]
        rise = table[rows] - table[rows, at][:, None]
        slope = np.where(ahead > 0, np.round(rise / np.maximum(ahead, 1), _TIE_DIGITS), -np.inf)
        to = slope.argmax(axis=1)
        worth = slope[np.arange(rows.size), to] > _WORTH
        rows, at, to = rows[worth], at[worth], to[worth]
        found.append((rows, at, to - at, table[rows, to] - table[rows, at]))
        on = to < most
        rows, at = rows[on], to[on]
    item, start, size, bought = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((item, start, -np.round(bought / size, _TIE_DIGITS)))
    return Steps(item[order], start[order], size[order], bought[order])


def allocate_budget(gain: FloatArray, budget: int) -> IntArray:
    """Votes for each item: steps are taken best first while they fit, the rest goes where it buys most per vote.

    Where gains are concave in the number of votes no other plan of as many votes buys more. Else the plan falls
    short of the best by less than the step that did not fit would have bought.

    Args:
        gain: (n_items, most + 1), 0 in the first column, finite.
        budget: votes, at least 0; fewer are used where no more buy anything.

    Returns:
        (n_items,) votes, at most `most` an item.

    Raises:
        ValueError: a gain of the wrong form, or a negative budget.

    References:
        Sinha & Zoltners (1979), "The multiple-choice knapsack problem".
    """
    if budget < 0:
        raise ValueError(f"budget must be at least 0, got {budget}")
    steps, table = best_steps(gain), np.asarray(gain, dtype=np.float64)
    taken = int(np.searchsorted(steps.spent, budget, side="right"))
    votes: IntArray = np.bincount(steps.item[:taken], steps.size[:taken], len(table)).astype(np.int64)
    left = budget - int(votes.sum())
    if taken == steps.item.size:
        return votes
    rows = np.arange(len(table))
    while left:
        ahead = np.arange(1, min(left, table.shape[1] - 1) + 1)
        to = votes[:, None] + ahead
        rise = table[rows[:, None], np.minimum(to, table.shape[1] - 1)] - table[rows, votes][:, None]
        slope = np.where(to < table.shape[1], np.round(rise / ahead, _TIE_DIGITS), -np.inf)
        item, step = np.unravel_index(int(slope.argmax()), slope.shape)
        if slope[item, step] <= _WORTH:
            break
        votes[item] += ahead[step]
        left -= int(ahead[step])
    return votes


def gain_of(gain: FloatArray, votes: IntArray) -> float:
    """What a plan buys in all: sum of gain[i, votes[i]]."""
    return float(gain[np.arange(len(gain)), votes].sum())


def even_gain(gain: FloatArray, budget: int) -> float:
    """What the same number of votes on every item buys; a rest goes to items drawn at random, on average.

    Args:
        gain: (n_items, most + 1).
        budget: votes in all; what exceeds `most` an item is not spent.
    """
    sums = gain.sum(axis=0)
    each, rest = divmod(min(budget, len(gain) * (len(sums) - 1)), len(gain))
    return float(sums[each] + (rest / len(gain) * (sums[each + 1] - sums[each]) if rest else 0.0))


def random_gain(gain: FloatArray, budget: int) -> float:
    """What votes buy on average if each goes to a random item that still takes one.

    Every item has `most` places, and the votes fall on places drawn at random: an item gets
    Hypergeometric(n_items × most, most, budget) of them.

    Args:
        gain: (n_items, most + 1).
        budget: votes in all; what exceeds `most` an item is not spent.
    """
    most = gain.shape[1] - 1
    places = len(gain) * most
    chance = hypergeom(places, most, min(budget, places)).pmf(np.arange(most + 1))
    return float(gain.sum(axis=0) @ chance)
