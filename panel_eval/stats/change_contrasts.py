"""Scores since a night less those before, for every night on which a mean may have changed.

For each night that a change may have come in (tau) and each night of looking (T) the scores since tau are compared
with those before. Of items that are asked again each item is its own yardstick, so that nobody need know its true
level, and comparing with a noisy first night makes no drift: weighted by w = b m / (b + m), for b scores before and
m since, the differences add up to the recursive residuals of Brown, Durbin & Evans (1975, JRSS B 37), which are
uncorrelated from night to night while nothing changes. So their weighted sum is, as T grows, a random walk whose
clock is w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient

MIN_UNITS = 8
"""Fewest independent items (or clusters) that evidence about a mean is made from (METHODS 3.1)."""
_SAME = 1e-9
"""Scores as near as this are equal."""


@dataclass(frozen=True)
class Contrasts:
    """Scores since night tau less those before, looked at on night T: all (n_nights, n_nights), tau first.

    Attributes:
        difference: weighted mean of the differences; NaN where there is none, such as for tau = 0 or tau > T.
        count: sum of the weights w: with so many differences of one night each it would be known as well.
        variance: of one such difference while nothing changes, robust and never the smaller of two estimates; 0
        where
            no score ever varied.
        units: independent items or clusters behind it.
    """

    difference: FloatArray
    count: FloatArray
    variance: FloatArray
    units: IntArray

    @property
    def known(self) -> BoolArray:
        """Where there are units enough to tell."""
        return (self.units >= MIN_UNITS) & np.isfinite(self.difference)


def repeated_contrasts(scores: FloatArray) -> Contrasts:
    """Contrasts of items that are asked night after night; noise is independent by item and night.

    Two estimates of the variance of the sum are made: from the nights within each item, which is steady as it uses
    all of them, and from the items' own differences, which no dependence between nights of an item can fool. The
    larger one counts. Neither takes a single item that flips for a change: its squared z can never be above the
    number of items that move.

    Args:
        scores: (n_items, n_nights); NaN = no score on that night.

    Raises:
        ValueError: another shape, or infinite scores.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or np.isinf(table).any():
        raise ValueError(f"scores must be (n_items, n_nights) without infinity; shape is {table.shape}")
    nights = table.shape[1]
    present = np.isfinite(table)
    centred = _from_first(table, present)
    counts, sums, squares = (np.cumsum(part, axis=1) for part in (present * 1.0, centred, np.square(centred)))
    spread = np.maximum(squares - quotient(np.square(sums), counts, 0.0), 0.0)
    within = quotient(spread, counts - 1.0, 0.0)
    found = _empty(nights)
    for tau in range(1, nights):
        before, first = counts[:, tau - 1, None], sums[:, tau - 1, None]
        since = counts[:, tau:] - before
        weight = quotient(before * since, before + since, 0.0)
        shift = quotient(sums[:, tau:] - first, since, 0.0) - quotient(first, before, 0.0)
        moved = np.where(np.abs(shift) > _SAME, weight * shift, 0.0)
        own, pooled = np.square(moved).sum(axis=0), (weight * within[:, tau:]).sum(axis=0)
        _fill(found, tau, moved.sum(axis=0), weight.sum(axis=0), np.maximum(own, pooled), (weight > 0).sum(axis=0))
    return found


def fresh_contrasts(scores: FloatArray, night: IntArray, unit: IntArray, n_nights: int) -> Contrasts:
    """Contrasts of items that are each asked once: the mean of all items since tau less that of all before.

    Two estimates of the variance of the difference are made: from the squared deviations of the units that take
    part, each weighted as it takes part, and from those of all nights together. The larger one counts.

    Args:
        scores: (n_items,) finite.
        night: (n_items,) when each was asked, from 0.
        unit: (n_items,) which independent unit each belongs to, from 0: itself, or its cluster, which may come on
            several nights.
        n_nights: number of nights.

    Raises:
        ValueError: shapes that differ, or scores that are not finite.
    """
    if not (scores.shape == night.shape == unit.shape and scores.ndim == 1) or not np.isfinite(scores).all():
        raise ValueError(f"scores, night and unit must be (n_items,) and finite: {scores.shape}, {night.shape}")
    found = _empty(n_nights)
    if not scores.size:
        return found
    units = _Units.of(scores - scores.mean(), night, unit, n_nights)
    for tau in range(1, n_nights):
        ends = np.arange(tau + 1, n_nights + 1)
        before, both = units.counts[tau], units.counts[ends]
        since = both - before
        weight = quotient(before * since, both, 0.0)
        shift = quotient(units.sums[ends] - units.sums[tau], since, 0.0) - quotient(units.sums[tau], before, 0.0)
        own = units.variance(tau, ends)
        pooled = quotient(units.pooled(ends), np.maximum(both - 1.0, 0.0), 0.0)
        variance = np.maximum(np.square(weight) * own, weight * pooled)
        _fill(found, tau, weight * shift, weight, variance, np.where(weight > 0, units.seen[ends - 1], 0))
    return found


