"""What every fitted pool can do, and how it comes to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

import numpy as np

from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray

_DIGITS = 10
"""Significant digits of a fitted parameter: more than its noise needs, and no more than a file can hold exactly."""

Number = TypeVar("Number", float, FloatArray)


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
"""Fits a pool to a sample of at least one item that a judge answered; raises `CannotFitError` where it cannot."""


class CannotFitError(ValueError):
    """A pool of this kind cannot be learned from this sample; the message says why."""


def rounded(parameters: Number) -> Number:
    """Parameters to `_DIGITS` significant digits, as a pool has them before it makes its first forecast.

    The same numbers stand in its file, so that a pool read back is the pool that was scored.
    """
    values = np.asarray(parameters, dtype=np.float64)
    digits = np.array([float(f"{value:.{_DIGITS}g}") for value in values.ravel().tolist()])
    if isinstance(parameters, float):
        return float(digits[0])
    return digits.reshape(values.shape)
