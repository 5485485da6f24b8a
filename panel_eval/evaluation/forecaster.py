"""What is scored: a name and a distribution for each item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Forecaster:
    """The panel, a judge, or a reference, as a forecast of the human distribution.

    Attributes:
        name: as it stands in metrics.json.
        q: (n_items, n_labels) forecasts; NaN rows are items it is not scored on.
        constant: the same forecast for every item, but for leaving out the item's own votes. What little it
            varies mirrors the votes left out, so it must not be ranked, binned or correlated.
        notes: metric to a remark that goes with its number.
        unscorable: metric to the reason why it cannot be computed for this forecaster.
    """

    name: str
    q: FloatArray
    constant: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)
    unscorable: Mapping[str, str] = field(default_factory=dict)

    @property
    def scored(self) -> BoolArray:
        """(n_items,) whether there is a forecast."""
        return ~np.isnan(self.q[:, 0])

    def take(self, rows: IntArray) -> Forecaster:
        """The same on some items only."""
        return replace(self, q=self.q[rows])
