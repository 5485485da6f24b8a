"""Differences and settings made up for the checks of a gate."""

from __future__ import annotations

from panel_eval.schema.comparison import Difference
from panel_eval.schema.estimate import Estimate


def difference(
    segment: str = "overall",
    value: float | None = 0.0,
    low: float | None = -0.02,
    high: float | None = 0.02,
    p_worse: float | None = 0.5,
    *,
    metric: str = "ce_bits",
    testable: bool = True,
    units: int = 1000,
    note: str | None = None,
) -> Difference:
    """A tested difference with the numbers that a gate looks at; the others follow from them or are left out."""
    error = None if low is None or high is None else (high - low) / 3.92
    return Difference(
        metric=metric,
        segment=segment,
        base=None,
        candidate=None,
        difference=Estimate(estimate=value, low=low, high=high, n=units, note=note),
        units=units,
        standard_error=error,
        p_worse=p_worse,
        detectable=None if error is None else 2.8016 * error,
        testable=testable,
        verdict="no difference shown",
    )
