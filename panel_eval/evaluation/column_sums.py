"""Sums over items of many columns, made a few at a time so that no wide table is ever held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import FloatArray

_ENTRIES = 6_000_000
"""Most entries of items × columns summed at once."""


@dataclass(frozen=True)
class ColumnSums:
    """Sums of columns over a segment's items, and over each of its resamples.

    Attributes:
        value: (n_columns,).
        replicates: (n_resamples, n_columns), or None if none were asked for.
    """

    value: FloatArray
    replicates: FloatArray | None

    def samples(self) -> list[FloatArray]:
        """The value, then the replicates if there are any: what a statistic of the sums is taken of."""
        return [self.value] if self.replicates is None else [self.value, self.replicates]


def column_sums(segment: Segment, blocks: Iterable[FloatArray], *, resampled: bool = True) -> ColumnSums:
    """Sum blocks of columns over a segment's items.

    Args:
        segment: which items, and how often each is drawn.
        blocks: arrays (n_rows, any number of columns) without NaN, in the order of `segment.rows`.
        resampled: whether to sum over the resamples, too.
    """
    values: list[FloatArray] = []
    replicates: list[FloatArray] = []
    waiting: list[FloatArray] = []
    width = max(1, _ENTRIES // max(segment.rows.size, 1))

    def flush() -> None:
        if waiting:
            replicates.append(segment.sums(np.concatenate(waiting, axis=1)))
            waiting.clear()

    for block in blocks:
        values.append(block.sum(axis=0))
        if not resampled:
            continue
        waiting.append(block)
        if sum(part.shape[1] for part in waiting) >= width:
            flush()
    flush()
    return ColumnSums(np.concatenate(values), np.concatenate(replicates, axis=1) if replicates else None)
