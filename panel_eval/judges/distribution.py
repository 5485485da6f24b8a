"""Elicitation ``distribution``: out of 100 reviewers, how many would choose each label.

No rationale is asked for: reasoning first collapses the spread that is the point of the question (METHODS 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from panel_eval.errors import shorten
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.reading import read_object, unusable
from panel_eval.judges.wire import WireReply, WireRequest

TOTAL = 100.0
TOLERANCE = 5.0
"""Counts may miss 100 by this much and are then renormalised (METHODS 4); beyond it the judge was not counting."""

_STEPS = {2: 10, 3: 10, 4: 10, 5: 20, 6: 20}
"""Labels to step of the listed distributions: 11, 66, 286, 126 and 252 of them."""


def response_schema(codes: tuple[tuple[str, str], ...], tight: bool) -> Mapping[str, Any]:
    """JSON Schema of a distribution: a count for each label code.

    Args:
        codes: (code, label) pairs offered.
        tight: for local grammars: list the distributions in steps of 10 (of 20 from five labels on) where they are
            few enough. Tiny models cannot add up to 100; with the list they choose among answers that do.
    """
    names = [code for code, _ in codes]
    if tight and len(names) in _STEPS:
        step = _STEPS[len(names)]
        splits = _splits(int(TOTAL) // step, len(names))
        return {"enum": [dict(zip(names, (step * part for part in split), strict=True)) for split in splits]}
    return {
        "type": "object",
        "properties": {name: {"type": "integer"} for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _splits(total: int, places: int) -> list[tuple[int, ...]]:
    """All ways to share out `total` among `places`."""
    if places == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in _splits(total - first, places - 1)]


def read_distribution(reply: WireReply, request: WireRequest) -> Answer:
    """Read counts out of 100. Negative, missing or unknown entries and totals far from 100 are unparseable."""
    if (reason := unusable(reply)) is not None:
        return reason
    known = dict(request.codes)

    def reading(value: dict[str, Any]) -> dict[str, float] | str:
        return _counts(value, known)

    read = read_object(reply, request, reading)
    if isinstance(read, NotAnswered):
        return read
    counts, rung = read
    total = math.fsum(counts.values())
    return Answered(rung, distribution={known[code]: count / total for code, count in counts.items()})


def _counts(value: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, float] | str:
    """The counts by code, or what is wrong with them."""
    if set(value) != set(known):
        return f"give one number for each of {', '.join(known)} and nothing else; found {shorten(', '.join(value))}"
    counts: dict[str, float] = {}
    for code in known:
        count = value[code]
        if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count <= 1e6:
            return f"{code} must be a number from 0 to 100; found {shorten(count)}"
        counts[code] = float(count)
    total = math.fsum(counts.values())
    if abs(total - TOTAL) > TOLERANCE:
        return f"the numbers must add up to 100; they add up to {total:g}"
    return counts
