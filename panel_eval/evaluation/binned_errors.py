"""Binned calibration errors of a segment as estimates: plain, and as a square freed of the noise of the votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import estimate, finite_or_none, null
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.bootstrap import percentile_interval
from panel_eval.stats.debiased_calibration import error_interval, gap_noise, squared_error_without_noise

_NOT_TOLD_FROM_ZERO = "cannot be told from 0: the noise of the votes alone can make an error this large"
_NONE_LEFT = "none is left once the noise of the votes is taken off"
_NO_PAIRS = "no bin holds two items"


@dataclass(frozen=True)
class BinnedError:
    """A binned error, its debiased square, and the (n_resamples,) replicates of both.

    Attributes:
        value: sum_b (|b| / N) |g_b|, g_b the mean gap of bin b.
        replicates: the same in each resample.
        square: sum_b (|b| / N) (g_b² - noise); may be negative, NaN where no bin holds two items.
        squares: the same in each resample.
        n: items behind it.
        no_interval: why there is no interval, or None.
    """

    value: float
    replicates: FloatArray
    square: float
    squares: FloatArray
    n: int
    no_interval: str | None

    @property
    def may_be_zero(self) -> bool:
        """Whether the debiased square cannot be told from 0."""
        return not float(percentile_interval(self.squares)[0]) > 0

    def estimate(self, *notes: str | None) -> Estimate:
        """The plain error with an interval that takes its upward bias into account."""
        if self.no_interval:
            return estimate(self.value, None, self.n, *notes, self.no_interval)
        unclear = _NOT_TOLD_FROM_ZERO if self.may_be_zero and self.value > 0 else None
        return with_error_interval(
            estimate(self.value, None, self.n, *notes, unclear), self.replicates, self.may_be_zero
        )

    def squared(self, *notes: str | None) -> Estimate:
        """The debiased square, negative where there is less than the noise alone would make on average."""
        replicates = None if self.no_interval else self.squares
        below = "below 0: no more than the noise of the votes" if self.square < 0 else None
        return estimate(self.square, replicates, self.n, below, *notes, self.no_interval, undefined=_NO_PAIRS)

    def root(self, *notes: str | None) -> Estimate:
        """Root of the debiased square, null where that is not above 0; ends below 0 become 0."""
        square = self.squared(*notes)
        if square.estimate is None or square.estimate <= 0:
            return null(_NO_PAIRS if square.estimate is None else _NONE_LEFT, self.n)
        low, high = (None if end is None else max(end, 0.0) ** 0.5 for end in (square.low, square.high))
        return square.model_copy(update={"estimate": square.estimate**0.5, "low": low, "high": high})


def binned_errors(gaps: FloatArray, bins: IntArray, part: Segment, sharing: int = 1) -> list[BinnedError]:
    """The error of each column; one product with the draws for all of them.

    Args:
        gaps: (n_rows, n_columns) confidence less outcome, without NaN.
        bins: (n_rows, n_columns) bin of each item, from 0.
        part: the items, with their resamples.
        sharing: the first columns that share the bins of the first. In resamples their bins are weighed anew;
            those of other columns keep their size, which matters little unless gaps are large.
    """
    n_columns, width, once = gaps.shape[1], int(bins.max()) + 1, np.ones(len(gaps))
    sums = [part.unit_sums(gaps[:, column], bins[:, column], width) for column in range(n_columns)]
    numbers = [part.unit_sums(once, bins[:, column], width) for column in range(n_columns)]
    drawn = _drawn([*sums, numbers[0]], [*numbers, numbers[0]], part)
    drawn_items = drawn[:, -1]
    errors = []
    for column in range(n_columns):
        total, items = sums[column].sum(axis=0), numbers[column].sum(axis=0)
        noise, resampled = gap_noise(sums[column], numbers[column]), drawn[:, column]
        weighed = drawn_items if column < sharing else items
        errors.append(
            BinnedError(
                value=float(np.abs(total).sum() / items.sum()),
                replicates=quotient(np.abs(resampled).sum(axis=1), drawn_items.sum(axis=1)),
                square=float(squared_error_without_noise(quotient(total, items), items, noise)),
                squares=squared_error_without_noise(quotient(resampled, weighed), weighed, noise, times=2.0),
                n=len(gaps),
                no_interval=part.interval_note(),
            )
        )
    return errors


def _drawn(tables: list[FloatArray], numbers: list[FloatArray], part: Segment) -> FloatArray:
    """(n_resamples, n_tables, n_bins) the resampled tables; bins without items are not multiplied."""
    filled = np.concatenate([table.any(axis=0) for table in numbers])
    sums = part.drawn(np.hstack(tables)[:, filled])
    drawn = np.zeros((len(sums), filled.size))
    drawn[:, filled] = sums
    return drawn.reshape(len(sums), len(tables), -1)


def with_error_interval(number: Estimate, replicates: FloatArray, may_be_zero: bool) -> Estimate:
    """The estimate of an error that cannot be negative, with its `error_interval`."""
    if number.estimate is None:
        return number
    low, high = error_interval(number.estimate, replicates, may_be_zero)
    return number.model_copy(update={"low": finite_or_none(low), "high": finite_or_none(high)})
