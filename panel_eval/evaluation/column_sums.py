"""Sums over all items of many columns, made some items at a time so that no wide table is ever held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.segments import Segment
from panel_eval.stats import membership
from panel_eval.stats.arrays import FloatArray

_ROWS = 16_384
"""Items at a time: their columns stay near the processor."""

Columns = Callable[[slice], FloatArray]
"""A stretch of the items to a table (n, n_columns) without NaN."""


@dataclass(frozen=True)
class ColumnSums:
    """Sums of columns over items, and over each resample of them.

    Attributes:
        value: (n_columns,).
        replicates: (n_resamples, n_columns), or None if none were asked for.
    """

    value: FloatArray
    replicates: FloatArray | None

    def samples(self) -> list[FloatArray]:
        """The value, then the replicates if there are any: what a statistic of the sums is taken of."""
        return [self.value] if self.replicates is None else [self.value, self.replicates]


def column_sums(everything: Segment, columns: Columns, *, resampled: bool = True) -> ColumnSums:
    """Sum columns over all items.

    Args:
        everything: all items, with their resamples.
        columns: makes the table of a stretch of the items.
        resampled: whether to sum over the resamples, too.
    """
    unit, n_units = everything.resampling.unit, everything.resampling.draws.shape[1]
    stretches = [slice(first, min(first + _ROWS, unit.size)) for first in range(0, unit.size, _ROWS)]
    if not resampled:
        return ColumnSums(np.sum([columns(rows).sum(axis=0) for rows in stretches], axis=0), None)
    by_unit = np.zeros((n_units, 0))
    for rows in stretches:
        sums = np.asarray(membership(unit[rows], n_units) @ columns(rows))
        by_unit = by_unit + sums if by_unit.size else sums
    return ColumnSums(by_unit.sum(axis=0), everything.drawn(by_unit))
