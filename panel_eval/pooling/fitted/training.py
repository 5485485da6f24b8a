"""What a pool is learned from: the judges' answers beside the votes of people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class TrainingSample:
    """Items with the judges' answers and the people's votes.

    Attributes:
        forecasts: what each judge said.
        votes: (n_items, n_labels) counts or shares, each row with a vote; an item counts once,
            however many votes it has.
        cluster: (n_items,) code of each item's cluster; items of one cluster are never parted between folds.
        ordinal: whether the labels stand in scale order.
        seed: of everything that is drawn while learning.
    """

    forecasts: JudgeForecasts
    votes: FloatArray
    cluster: IntArray
    ordinal: bool
    seed: int

    def __len__(self) -> int:
        return len(self.votes)

    @property
    def shares(self) -> FloatArray:
        """(n_items, n_labels) the votes of each item, summing to 1."""
        shares: FloatArray = self.votes / self.votes.sum(axis=1, keepdims=True)
        return shares

    def take(self, rows: IntArray) -> TrainingSample:
        """The same on some items only."""
        return replace(
            self, forecasts=self.forecasts.select(rows), votes=self.votes[rows], cluster=self.cluster[rows]
        )

    def answered(self) -> TrainingSample:
        """The same without items that no judge answered."""
        some = self.forecasts.answered.any(axis=0)
        return self if some.all() else self.take(np.flatnonzero(some))


def hardened(sample: TrainingSample) -> TrainingSample:
    """The sample with one vote an item, for the majority label; labels that tie share it."""
    modes = mode_sets(sample.shares).astype(np.float64)
    return replace(sample, votes=modes / modes.sum(axis=1, keepdims=True))
