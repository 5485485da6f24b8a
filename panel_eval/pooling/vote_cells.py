"""Votes counted and averaged by judge and item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.pooling.vote_columns import VoteColumns
from panel_eval.schema import OUTCOMES
from panel_eval.stats.arrays import FloatArray, IntArray

_AT_ONCE = 1 << 18  # votes counted in one go, so that numbers made on the way stay small


def positions(names: Sequence[str], index: Mapping[str, int]) -> NDArray[np.int32]:
    """Where each name stands in an index, -1 where it does not."""
    return np.fromiter(map(index.get, names, repeat(-1)), dtype=np.int32, count=len(names))


@dataclass(frozen=True)
class VoteCells:
    """Standing votes, each with the judge and item it belongs to.

    Attributes:
        columns: the votes.
        cell: (n_votes,) one number for each judge and item: judge · n_items + item.
        n_judges, n_items: sizes of the forecasts.
    """

    columns: VoteColumns
    cell: IntArray
    n_judges: int
    n_items: int

    def counted(self, codes: NDArray[Any], n_codes: int, dtype: type) -> NDArray[Any]:
        """(n_judges, n_items, n_codes) how many votes carry each code; negative codes are none."""
        counts: NDArray[Any] = np.zeros(self.n_judges * self.n_items * n_codes, dtype=dtype)
        for first in range(0, len(codes), _AT_ONCE):
            some, cell = codes[first : first + _AT_ONCE], self.cell[first : first + _AT_ONCE]
            np.add.at(counts, (cell * n_codes + some)[some >= 0], 1)
        return counts.reshape(self.n_judges, self.n_items, n_codes)

    def outcomes(self) -> NDArray[np.int32]:
        """(n_judges, n_items, n_outcomes) votes by outcome."""
        return self.counted(self.columns.outcome, len(OUTCOMES), np.int32)

    def shares(self, labels: Sequence[str], strength: float) -> tuple[FloatArray, FloatArray]:
        """Mean of the valid votes (n_judges, n_items, n_labels), and the effective votes (n_judges, n_items)."""
        position = positions(self.columns.labels, {label: code for code, label in enumerate(labels)})
        position = np.append(position, np.int32(-1))  # code -1, no label, is the last
        q_raw = self.counted(position[self.columns.label], len(labels), np.float64)
        valid = q_raw.sum(axis=2)
        effective = valid.copy()
        if len(self.columns.shares.vote):
            mass, number = self._distributions(position, len(labels))
            q_raw += mass
            valid += number
            effective += strength * number
        with np.errstate(invalid="ignore"):
            q_raw /= valid[:, :, None]
        return q_raw, effective

    def _distributions(self, position: NDArray[np.int32], n_labels: int) -> tuple[FloatArray, FloatArray]:
        """Sum of the probability-valued votes in each cell, and their number."""
        given = self.columns.shares
        votes, row = np.unique(given.vote, return_inverse=True)
        table = np.zeros((len(votes), n_labels))
        table[row, position[given.label]] = given.mass
        table /= table.sum(axis=1, keepdims=True)
        # Sums of floats depend on their order; the sample number makes it the same for any order of lines.
        order = np.lexsort((self.columns.sample[votes], self.cell[votes]))
        mass = np.zeros((self.n_judges * self.n_items, n_labels))
        np.add.at(mass, self.cell[votes][order], table[order])
        number = np.bincount(self.cell[votes], minlength=len(mass)).astype(np.float64)
        shape = self.n_judges, self.n_items
        return mass.reshape(*shape, n_labels), number.reshape(shape)

    def confidence(self) -> FloatArray:
        """(n_judges, n_items) mean confidence that valid votes report; NaN where none does."""
        ok = self.columns.outcome == OUTCOMES.index("ok")
        stated = np.flatnonzero(ok & ~np.isnan(self.columns.confidence))
        if not len(stated):
            return np.full((self.n_judges, self.n_items), np.nan)
        # As above: by the sample number, so that any order of lines gives the same sum to the last bit.
        order = stated[np.lexsort((self.columns.sample[stated], self.cell[stated]))]
        n_cells = self.n_judges * self.n_items
        total = np.bincount(self.cell[order], weights=self.columns.confidence[order], minlength=n_cells)
        with np.errstate(invalid="ignore"):
            mean: FloatArray = total / np.bincount(self.cell[order], minlength=n_cells)
        return mean.reshape(self.n_judges, self.n_items)
