"""Numbers as text: one way to write each kind, with a true minus sign and a dash where there is no number."""

from __future__ import annotations

import math
from statistics import NormalDist

from panel_eval.report.glossary import metric_text
from panel_eval.schema import Estimate, MetricTable

NO_NUMBER = "–"


def decimal(value: float | None, digits: int = 2) -> str:
    """`value` with fixed digits, `∞` where infinite, a dash where there is no number."""
    if value is None or math.isnan(value):
        return NO_NUMBER
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    text = decimal(None if value is None else 100.0 * value, digits)
    return text if text == NO_NUMBER else f"{text}%"


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) or not text else '.'}"


def count(value: int) -> str:
    """A count with thousands separated."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """`part` of `whole` as a percentage; a dash where the whole is nothing; never 0 or 100 unless it is so."""
    if whole <= 0:
        return NO_NUMBER
    if 0 < part / whole < 0.0005:
        return "<0.1%"
    if 0.9995 < part / whole < 1:
        return ">99.9%"
    return percent(part / whole)


def estimate_of(table: MetricTable, metric: str) -> Estimate:
    """The table's estimate of `metric`; where it was not computed, a null that says so."""
    return table.get(metric) or Estimate(estimate=None, n=0, note="not computed")


def estimate_text(estimate: Estimate, digits: int = 3, as_percent: bool = False) -> str:
    """The estimate alone, as a decimal with so many digits or as a percentage."""
    return _written(estimate.estimate, digits, as_percent)


def range_text(estimate: Estimate, digits: int = 3, as_percent: bool = False) -> str:
    """The 95 % interval as `low to high`; empty where there is none or the number is the same by definition.

    An interval without an upper end is `low or more`.
    """
    if estimate.estimate is None or estimate.low is None:
        return ""
    if estimate.high is None:
        return f"{_written(estimate.low, digits, as_percent)} or more"
    if math.isclose(estimate.low, estimate.high, rel_tol=0.0, abs_tol=1e-12):
        return ""
    return f"{_written(estimate.low, digits, as_percent)} to {_written(estimate.high, digits, as_percent)}"


def value_text(estimate: Estimate, metric: str) -> str:
    """The estimate alone, in the metric's own style."""
    text = metric_text(metric)
    return estimate_text(estimate, text.digits, text.as_percent)


def interval_text(estimate: Estimate, metric: str) -> str:
    """The interval in the metric's own style, as `range_text`."""
    text = metric_text(metric)
    return range_text(estimate, text.digits, text.as_percent)


def holds(estimate: Estimate, value: float) -> bool:
    """Whether there is an interval and `value` lies in it."""
    return estimate.low is not None and estimate.high is not None and estimate.low <= value <= estimate.high


def clear_of(estimate: Estimate, value: float) -> bool:
    """Whether an interval leaves no doubt on which side of `value` the number is."""
    return estimate.low is not None and estimate.high is not None and not holds(estimate, value)


def clear_among(estimate: Estimate, value: float, looked_at: int) -> bool:
    """`clear_of` for one of several numbers of which any that stands out is told.

    Widened as Bonferroni's correction would widen a normal interval: of 100 numbers that are all `value`,
    some five 95 % intervals leave it out by luck.
    """
    if estimate.estimate is None or not clear_of(estimate, value):
        return False
    wider = NormalDist().inv_cdf(1 - 0.025 / max(looked_at, 1)) / NormalDist().inv_cdf(0.975)
    toward = estimate.low if estimate.estimate > value else estimate.high
    return toward is not None and abs(estimate.estimate - value) > wider * abs(estimate.estimate - toward)


def _written(value: float | None, digits: int, as_percent: bool) -> str:
    return percent(value) if as_percent else decimal(value, digits)
