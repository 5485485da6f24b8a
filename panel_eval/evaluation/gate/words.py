"""Numbers in the sentences of checks: never rounded so that a sentence contradicts its verdict."""

from __future__ import annotations

from panel_eval.schema.estimate import Estimate

_DIGITS = 3
_MOST_DIGITS = 12


def numbers(*values: float, digits: int = _DIGITS) -> list[str]:
    """Values with so many digits that those that differ look different, whatever their signs."""
    for count in range(digits, _MOST_DIGITS):
        texts = [_plain(value, count) for value in values]
        if len({text.lstrip("-") for text in texts}) == len({abs(value) for value in values}):
            return texts
    return [repr(value) for value in values]


def percents(*values: float) -> list[str]:
    """Shares as percentages; those that differ look different."""
    return [f"{text} %" for text in numbers(*(100 * value for value in values), digits=1)]


def loss(value: float, unit: str = "", *beside: float) -> str:
    """A difference of a score where less is better, its direction in a word; told apart from the values beside it."""
    text = numbers(abs(value), *beside)[0]
    if float(text) == 0:
        return "no different" if value == 0 else f"less than 0.001{unit} {_direction(value)}"
    return f"{text}{unit} {_direction(value)}"


def chance(p: float) -> str:
    """A p-value."""
    return "p < 0.001" if p < 0.001 else f"p = {numbers(p, 0.05)[0]}"


def segment_words(segment: str) -> str:
    """A segment after the name of a metric."""
    return "overall" if segment == "overall" else f"on {segment} items"


def estimate_words(value: Estimate, threshold: float) -> str:
    """An estimate with its interval; what differs from the threshold looks different from it."""
    if value.estimate is None:
        return f"not known ({value.note})"
    text = numbers(value.estimate, threshold)[0]
    if value.low is None and value.high is None:
        return f"{text}, without an interval ({value.note or 'none was made'})"
    low = "unbounded" if value.low is None else numbers(value.low, threshold)[0]
    high = "unbounded" if value.high is None else numbers(value.high, threshold)[0]
    return f"{text} (95 % interval {low} to {high})"


def _direction(value: float) -> str:
    return "worse" if value > 0 else "better"


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text
