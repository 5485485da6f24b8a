"""Has a score changed over a sequence? A permutation scan for one change, its place, and the halves side by side.

Nothing changed means that any order of the scores is as likely as the one seen; the test asks how seldom a random
order looks as uneven. It takes no distribution, and holds its level from a dozen scores on. Scores that come in
runs for other reasons (moods, batches) must be averaged over blocks first: `in_blocks`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.wilson import wilson_interval

EDGE = 0.1
"""Share of the sequence at either end in which no change is looked for; at least `FEWEST_SIDE` scores."""
FEWEST_SIDE = 5
MOST_UNITS = 240
"""Longer sequences are averaged over as many blocks of neighbours: a test of all costs more and finds no more."""
_CELLS = 4_000_000
_TIE = 1e-9
_MOST_PLACES = 80
_PLACE_PERMUTATIONS = 200


def in_blocks(score: FloatArray, n_blocks: int) -> tuple[FloatArray, IntArray]:
    """Means of so many blocks of neighbours, as equal in size as can be, and where each block begins.

    Args:
        score: (n,) in order.
        n_blocks: from 1 to n.
    """
    first = (np.arange(n_blocks) * score.size) // n_blocks
    return np.add.reduceat(score, first) / np.diff(np.append(first, score.size)), first


@dataclass(frozen=True)
class Change:
    """What the scan found.

    Attributes:
        p_value: share of random orders with a split at least as uneven; NaN where there is no split to try.
        place: scores before the most uneven split.
    """

    p_value: float
    place: int


def splits(time: FloatArray) -> IntArray:
    """Places at which a sequence may be split: away from its ends, and between two different times.

    Args:
        time: (n,) not falling.

    Returns:
        (n_splits,) how many scores stand before the split.
    """
    n = time.size
    edge = max(FEWEST_SIDE, int(np.ceil(EDGE * n)))
    places = np.arange(edge, n - edge + 1)
    return np.asarray(places[time[places] > time[places - 1]]) if places.size else places


def change_test(score: FloatArray, places: IntArray, *, permutations: int, seed: int) -> Change:
    """Permutation test that the scores are in random order, against one change of their mean at some split.

    The statistic is max over splits k of n / (k (n - k)) (Σ_(i <= k) (s_i - mean))²: up to the variance, the
    largest likelihood ratio of two means against one. The order seen counts as one of the random ones.

    Args:
        score: (n,) in order.
        places: from `splits`.
        permutations: random orders.
        seed: of them.

    References:
        Worsley (1986), "Confidence regions and tests for a change-point"; Antoch & Hušková (2001), "Permutation
        tests in change point analysis"; Phipson & Smyth (2010) for counting the order seen.
    """
    if not places.size:
        return Change(np.nan, 0)
    apart = score - score.mean()
    uneven = _unevenness(apart[None, :], places)[0]
    best = int(uneven.argmax())
    if uneven[best] <= 0:
        return Change(1.0, int(places[best]))
    generator = np.random.default_rng([seed, 83])
    as_far, step = 0, max(1, _CELLS // score.size)
    for first in range(0, permutations, step):
        rows = min(step, permutations - first)
        orders = generator.permuted(np.broadcast_to(apart, (rows, apart.size)), axis=1)
        as_far += int((_unevenness(orders, places).max(axis=1) >= uneven[best] * (1.0 - _TIE)).sum())
    return Change((1 + as_far) / (1 + permutations), int(places[best]))


def change_range(score: FloatArray, places: IntArray, *, level: float = 0.95, seed: int = 0) -> tuple[int, int]:
    """First and last split at which a change may lie, given that there is one.

    A split is kept unless, with the scores put into random order on each side of it, another split seldom (in fewer
    than 1 - level of the orders) comes out so much more uneven than it as it does in the scores seen. Of many
    splits `_MOST_PLACES` are tried.

    Args:
        score: (n,) in order.
        places: from `splits`, at least one.
        level: of confidence.
        seed: of the orders.
    """
    tried = places[np.unique(np.linspace(0, places.size - 1, min(places.size, _MOST_PLACES)).astype(np.int64))]
    apart = score - score.mean()
    uneven = _unevenness(apart[None, :], places)[0]
    generator = np.random.default_rng([seed, 89])
    kept = [int(places[uneven.argmax()])]
    for place in tried.tolist():
        orders = np.broadcast_to(apart, (_PLACE_PERMUTATIONS, apart.size))
        sides = generator.permuted(orders[:, :place], axis=1), generator.permuted(orders[:, place:], axis=1)
        drawn = _unevenness(np.concatenate(sides, axis=1), places)
        own = int(np.searchsorted(places, place))
        beaten = drawn.max(axis=1) - drawn[:, own] >= (uneven.max() - uneven[own]) * (1.0 - _TIE)
        if (1 + beaten.sum()) / (1 + _PLACE_PERMUTATIONS) > 1.0 - level:
            kept.append(place)
    return min(kept), max(kept)


def _unevenness(apart: FloatArray, places: IntArray) -> FloatArray:
    """(n_orders, n_splits) of scores less their mean, (n_orders, n)."""
    n = apart.shape[1]
    return np.asarray(np.cumsum(apart, axis=1)[:, places - 1] ** 2 * (n / (places * (n - places))))


@dataclass(frozen=True)
class Halves:
    """A score in two parts of a sequence.

    Attributes:
        first, second: means.
        difference: second - first.
        low, high: 95 % interval of the difference, NaN where the scores do not vary.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float


def compare_halves(score: FloatArray, place: int) -> Halves:
    """Mean before and after a split fixed beforehand, with Welch's t interval of their difference.

    Args:
        score: (n,) in order.
        place: scores before the split; at least two on either side.
    """
    parts = score[:place], score[place:]
    first, second = (float(part.mean()) for part in parts)
    error = np.array([part.var(ddof=1) / part.size for part in parts])
    if not error.sum() > 0:
        return Halves(first, second, second - first, np.nan, np.nan)
    freedom = error.sum() ** 2 / sum(one**2 / (part.size - 1) for one, part in zip(error, parts, strict=True))
    half = float(stdtrit(freedom, 0.975) * np.sqrt(error.sum()))
    difference = second - first
    return Halves(first, second, difference, difference - half, difference + half)


def compare_shares(hit: BoolArray, place: int) -> Halves:
    """Share of hits before and after a split, with Newcombe's interval of their difference, from Wilson's of each.

    Args:
        hit: (n,) in order.
        place: outcomes before the split; at least one on either side.

    References:
        Newcombe (1998), "Interval estimation for the difference between independent proportions", method 10.
    """
    parts = hit[:place], hit[place:]
    (a, b), ranges = (float(part.mean()) for part in parts), [wilson_interval(int(p.sum()), p.size) for p in parts]
    down = np.hypot(b - ranges[1][0], ranges[0][1] - a)
    up = np.hypot(ranges[1][1] - b, a - ranges[0][0])
    return Halves(a, b, b - a, float(b - a - down), float(b - a + up))


def middle_split(time: FloatArray) -> int | None:
    """The split nearest the middle between two different times with `FEWEST_SIDE` scores on each side, or None."""
    places = np.arange(FEWEST_SIDE, time.size - FEWEST_SIDE + 1)
    places = places[time[places] > time[places - 1]] if places.size else places
    return int(places[np.abs(2 * places - time.size).argmin()]) if places.size else None
