"""A panel version as it is compared, and two of them on the items that both have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from panel_eval.humans import HumanLabels, ItemDigests
from panel_eval.pooling import VoteTable
from panel_eval.schema import FittedPool
from panel_eval.schema.comparison import Overlap
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class PanelVersion:
    """What a run of a panel says of its items.

    Attributes:
        name: the run's id.
        humans: the labelled items.
        digests: of these items, in their order.
        panel_q: (n_items, n_labels) the panel's smoothed forecast; NaN rows where nobody answered.
        judge_q: judge to (n_items, n_labels), its own smoothed forecast.
        votes: the votes behind them, to show those of items that moved.
        fitted: the pool that joined the judges, if not their weighted mean.
    """

    name: str
    humans: HumanLabels
    digests: ItemDigests
    panel_q: FloatArray
    judge_q: Mapping[str, FloatArray] = field(default_factory=dict)
    votes: VoteTable = field(default_factory=lambda: VoteTable.of(()))
    fitted: FittedPool | None = None


@dataclass(frozen=True)
class VersionPair:
    """Two versions on the items that they share, items in the order of their ids.

    Attributes:
        base, candidate: the versions, with all of their items.
        humans: the shared items, with the candidate's records; with the baseline's clusters if only it names any.
        base_rows, candidate_rows: (n_items,) where the items stand in each version.
        overlap: which items are shared, and which are not.
    """

    base: PanelVersion
    candidate: PanelVersion
    humans: HumanLabels
    base_rows: IntArray
    candidate_rows: IntArray
    overlap: Overlap

    @property
    def base_q(self) -> FloatArray:
        """(n_items, n_labels) forecasts of the baseline's panel."""
        return self.base.panel_q[self.base_rows]

    @property
    def candidate_q(self) -> FloatArray:
        """(n_items, n_labels) forecasts of the candidate's panel."""
        return self.candidate.panel_q[self.candidate_rows]

    @property
    def both(self) -> BoolArray:
        """(n_items,) whether both panels have a forecast."""
        return np.isfinite(self.base_q[:, 0]) & np.isfinite(self.candidate_q[:, 0])

    @property
    def unit(self) -> IntArray:
        """(n_items,) the independent unit of each item: itself, or its cluster."""
        clusters = self.humans.clusters
        if clusters is None:
            return np.arange(len(self.humans))
        return np.unique(np.array(clusters), return_inverse=True)[1]
