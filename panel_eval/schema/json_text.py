"""One JSON object as text: members are replaced, renamed or added, and all else stays as it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

Path = Sequence[str | int]
"""Keys and positions from the outermost object down to one value."""

_BLANK = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Member:
    """Where one member of an object, or one value of an array, stands in the text.

    Attributes:
        key: its name, or its position in an array.
        key_start, key_end: of the quoted name; both the value's start in an array.
        start, end: of the value.
    """

    key: str | int
    key_start: int
    key_end: int
    start: int
    end: int


def replace_value(text: str, path: Path, literal: str) -> str:
    """The text with another value at `path`.

    Args:
        text: one JSON value.
        path: where the value stands.
        literal: JSON of the new value.

    Raises:
        KeyError: there is no such place.
    """
    member = _find(text, path)
    return text[: member.start] + literal + text[member.end :]


def rename_key(text: str, path: Path, name: str) -> str:
    """The text with another name for the member at `path`.

    Raises:
        KeyError: there is no such place.
    """
    member = _find(text, path)
    return text[: member.key_start] + written(name, text) + text[member.key_end :]


def add_member(text: str, name: str, literal: str, after: str | None) -> str:
    """The outermost object with a member more, separated as its other members are.

    Args:
        text: one JSON object.
        name: of the new member, which the object must not have.
        literal: JSON of its value.
        after: name of the member that it is put behind; None = first.
    """
    members = _members(text, 0)
    comma, colon = _spacing(text, members)
    new = written(name, text) + colon + literal
    if after is None:
        place = _skip(text, _skip(text, 0) + 1)
        return text[:place] + new + (comma if members else "") + text[place:]
    place = next(member.end for member in members if member.key == after)
    return text[:place] + comma + new + text[place:]


def written(value: object, text: str) -> str:
    """JSON of a value, in ASCII only and without blanks where the text it is for is so."""
    tight = '": ' not in text
    return json.dumps(value, ensure_ascii=text.isascii(), separators=(",", ":") if tight else None)


def _spacing(text: str, members: Sequence[Member]) -> tuple[str, str]:
    """What stands between two members, and between a name and its value."""
    colon = text[members[0].key_end : members[0].start] if members else ": "
    if len(members) > 1:
        return text[members[0].end : members[1].key_start], colon
    return ("," if colon == ":" else ", "), colon


def _find(text: str, path: Path) -> Member:
    at, found = 0, None
    for key in path:
        found = next((member for member in _members(text, at) if member.key == key), None)
        if found is None:
            raise KeyError(f"nothing stands at {path}")
        at = found.start
    if found is None:
        raise KeyError("a path names at least one member")
    return found


def _members(text: str, at: int) -> list[Member]:
    """The members of the object or array that begins at `at`; nothing of any other value."""
    at = _skip(text, at)
    if text[at] not in "{[":
        return []
    named, members = text[at] == "{", list[Member]()
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        key: str | int = len(members)
        key_start = key_end = at
        if named:
            key, key_end = _decode(text, at)
            at = _skip(text, _skip(text, key_end) + 1)
        _, end = _decode(text, at)
        members.append(Member(key, key_start, key_end, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()
