"""What is scored: a name and a distribution for each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from panel_eval.pooling import JudgeForecasts, smooth
from panel_eval.schema import Smoothing
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


def judge_forecasters(
    answers: JudgeForecasts, smoothing: Smoothing | Literal["none"], labels: Sequence[str]
) -> tuple[Forecaster, ...]:
    """Each judge's own smoothed forecast, in the order of `answers.judge_ids`."""
    return tuple(
        Forecaster(judge, smooth(answers.q_raw[row], answers.strength[row], smoothing, labels))
        for row, judge in enumerate(answers.judge_ids)
    )
