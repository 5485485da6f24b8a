"""Numbers that are written as text, or whole numbers with a decimal point."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from panel_eval.humans.repair.draft import Change, Draft, Place

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,30})?([eE][+-]?\d{1,3})?")
_WHOLE = ("schema_version", "reviewer_count")
_EXACT = 2**53


def proper_numbers(draft: Draft) -> Iterator[Change]:
    """Text such as "0.5" to 0.5, and "3" or 3.0 to 3, wherever the contract wants a number.

    Only text that is a JSON number and nothing else: not "0,5", "50 %", "1e999" or "nan", and no count of 2.5.
    """
    for place, value, whole in list(_numbers_of(draft.record)):
        if isinstance(value, str) and (number := _number_in(value)) is not None:
            if not whole or float(number).is_integer():
                after = int(number) if whole else number
                yield Change("number", place, value, after, "a number, written as text")
        elif whole and type(value) is float and value.is_integer() and abs(value) < _EXACT:
            yield Change("number", place, value, int(value), "a whole number, written with a decimal point")


def _number_in(text: str) -> int | float | None:
    """The number that a text is, None if it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    found = float(text)
    if not math.isfinite(found) or abs(found) >= _EXACT:
        return None
    return int(text) if text.strip().lstrip("-").isdigit() else found


def _numbers_of(record: dict[str, Any]) -> Iterator[tuple[Place, object, bool]]:
    """(place, value, whether it must be whole) of every number of the contract."""
    for key in _WHOLE:
        yield (key,), record.get(key), True
    yield ("entropy_bits",), record.get("entropy_bits"), False
    for key, whole in (("counts", True), ("distribution", False)):
        members = record.get(key)
        for label, value in members.items() if isinstance(members, dict) else ():
            yield (key, label), value, whole
    for i, value in enumerate(_list(record.get("confidence"))):
        if isinstance(value, dict):
            yield ("confidence", i, "value"), value.get("value"), False
        else:
            yield ("confidence", i), value, False
    for i, rationale in enumerate(_list(record.get("rationales"))):
        for key in ("confidence", "seconds") if isinstance(rationale, dict) else ():
            yield ("rationales", i, key), rationale.get(key), False


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
