"""Values of foreign files as ours: labels as text, numbers, times."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"([+-]?\d+)\.0+")
_SINCE_1970 = re.compile(r"\d{9,16}(\.\d+)?")
_LONGEST_NUMBER = 10**100


def label_text(value: object) -> str | None:
    """A label as text, None where there is no answer.

    Whole numbers lose their decimals (`1.0`, which spreadsheets make of 1, is the label `1`); `True` is `true`;
    blank text, NaN and anything that is no text and no number is no answer.
    """
    match value:
        case str():
            found = value.strip()
            whole = _WHOLE.fullmatch(found) if "." in found else None
            return (whole[1] if whole else found) or None
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if abs(value) < _LONGEST_NUMBER else None
        case float():
            if not math.isfinite(value):
                return None
            return str(int(value)) if value.is_integer() and abs(value) < 10**18 else repr(value)
        case Decimal():
            return label_text(f"{value:f}") if value.is_finite() and value.adjusted() < 100 else None
    return None


def number(value: object) -> float | None:
    """A finite number, also one written as text; None where there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def time_text(value: object) -> str | None:
    """A time as UTC in ISO 8601, of such a text (without a zone it is taken for UTC) or of seconds since 1970.

    Milliseconds since 1970 are told from seconds by their size.
    """
    moment: datetime | None = None
    try:
        if isinstance(value, str) and _SINCE_1970.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, str) and value.strip():
            moment = datetime.fromisoformat(value.strip())
        elif isinstance(value, datetime):  # of a Parquet file
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / 1000 if abs(value) > 10**11 else value, UTC)
        if moment is None:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def text(value: object) -> str | None:
    """A text of a field that is to be text: numbers and objects as JSON, None for null and blank text."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except (ValueError, TypeError, RecursionError):
        return None


def identifier(value: object) -> str | None:
    """An item's or a person's name as text: numbers as text, None for null, blank text and anything else.

    A text stays as it is but for spaces at its ends: `1.0` and `1` may be two versions.
    """
    if isinstance(value, bool):
        return None
    found = value.strip() if isinstance(value, str) else label_text(value)
    return None if not found or len(found) > _LONGEST_NAME else found


def written_name(value: object) -> str | None:
    """A name as it is written, spaces and all, so that it can be told which names are taken for one."""
    if value.__class__ is str:
        return value if value and not value.isspace() else None
    return identifier(value)


def at_path(record: Any, path: str) -> Any:
    """What stands at a dotted path of keys (`annotations.0.result`), None where it leads nowhere.

    A key that itself has dots is found first.
    """
    if isinstance(record, dict) and path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    if isinstance(record, list) and head.isdigit() and len(head) < 10:
        inner = record[int(head)] if int(head) < len(record) else None
    else:
        inner = record.get(head) if isinstance(record, dict) else None
    return inner if not dot or inner is None else at_path(inner, rest)


def without_nan(value: Any) -> Any:
    """The value with NaN and infinities (1e999 is read as one) as null: Python writes them, no JSON has them."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [without_nan(inner) for inner in value]
        case dict():
            return {key: without_nan(inner) for key, inner in value.items()}
    return value


def objects_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none of anything else."""
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


_LONGEST_NAME = 10_000
