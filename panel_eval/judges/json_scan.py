"""Finding a JSON object in text that a model wrote around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

MAX_OBJECTS = 200
"""Objects looked at in one answer, from its end; hostile text must not cost more than a moment."""

SCANNED_CHARACTERS = 30_000
"""How far from its end an answer is searched: nested braces make every start cost up to a thousand levels."""

_DECODER = json.JSONDecoder(parse_constant=lambda name: None)


def whole_characters(text: str) -> str:
    """The text with halves of surrogate pairs shown as ``?``: JSON can spell them, but no file can hold them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def whole_object(text: str) -> dict[str, Any] | None:
    """The JSON object that the whole text is, or None. NaN and Infinity read as null."""
    try:
        value = _DECODER.decode(text.strip())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def objects_from_end(text: str) -> Iterator[dict[str, Any]]:
    """Top-level JSON objects in the text, last first.

    Braces inside strings do not count, since each candidate is read by a real JSON parser from its opening brace;
    an object inside another valid object is not listed on its own. Only the last `SCANNED_CHARACTERS` are searched.
    """
    text = text[-SCANNED_CHARACTERS:]
    found: list[dict[str, Any]] = []
    position = text.find("{")
    while position >= 0:
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            found.append(value)
        position = text.find("{", end)
    yield from reversed(found[-MAX_OBJECTS:])
