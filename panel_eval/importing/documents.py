"""JSON as tools export it: whole documents, and files of one record a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from pydantic_core import from_json

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import Dropped
from panel_eval.importing.values import without_nan
from panel_eval.schema.json_lines import read_lines
from panel_eval.schema.reading import read_bytes

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def read_document(path: Path) -> Any:
    """A file that is one JSON value; NaN is read as null.

    Raises:
        InputError: it is missing, unreadable or no JSON.
    """
    return parse_document(read_bytes(path), path)


def parse_document(data: bytes, path: Path, key: str | None = None) -> Any:
    """A JSON value; NaN is read as null.

    Args:
        data: what is read.
        path: the file that it is of.
        key: where it stands in the file, for messages.

    Raises:
        InputError: it is no JSON.
    """
    try:
        return _value(data.removeprefix(_BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as error:
        fix = "is it cut off, or one record a line?"
        message = f"is not valid JSON: {shorten(str(error), 200)}"
        raise InputError(Problem(message, path=path, key=key, fix=fix)) from None


class Records:
    """The records of a file of JSON lines, or of a JSON array of objects.

    Iterating gives (line, or place in the array; record), as often as one likes; what is no record comes as
    `Dropped`. A record is made when it is its turn, and not kept: a large file takes no more than its bytes.
    Iterating raises `InputError` at an element of an array that is no JSON.
    """

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            InputError: it is missing or unreadable, or an array that is no JSON.
        """
        self._path = path
        self._lines = read_lines(path)
        self._elements: list[Any] | None = None
        if len(self._lines) and self._lines[0].lstrip().startswith(b"["):
            self._elements = _elements(self._lines.data, path)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
        return self._of_lines() if self._elements is None else self._of_elements(self._elements)

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Those that are records."""
        return ((place, record) for place, record in self if not isinstance(record, Dropped))

    def _of_lines(self) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
        for row in range(len(self._lines)):
            number = int(self._lines.numbers[row])
            try:
                value = _value(self._lines[row])
            except (ValueError, RecursionError):
                value = None
            yield number, value if isinstance(value, dict) else _no_record(number, self._lines[row][:200])

    def _of_elements(self, elements: list[Any]) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
        for place, element in enumerate(elements, start=1):
            if isinstance(element, msgspec.Raw):
                element = parse_document(bytes(element), self._path, f"record {place}")
            yield place, element if isinstance(element, dict) else _no_record(place, element)


def _elements(data: bytes, path: Path) -> list[Any]:
    """The elements of an array, unread where it is standard JSON."""
    try:
        return _ARRAY.decode(data.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.DecodeError, RecursionError):  # with NaN in it, or no JSON
        value = parse_document(data, path)
        return value if isinstance(value, list) else [value]


def _no_record(line: int, value: object) -> Dropped:
    shown = value.decode(errors="replace") if isinstance(value, bytes) else value
    return Dropped("no_record", "is no JSON object", line, value=shown, answers=1)


def _value(data: bytes) -> Any:
    try:
        return from_json(data, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return without_nan(from_json(data, cache_strings="keys"))
