"""JSON as tools export it: whole documents, and files of one record a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import Dropped
from panel_eval.schema.json_lines import read_lines
from panel_eval.schema.reading import read_bytes


def read_document(path: Path) -> Any:
    """A file that is one JSON value; NaN is read as null.

    Raises:
        InputError: it is missing, unreadable or no JSON.
    """
    return parse_document(read_bytes(path), path)


def parse_document(data: bytes, path: Path) -> Any:
    """A JSON value; NaN is read as null.

    Raises:
        InputError: it is no JSON.
    """
    try:
        return _value(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        fix = "is it cut off, or one record a line?"
        raise InputError(Problem(f"is not valid JSON: {shorten(str(error), 200)}", path=path, fix=fix)) from None


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
    """The records of a file of JSON lines, or of a JSON array of objects: (line, or place in the array; record).

    What is no record comes as `Dropped`.

    Raises:
        InputError: the file is missing or unreadable, or an array that is no JSON.
    """
    lines = read_lines(path)
    if len(lines) and lines[0].lstrip().startswith(b"["):
        values = parse_document(lines.data, path)
        numbered = enumerate(values if isinstance(values, list) else [values], start=1)
        yield from (
            (place, value if isinstance(value, dict) else _no_record(place, value)) for place, value in numbered
        )
        return
    for row in range(len(lines)):
        number = int(lines.numbers[row])
        try:
            value = _value(lines[row])
        except (ValueError, RecursionError):
            value = None
        yield number, value if isinstance(value, dict) else _no_record(number, lines[row][:200])


def _no_record(line: int, value: object) -> Dropped:
    shown = value.decode(errors="replace") if isinstance(value, bytes) else value
    return Dropped("no_record", "is no JSON object", line, value=shown, answers=1)


def _value(data: bytes) -> Any:
    try:
        return from_json(data, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return _without_nan(from_json(data, cache_strings="keys"))


def _without_nan(value: Any) -> Any:
    """The value with NaN and infinities as null: Python's writers make them, and no JSON knows them."""
    match value:
        case float():
            return value if value - value == 0 else None
        case list():
            return [_without_nan(inner) for inner in value]
        case dict():
            return {key: _without_nan(inner) for key, inner in value.items()}
    return value
