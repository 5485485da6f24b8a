"""What every fitted pool can do, and how it comes to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray


class Pool(Protocol):
    """A fitted way to join judges."""

    def forecast(self, forecasts: JudgeForecasts) -> FloatArray:
        """The panel's forecast of each item.

        Args:
            forecasts: answers of the judges that the pool was fitted on, in the same order; any may be missing.

        Returns:
            (n_items, n_labels) distributions above 0 throughout; NaN rows where no judge answered.
        """


Learner: TypeAlias = Callable[[TrainingSample], Pool]
"""Fits a pool to a sample of at least one item that a judge answered."""