@dataclass(frozen=True)
class _Units:
    """Sums over units and nights; entry i of each axis is about the nights before i.

    Attributes:
        sums, counts: (n_nights + 1,) of scores and items.
        totals: (n_nights + 1, n_nights + 1) of products of a unit's sums on two nights: scores with scores, scores
            with items, items with items.
        own: (3, n_nights + 1) the same of one night with itself.
        seen: (n_nights,) units so far.
    """

    sums: FloatArray
    counts: FloatArray
    totals: tuple[FloatArray, FloatArray, FloatArray]
    own: FloatArray
    seen: IntArray

    @classmethod
    def of(cls, centred: FloatArray, night: IntArray, unit: IntArray, n_nights: int) -> _Units:
        shape = (int(unit.max()) + 1, n_nights)
        score = coo_array((centred, (unit, night)), shape=shape).tocsr()
        items = coo_array((np.ones(centred.size), (unit, night)), shape=shape).tocsr()
        products = [(one.T @ other).toarray() for one, other in ((score, score), (score, items), (items, items))]
        first = np.full(shape[0], n_nights)
        np.minimum.at(first, unit, night)
        return cls(
            sums=_running(score.sum(axis=0)),
            counts=_running(items.sum(axis=0)),
            totals=tuple(_blocks(table) for table in products),  # type: ignore[arg-type]
            own=np.stack([_running(np.diagonal(table)) for table in products]),
            seen=np.cumsum(np.bincount(first, minlength=n_nights + 1)[:n_nights]),
        )

    def variance(self, tau: int, ends: IntArray) -> FloatArray:
        """(n_ends,) sum over units of their squared part in the difference, around the mean of all so far."""
        mean = quotient(self.sums[ends], self.counts[ends], 0.0)
        before, both = self.counts[tau], self.counts[ends]
        early = self._around(mean, tau, tau)
        cross = self._around(mean, tau, ends)
        late = self._around(mean, ends, ends) - self._around(mean, ends, tau) - cross + early
        since = both - before
        with np.errstate(divide="ignore", invalid="ignore"):
            own = (
                early / before**2
                + late / since**2
                - (cross - early + self._around(mean, ends, tau) - early) / (before * since)
            )
        return np.asarray(np.maximum(np.nan_to_num(own, nan=0.0, posinf=0.0, neginf=0.0), 0.0))

    def _around(self, mean: FloatArray, rows: int | IntArray, columns: int | IntArray) -> FloatArray:
        """Over units, products of their deviations on nights before `rows` with those before `columns`."""
        scores, mixed, items = self.totals
        crossed = mixed[rows, columns] + mixed[columns, rows]
        return np.asarray(scores[rows, columns] - mean * crossed + np.square(mean) * items[rows, columns])

    def pooled(self, ends: IntArray) -> FloatArray:
        """(n_ends,) squared deviations of units within their nights, from the mean of all so far."""
        mean = quotient(self.sums[ends], self.counts[ends], 0.0)
        scores, mixed, items = self.own[:, ends]
        return np.asarray(scores - 2.0 * mean * mixed + np.square(mean) * items)


def _running(values: FloatArray) -> FloatArray:
    """(n + 1,) sums of all entries before each."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _blocks(table: FloatArray) -> FloatArray:
    """(n + 1, n + 1) sums of all entries above and left of each."""
    return np.pad(table.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _from_first(table: FloatArray, present: BoolArray) -> FloatArray:
    """Scores less the item's first one, so that equal scores are exactly 0; 0 where there is none."""
    first = present.argmax(axis=1) if table.shape[1] else np.zeros(len(table), dtype=np.int64)
    start = np.take_along_axis(table, first[:, None], axis=1) if table.size else np.zeros((len(table), 1))
    centred = np.where(present, table - start, 0.0)
    return np.where(np.abs(centred) > _SAME, centred, 0.0)


def _empty(nights: int) -> Contrasts:
    shape = (nights, nights)
    return Contrasts(np.full(shape, np.nan), np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64))


def _fill(
    found: Contrasts, tau: int, total: FloatArray, weight: FloatArray, variance: FloatArray, units: IntArray
) -> None:
    found.difference[tau, tau:] = quotient(total, weight)
    found.count[tau, tau:] = weight
    found.variance[tau, tau:] = quotient(variance, weight, 0.0)
    found.units[tau, tau:] = units
