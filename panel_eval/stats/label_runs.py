"""Runs of one label, and patterns that repeat, in the sequence of labels that one person gave."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray, IntArray

_EXACT = 2_000
"""Longest sequence for which the alternating sum is added up in whole numbers."""


@dataclass(frozen=True)
class LongestRun:
    """The stretch of equal labels that is least likely.

    Attributes:
        label: of the stretch.
        start, length: where it stands in the sequence.
        p_value: chance of a stretch of any label that is as unlikely, given how often each label is used.
    """

    label: int
    start: int
    length: int
    p_value: float


def run_chance(n: int, used: int, length: int) -> float:
    """Chance that a label stands `length` times in a row somewhere, if the sequence were shuffled.

    The `used` labels fall into the m = n - used + 1 gaps between the others. The chance that some gap holds at
    least `length` is, by inclusion and exclusion,

    Σ_{j ≥ 1} (-1)^(j+1) C(m, j) C(n - j·length, m - 1) / C(n, used).

    Args:
        n: labels in the sequence.
        used: of them, how many are the label in question.
        length: of the run, at least 1.

    Returns:
        The chance; beyond 2,000 labels the first term, which is never too small.

    References:
        Feller (1968), An Introduction to Probability Theory, vol. 1, chapter II (occupancy; the longest run).
    """
    if length > used:
        return 0.0
    gaps, ways = n - used + 1, comb(n, used)
    if n > _EXACT:
        return min(1.0, _ratio(gaps * comb(n - length, gaps - 1), ways))
    terms = range(1, min(gaps, used // length) + 1)
    total = sum((-1) ** (j + 1) * comb(gaps, j) * comb(n - j * length, gaps - 1) for j in terms)
    return _ratio(total, ways)


def longest_run(sequence: ArrayLike) -> LongestRun:
    """The least likely run of one label in a sequence, given how often each label stands in it.

    For each label the chance of its longest run is found (`run_chance`); the least of them, times the number of
    labels used, is the p-value. A sequence of one label only has p = 1: its order tells nothing.

    Args:
        sequence: (n,) label codes in the order in which they were given, n ≥ 1.
    """
    labels = np.asarray(sequence, dtype=np.int64)
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [labels.size]]))
    found = []
    for label in np.unique(labels).tolist():
        own = np.flatnonzero(labels[starts] == label)
        best = own[lengths[own].argmax()]
        length = int(lengths[best])
        chance = run_chance(labels.size, int((labels == label).sum()), length)
        found.append((chance, -length, label, int(starts[best])))
    chance, length, label, start = min(found)
    return LongestRun(label, start, -length, min(1.0, chance * len(found)))


def longest_repeat(sequence: ArrayLike, period: int) -> tuple[int, int]:
    """The longest stretch in which every label is that of `period` places before, and not all are equal.

    Args:
        sequence: (n,) label codes.
        period: 2 for A B A B, 3 for A B C A B C.

    Returns:
        Its start and its length, the first period included; (0, 0) where there is none.
    """
    labels = np.asarray(sequence, dtype=np.int64)
    if labels.size <= period:
        return 0, 0
    moving = np.zeros(labels.size - period, dtype=bool)
    for step in range(1, period):  # of the period before a place, some label must differ from the one at the place
        moving |= labels[period:] != labels[period - step : labels.size - step]
    repeats = (labels[period:] == labels[:-period]) & moving
    place = np.arange(repeats.size)
    streak = np.where(repeats, place - np.maximum.accumulate(np.where(repeats, -1, place)), 0)
    end, best = int(streak.argmax()), int(streak.max())
    return (end - best + 1, best + period) if best else (0, 0)


def repeat_chance(sequence: ArrayLike, period: int, length: int) -> float:
    """Chance of so long a stretch that repeats with that period, if the sequence were shuffled; never too low.

    The expected number of such stretches, which the chance cannot exceed: n - length + 1 places, and at each the
    sum over patterns (A B, …; not A A) of the chance that a shuffle puts just these labels there,
    Π_l n_l (n_l - 1) … (n_l - c_l + 1) / (n (n - 1) … (n - length + 1)), c_l labels l in the stretch of n_l in all.

    Args:
        sequence: (n,) label codes.
        period: see `longest_repeat`.
        length: of the stretch, at least the period.
    """
    labels = np.asarray(sequence, dtype=np.int64)
    n, used = labels.size, np.unique(labels, return_counts=True)[1]
    if length > n:
        return 0.0
    places = [len(range(start, length, period)) for start in range(period)]
    log_ways = {m: _log_falling(used, m) for m in range(length + 1)}
    total = 0.0
    for pattern in product(range(used.size), repeat=period):
        if len(set(pattern)) > 1:
            held = [sum(m for m, label in zip(places, pattern, strict=True) if label == k) for k in set(pattern)]
            logs = sum(log_ways[m][k] for m, k in zip(held, set(pattern), strict=True))
            total += float(np.exp(logs - _log_falling(np.array([n]), length)[0]))
    return min(1.0, (n - length + 1) * total)


def _log_falling(n: IntArray, m: int) -> FloatArray:
    """Log of n (n - 1) … (n - m + 1); -inf where m > n."""
    factors = np.maximum(n[:, None] - np.arange(m), 0).astype(np.float64)
    with np.errstate(divide="ignore"):
        logs: FloatArray = np.log(factors).sum(axis=1)
    return logs


def constant_chance(shares: FloatArray) -> float:
    """Chance that one person gives the same label to every item, if the others' shares say how likely each is.

    Args:
        shares: (n_items,) the chance of that label on each item.

    Returns:
        Their product.
    """
    with np.errstate(divide="ignore"):
        return float(np.exp(np.log(np.asarray(shares, dtype=np.float64)).sum()))


def _ratio(part: int, whole: int) -> float:
    """Quotient of whole numbers that no float may hold."""
    return part / whole if part < whole else 1.0
