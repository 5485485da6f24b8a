"""Keys given twice in one JSON object: parsers keep the last silently, so a record may not say what it seems to.

Every string of a JSON text stands between two quotes that no backslash escapes. A parsed record that holds fewer
strings than its text has pairs of quotes has lost some, and only a repeated key loses any.
"""

from __future__ import annotations

import json
from typing import Any


def quotes(text: bytes) -> int:
    """The quotes in JSON text that begin or end a string; those that a backslash escapes are not counted."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return text.count(b'"')


def count_strings(value: object) -> int:
    """How many strings a parsed JSON value holds, keys included."""
    if isinstance(value, str):
        return 1
    if isinstance(value, dict):
        return len(value) + sum(map(count_strings, value.values()))
    if isinstance(value, list):
        return sum(map(count_strings, value))
    return 0


def has_repeated_keys(text: bytes, parsed: object) -> bool:
    """Whether an object in the JSON `text` names a key twice; `parsed` is what a parser made of it."""
    return quotes(text) != 2 * count_strings(parsed)


def repeated_key(text: str) -> str | None:
    """The first key that one object in the JSON text names twice, or None."""
    found: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in pairs:
            if key in members:
                found.append(key)
            members[key] = value
        return members

    json.loads(text, object_pairs_hook=collect, parse_int=str, parse_float=str)
    return found[0] if found else None
