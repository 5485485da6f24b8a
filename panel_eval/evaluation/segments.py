"""The slices that are scored: all items, and each disagreement class, with their resamples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from panel_eval.humans import HumanLabels
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats import membership, resampling_weights
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient

OVERALL = "overall"
MIN_ITEMS = 10
"""Fewest items that anything is correlated or ranked over."""
MIN_UNITS = 8
"""Fewest items (or clusters) that an interval is made from; below it a bootstrap says too little (METHODS §3.1)."""
MAX_UNITS = 3_000
"""Most units that are drawn one by one; more are drawn in as many random blocks."""
_FEWEST_WHOLE = 200
"""Fewest clusters that may stand in for all of them where not all items can be resampled."""
_CELLS = 1 << 19
"""Weights handed to a statistic of many columns at a time, so that what it makes of them stays small."""

Statistic = Callable[[IntArray, FloatArray | None], FloatArray]
"""Of the items at positions (n,), drawn as often as (n_resamples, n) says (None: once): (n_resamples,) or 0-d."""
ManyStatistics = Callable[[IntArray, FloatArray | None], FloatArray]
"""The same for several statistics at once: (n_resamples, n_columns), or (n_columns,) for weights of None."""


@dataclass(frozen=True)
class Resampling:
    """How all items are resampled: which are drawn together, and how often in each resample.

    Items (or clusters) are drawn with replacement. Beyond `MAX_UNITS` of them each is put into one of that many
    random blocks and blocks are drawn: the same spread of every sum, at a cost that does not grow with the items.

    Attributes:
        draws: (n_resamples, n_units) how often each unit is drawn; one unit's draws lie together in memory.
        unit: (n_items,) the unit of each item.
        cluster: (n_items,) code of the cluster of each item; the items' own positions where there are none.
        drawn: what the units are.
        shuffled: (n_clusters,) the clusters in random order.
    """

    draws: FloatArray
    unit: IntArray
    cluster: IntArray
    drawn: Literal["items", "clusters"]
    shuffled: IntArray


@dataclass(frozen=True)
class Segment:
    """Some of the items, with the resamples of all items.

    Attributes:
        name: "overall" or the derived disagreement class.
        rows: (n_rows,) positions of the items.
        resampling: how all items are resampled.
    """

    name: str
    rows: IntArray
    resampling: Resampling

    def take(self, part: BoolArray) -> Segment:
        """The rows in `part`, a mask (n_rows,), with the same resamples."""
        return self if part.all() else Segment(self.name, self.rows[part], self.resampling)

    def sums(self, table: FloatArray) -> FloatArray:
        """Sum of each column in each resample: (n_rows, n_columns) without NaN -> (n_resamples, n_columns)."""
        return self._unit_draws @ (table if self._member is None else np.asarray(self._member @ table))

    def unit_sums(self, values: FloatArray, cell: IntArray, n_cells: int) -> FloatArray:
        """Sum of the values in each cell (a bin, a grid point) by the units that are drawn.

        Args:
            values: (n_rows,) without NaN.
            cell: (n_rows,) cell of each row, from 0.
            n_cells: number of cells.

        Returns:
            (n_own_units, n_cells), to hand to `drawn`; far smaller than a column for each cell.
        """
        units, code = self._units
        sums = np.bincount(code * n_cells + cell, weights=values, minlength=units.size * n_cells)
        table: FloatArray = sums.astype(np.float64, copy=False).reshape(units.size, n_cells)
        return table

    def drawn(self, unit_table: FloatArray, resamples: int | None = None) -> FloatArray:
        """Sum of each column of a table of units in each resample (default: all), or in the first few.

        (n_own_units, n_columns) as `unit_sums` makes them -> (n_resamples, n_columns).
        """
        return self._unit_draws[:resamples] @ unit_table

    def means(self, table: FloatArray) -> FloatArray:
        """Mean of each column in each resample, NaN entries left out: (n_rows, n_columns) -> (n_resamples, …).

        NaN where nothing was drawn. The table must be finite where it is not NaN.
        """
        absent = np.isnan(table)
        if not absent.any():
            return quotient(self.sums(table), self.sums(np.ones((len(table), 1))))
        return quotient(self.sums(np.where(absent, 0.0, table)), self.sums((~absent).astype(np.float64)))

    def replicates(self, statistic: Statistic, part: BoolArray | None = None) -> tuple[float, FloatArray]:
        """A statistic of the rows in `part` (a mask; default all), and its value in each resample.

        Where more than `MAX_UNITS` items would have to be weighted in each resample, as many are picked at random
        (whole clusters), resampled, and their deviations shrunk to the number of all: the statistic's spread
        must fall with the root of the number of items.

        Returns:
            The value, and (n_resamples,) replicates: all NaN where too few clusters could stand in for all.
        """
        segment = self if part is None else self.take(part)
        value = float(statistic(segment.rows, None))
        chosen, weights, shrink = segment._item_weights()
        if shrink == 1.0:
            return value, statistic(chosen, weights)
        if math.isnan(shrink):
            return value, np.full(len(self.resampling.draws), np.nan)
        return value, value + shrink * (statistic(chosen, weights) - float(statistic(chosen, None)))

    def replicate_table(
        self, statistics: ManyStatistics, part: BoolArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """`replicates` of several statistics that share their work, such as one ranking of the items.

        Resamples are handed over in blocks: what is made of the weights never holds all of them at once.

        Returns:
            (n_columns,) values, and (n_resamples, n_columns) replicates.
        """
        segment = self if part is None else self.take(part)
        values = statistics(segment.rows, None)
        chosen, weights, shrink = segment._item_weights()
        if math.isnan(shrink):
            return values, np.full((len(weights), values.size), np.nan)
        step = max(1, _CELLS // max(1, chosen.size))
        blocks = [statistics(chosen, weights[first : first + step]) for first in range(0, len(weights), step)]
        table = np.concatenate(blocks)
        return values, table if shrink == 1.0 else values + shrink * (table - statistics(chosen, None))

    def interval_note(self, part: BoolArray | None = None) -> str | None:
        """Why an interval over the rows in `part` (a mask) would say too little, or None if it is fine."""
        rows, resampling = self.rows if part is None else self.rows[part], self.resampling
        units = rows.size
        if resampling.drawn == "clusters":
            units = int(np.count_nonzero(np.bincount(resampling.cluster[rows])))
        return None if units >= MIN_UNITS else f"no interval: fewer than {MIN_UNITS} {self.resampling.drawn}"

    @property
    def own_units(self) -> IntArray:
        """(n_own_units,) the drawn units that the tables handed to `drawn` stand for."""
        return self._units[0]

    @cached_property
    def _units(self) -> tuple[IntArray, IntArray]:
        """The units that the rows belong to (all, if most occur), and the place of each row among them."""
        unit, n_units = self.resampling.unit[self.rows], self.resampling.draws.shape[1]
        occurs = np.bincount(unit, minlength=n_units) > 0
        if 2 * np.count_nonzero(occurs) > n_units:
            return np.arange(n_units), unit
        place: IntArray = np.cumsum(occurs) - 1
        return np.flatnonzero(occurs), place[unit]

    @cached_property
    def _member(self) -> csr_array | None:
        """(n_own_units, n_rows) which rows belong to which unit; None where each row is a unit of its own."""
        units, code = self._units
        alone = units.size == code.size and (code == np.arange(code.size)).all()
        return None if alone else membership(code, units.size)

    @cached_property
    def _unit_draws(self) -> FloatArray:
        """(n_resamples, n_own_units) the draws of the units that occur, unit by unit in memory."""
        draws, units = self.resampling.draws, self._units[0]
        return draws if units.size == draws.shape[1] else draws.T[units].T

    def _item_weights(self) -> tuple[IntArray, FloatArray, float]:
        """Rows to weight, (n_resamples, n) how often each is drawn, and by how much to shrink deviations."""
        rows, resampling = self.rows, self.resampling
        if rows.size <= MAX_UNITS and resampling.shuffled.size <= MAX_UNITS:
            draws = self._unit_draws
            return rows, draws if self._member is None else draws.T[self._units[1]].T, 1.0
        own = np.bincount(resampling.cluster[rows], minlength=resampling.shuffled.size)
        in_order = resampling.shuffled[own[resampling.shuffled] > 0]
        kept = int(np.searchsorted(np.cumsum(own[in_order]), MAX_UNITS, side="right"))
        if kept < min(in_order.size, _FEWEST_WHOLE):
            return rows[:0], np.empty((len(resampling.draws), 0)), math.nan
        place = np.full(own.size, kept)
        place[in_order[:kept]] = np.arange(kept)
        chosen = np.flatnonzero(place[resampling.cluster[rows]] < kept)
        weights = resampling.draws.T[place[resampling.cluster[rows[chosen]]]].T
        return rows[chosen], weights, math.sqrt(kept / in_order.size)


def make_segments(humans: HumanLabels, resamples: int, seed: int) -> list[Segment]:
    """All items, then each class, sharing one set of resamples of items (of clusters where there are any).

    Args:
        humans: the labelled items.
        resamples: number of bootstrap draws.
        seed: seeds them.
    """
    resampling = make_resampling(humans, resamples, seed)
    classes = np.array(humans.derived_class)
    everything = Segment(OVERALL, np.arange(len(humans)), resampling)
    return [everything, *(Segment(name, np.flatnonzero(classes == name), resampling) for name in CLASS_NAMES)]


def make_resampling(humans: HumanLabels, resamples: int, seed: int) -> Resampling:
    """Resamples of all items, or of their clusters."""
    if humans.clusters is None:
        cluster = np.arange(len(humans))
    else:
        cluster = np.unique(np.array(humans.clusters), return_inverse=True)[1]
    n_clusters = int(cluster.max()) + 1
    shuffled = np.random.default_rng([seed, 1]).permutation(n_clusters)
    unit = cluster
    if n_clusters > MAX_UNITS:
        block = np.empty(n_clusters, dtype=np.int64)
        block[shuffled] = np.arange(n_clusters) % MAX_UNITS
        unit = block[cluster]
    # Items first in memory: the statistics sort and sum over items, and would turn the draws at every call.
    draws = np.asfortranarray(resampling_weights(int(unit.max()) + 1, resamples, seed))
    return Resampling(draws, unit, cluster, "items" if humans.clusters is None else "clusters", shuffled)
