"""Means over all items and over each class in one pass through them: what a million items need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from panel_eval.evaluation.means import Mean
from panel_eval.evaluation.segments import Segment
from panel_eval.stats import membership
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient

_COLUMNS = 8
"""Columns that are summed at a time, so that no copy of all of them is made."""

SegmentMeans = Mapping[str, Mapping[str, Mean]]
"""Name of the segment to name of the column to its mean."""


@dataclass(frozen=True)
class _Counted:
    """The items that have a finite score, in one segment.

    Attributes:
        n: how many there are.
        drawn: (n_resamples,) how many are drawn.
        interval_note: why no interval over them can be given, or None.
    """

    n: int
    drawn: FloatArray
    interval_note: str | None


@dataclass(frozen=True)
class ClassMeans:
    """Sums by class and drawn unit, from which the means of every segment follow.

    Attributes:
        segments: all items, then the classes, which share them out.
        member: (n_classes * n_units, n_items) which item belongs to which unit of which class.
    """

    segments: Sequence[Segment]
    member: csr_array

    @classmethod
    def over(cls, segments: Sequence[Segment]) -> ClassMeans:
        """Prepare for segments of which the first holds all items and each item is in one of the others."""
        everything, *classes = segments
        resampling = everything.resampling
        n_units = resampling.draws.shape[1]
        group = np.empty(everything.rows.size, dtype=np.int64)
        for code, segment in enumerate(classes):
            group[segment.rows] = code * n_units + resampling.unit[segment.rows]
        return cls(segments, membership(group, len(classes) * n_units))

    def of(self, columns: Mapping[str, FloatArray]) -> SegmentMeans:
        """Mean of each (n_items,) column over each segment, NaN left out, with its resampled values."""
        found: dict[str, dict[str, Mean]] = {segment.name: {} for segment in self.segments}
        counted: dict[bytes, list[_Counted]] = {}
        names = list(columns)
        for first in range(0, len(names), _COLUMNS):
            part = names[first : first + _COLUMNS]
            table = np.column_stack([columns[name] for name in part])
            finite, infinite = np.isfinite(table), np.isinf(table)
            sums = self._by_segment(np.where(finite, table, 0.0))
            drawn = [segment.drawn(own) for segment, own in zip(self.segments, sums, strict=True)]
            for j, name in enumerate(part):
                mask = np.ascontiguousarray(finite[:, j])
                key = mask.tobytes()
                if key not in counted:
                    counted[key] = self._count(mask)
                for i, segment in enumerate(self.segments):
                    found[segment.name][name] = _mean(
                        float(sums[i][:, j].sum()),
                        drawn[i][:, j],
                        counted[key][i],
                        infinite[segment.rows, j].sum() if infinite[:, j].any() else 0,
                    )
        return found

    def _by_segment(self, table: FloatArray) -> list[FloatArray]:
        """Sums of (n_items, n_columns) by the units that each segment draws."""
        n_units = self.segments[0].resampling.draws.shape[1]
        by_class = np.asarray(self.member @ table).reshape(-1, n_units, table.shape[1])
        tables = [by_class.sum(axis=0), *by_class]
        return [own[segment.own_units] for own, segment in zip(tables, self.segments, strict=True)]

    def _count(self, mask: BoolArray) -> list[_Counted]:
        counts = self._by_segment(mask[:, None].astype(np.float64))
        return [
            _Counted(int(own.sum()), segment.drawn(own)[:, 0], segment.interval_note(mask[segment.rows]))
            for own, segment in zip(counts, self.segments, strict=True)
        ]


def _mean(total: float, drawn: FloatArray, counted: _Counted, n_infinite: int) -> Mean:
    value = np.inf if n_infinite else total / counted.n if counted.n else np.nan
    return Mean(
        value=value,
        replicates=quotient(drawn, counted.drawn),
        n=counted.n + int(n_infinite),
        n_infinite=int(n_infinite),
        interval_note=counted.interval_note,
    )
