"""Scores that the prior behind the posteriors shapes: their means move when it is fitted to each resample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, segment_means
from panel_eval.evaluation.prior_moves import PriorMoves
from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class MovingColumns:
    """Scores of items, and those of some items under other priors.

    Attributes:
        columns: score to (n_items,) values; NaN = the item has none.
        moves: of the prior; None where it is fixed.
        rows: (n_rows,) the items that moves are averaged over.
        under: under the prior of each node of `moves`, score to (n_rows,) values; scores that it lacks do not move.
    """

    columns: Columns
    moves: PriorMoves | None
    rows: IntArray
    under: Sequence[Columns]

    @classmethod
    def made(cls, comparison: Comparison, columns: Columns, under: Sequence[Columns]) -> MovingColumns:
        """Scores of a comparison, and those of its `other_priors`, made already."""
        return cls(columns, comparison.prior_moves, comparison.other_priors.rows, under)

    @classmethod
    def of(cls, comparison: Comparison, make: Callable[[Comparison], Columns]) -> MovingColumns:
        """Scores made of a comparison."""
        under = [make(other) for other in comparison.other_priors.comparisons]
        return cls.made(comparison, make(comparison), under)

    def means(self, segment: Segment) -> dict[str, Mean]:
        """`segment_means`, the prior fitted again in each resample."""
        means = segment_means(self.columns, segment)
        if self.moves is None or not self.under:
            return means
        within: BoolArray = np.isin(self.rows, segment.rows, assume_unique=True)
        if not within.any():  # so rare among so many items that the prior is as good as known
            return means
        here = {name: self.columns[name][self.rows] for name in self.under[0]}
        shifts = self.moves.shift(_averages(here, within), [_averages(table, within) for table in self.under])
        return means | {
            name: replace(means[name], replicates=means[name].replicates + shifts[:, column])
            for column, name in enumerate(here)
        }


def _averages(columns: Mapping[str, FloatArray], within: BoolArray) -> FloatArray:
    """(n_columns,) mean of the finite values; 0 if there are none, as nothing moves then."""
    found = []
    for values in columns.values():
        finite = values[within & np.isfinite(values)]
        found.append(float(finite.mean()) if finite.size else 0.0)
    return np.array(found)
