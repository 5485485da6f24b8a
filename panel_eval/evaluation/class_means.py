"""Means over all items and over each class in one pass through them: what a million items need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.blocks import Columns, blocks
from panel_eval.evaluation.means import Mean
from panel_eval.evaluation.segments import MIN_UNITS, Segment
from panel_eval.stats import membership
from panel_eval.stats.arrays import FloatArray, IntArray, quotient

SegmentMeans = Mapping[str, Mapping[str, Mean]]
"""Name of the segment to name of the column to its mean."""


@dataclass(frozen=True)
class _Sums:
    """Sums by class and drawn unit, each (n_classes * n_units, n_columns); of infinite scores by class.

    Attributes:
        values: sums of the finite scores.
        finite: number of items with one.
        infinite: (n_classes, n_columns) number of items with an infinite one.
    """

    values: FloatArray
    finite: FloatArray
    infinite: IntArray

    def add(self, other: _Sums) -> None:
        """Add those of other items, in place."""
        for own, more in (
            (self.values, other.values),
            (self.finite, other.finite),
            (self.infinite, other.infinite),
        ):
            own += more


@dataclass(frozen=True)
class ClassMeans:
    """Which item belongs to which class and drawn unit: from sums by both follow the means of every segment.

    Attributes:
        segments: all items, then the classes, which share them out.
        group: (n_items,) class * n_units + unit of each item.
        n_units: number of units that are drawn.
    """

    segments: Sequence[Segment]
    group: IntArray
    n_units: int

    @classmethod
    def over(cls, segments: Sequence[Segment]) -> ClassMeans:
        """Prepare for segments of which the first holds all items and each item is in one of the others."""
        everything, *classes = segments
        resampling = everything.resampling
        n_units = resampling.draws.shape[1]
        group = np.empty(everything.rows.size, dtype=np.int64)
        for code, segment in enumerate(classes):
            group[segment.rows] = code * n_units + resampling.unit[segment.rows]
        return cls(segments, group, n_units)

    def of(self, make: Callable[[slice], Columns]) -> SegmentMeans:
        """Mean of each column over each segment, NaN left out, with its resampled values.

        Args:
            make: name to column, for the items in a slice. Columns are never held for all items at once.
        """
        stretches = list(blocks(self.group.size))
        if not stretches:
            return {segment.name: {} for segment in self.segments}
        # Always the same shares, however many processors there are: sums must not depend on the machine.
        shares = [share for share in (stretches[::2], stretches[1::2]) if share]
        with ThreadPoolExecutor(len(shares)) as pool:
            (names, total), *others = pool.map(lambda share: self._share(make, share), shares)
        for _, more in others:
            total.add(more)
        return {
            segment.name: dict(zip(names, self._means(position, total), strict=True))
            for position, segment in enumerate(self.segments)
        }

    def _share(self, make: Callable[[slice], Columns], stretches: Sequence[slice]) -> tuple[list[str], _Sums]:
        """Names of the columns, and their sums over some stretches of the items."""
        first, *rest = stretches
        columns = make(first)
        total = self._sums(columns, first)
        for rows in rest:
            total.add(self._sums(make(rows), rows))
        return list(columns), total

    def _sums(self, columns: Columns, rows: slice) -> _Sums:
        table, group = np.column_stack(list(columns.values())), self.group[rows]
        n_classes = len(self.segments) - 1
        member = membership(group, n_classes * self.n_units)
        finite, infinite = np.isfinite(table), np.isinf(table)
        counted = np.zeros((n_classes, table.shape[1]), dtype=np.int64)
        if infinite.any():
            for code in range(n_classes):
                counted[code] = infinite[group // self.n_units == code].sum(axis=0)
        values = np.asarray(member @ np.where(finite, table, 0.0))
        return _Sums(values, np.asarray(member @ finite.astype(np.float64)), counted)

    def _means(self, position: int, total: _Sums) -> list[Mean]:
        """The means of one segment, column by column."""
        segment = self.segments[position]
        values, finite = (self._own(position, table) for table in (total.values, total.finite))
        infinite = total.infinite.sum(axis=0) if position == 0 else total.infinite[position - 1]
        sums, counts = values.sum(axis=0), finite.sum(axis=0)
        replicates = quotient(segment.drawn(values), segment.drawn(finite))
        means = quotient(sums, counts)
        return [
            Mean(
                value=np.inf if n_infinite else float(mean),
                replicates=replicates[:, column],
                n=int(count) + int(n_infinite),
                n_infinite=int(n_infinite),
                interval_note=self._interval_note(int(np.count_nonzero(finite[:, column]))),
            )
            for column, (mean, count, n_infinite) in enumerate(zip(means, counts, infinite, strict=True))
        ]

    def _own(self, position: int, table: FloatArray) -> FloatArray:
        """(n_own_units, n_columns) the part of a table of sums that one segment draws from."""
        by_class = table.reshape(len(self.segments) - 1, self.n_units, -1)
        own = by_class.sum(axis=0) if position == 0 else by_class[position - 1]
        picked: FloatArray = own[self.segments[position].own_units]
        return picked

    def _interval_note(self, units: int) -> str | None:
        drawn = self.segments[0].resampling.drawn
        return None if units >= MIN_UNITS else f"no interval: fewer than {MIN_UNITS} {drawn}"
