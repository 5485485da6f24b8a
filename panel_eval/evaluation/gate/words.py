"""Numbers in the sentences of checks: never rounded so that a sentence contradicts its verdict."""

from __future__ import annotations

from panel_eval.schema.estimate import Estimate

_DIGITS = 3
_BEYOND = ("infinite", "unbounded")
"""How the note of a number begins that is known to be larger than any other."""
_MOST_DIGITS = 15


def exact(value: float) -> str:
    """A number as somebody wrote it into the settings."""
    return f"{value:.12g}"


def number(value: float, *thresholds: float, digits: int = _DIGITS) -> str:
    """A value with so many digits that it stays on its side of the thresholds."""
    for count in range(digits, _MOST_DIGITS):
        text = _plain(value, count)
        if all(_side(float(text), limit) == _side(value, limit) for limit in thresholds):
            return text
    return repr(value)


def percent(share: float, *thresholds: float) -> str:
    """A share as a percentage, as `number`."""
    return f"{number(100 * share, *(100 * limit for limit in thresholds), digits=1)} %"


def loss(value: float, unit: str = "", *thresholds: float) -> str:
    """A difference of a score where less is better, its direction in a word, as `number`."""
    if value == 0:
        return "neither better nor worse"
    direction = "worse" if value > 0 else "better"
    return f"{number(abs(value), 0.0, *(abs(limit) for limit in thresholds))}{unit} {direction}"


def chance(p: float, alpha: float) -> str:
    """A p-value that stays on its side of alpha."""
    return "p < 0.001" if p < 0.001 < alpha else f"p = {number(p, alpha)}"


def segment_words(segment: str) -> str:
    """A segment after the name of a metric."""
    return "overall" if segment == "overall" else f"on {segment} items"


def estimate_words(value: Estimate, threshold: float) -> str:
    """An estimate with its interval, each number on its side of the threshold."""
    if value.estimate is None:
        note = str(value.note)
        return note if note.startswith(_BEYOND) else f"not known ({note})"
    text = number(value.estimate, threshold)
    if value.low is None and value.high is None:
        return f"{text}, without an interval ({value.note or 'none was made'})"
    low = "no lower end" if value.low is None else number(value.low, threshold)
    high = "no upper end" if value.high is None else number(value.high, threshold)
    return f"{text} (95 % interval {low} to {high})"


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text
