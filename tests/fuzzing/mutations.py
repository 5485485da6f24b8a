"""Files that are nearly right: valid ones with something in them changed."""

from __future__ import annotations

import json
import random
from typing import Any

NASTY: list[Any] = [
    None, True, 0, -1, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800",
    "a" * 5000, "=1+1", "../../etc/passwd", "{{7*7}}", "<script>", "\u202e", [], {}, [[]], [None], {"": {}},
    {"a": [1, {"b": 2}]}, "2026-13-45T99:99:99Z", "1e999", "-", "NaN", "null", "attachment://x",
    "data:image/png;base64,AAAA",
]  # fmt: skip
TOKENS = [
    b'"', b"{", b"}", b"[", b"]", b",", b";", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b":", b"-",
    b"&a *a", b"!!python/object", b"1e400", b"NaN",
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with one to four changes: in its structure where it is JSON, in its cells, in its bytes."""
    for _ in range(chance.randint(1, 4)):
        change = chance.choice([_json_change, _json_change, _cell_change, _byte_change])
        data = change(data, chance)
    return data


def _json_change(data: bytes, chance: random.Random) -> bytes:
    try:
        text = data.decode()
        lines = text.splitlines()
        whole = _loaded(text)
        if whole is not None:
            return _dumped(_changed(whole, chance))
        place = chance.randrange(max(len(lines), 1))
        value = _loaded(lines[place]) if lines else None
        if value is None:
            return _byte_change(data, chance)
        lines[place] = _dumped(_changed(value, chance)).decode("utf-8", "surrogatepass")
        return "\n".join(lines).encode("utf-8", "surrogatepass")
    except (UnicodeError, RecursionError):
        return _byte_change(data, chance)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def _changed(value: Any, chance: random.Random) -> Any:
    """The value with one node somewhere in it replaced, dropped, doubled or renamed."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.15:
        return chance.choice(NASTY)
    if isinstance(value, list):
        place = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:place] + value[place + 1 :] if chance.random() < 0.5 else value + value[place : place + 1]
        return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
    key = chance.choice(list(value))
    if chance.random() < 0.2:
        changed = {other: inner for other, inner in value.items() if other != key}
        return (
            changed if chance.random() < 0.5 else {**changed, chance.choice(["", "id", "label", "\n"]): value[key]}
        )
    return {**value, key: _changed(value[key], chance)}


def _cell_change(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    cells = lines[place].split(b",")
    spot = chance.randrange(len(cells))
    nasty = chance.choice(NASTY)
    cells[spot] = (nasty if isinstance(nasty, str) else repr(nasty)[:50]).encode("utf-8", "replace")
    lines[place] = b",".join(cells)
    if chance.random() < 0.3:
        lines.insert(place, chance.choice(lines))
    return b"\n".join(lines)


def _byte_change(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    kind = chance.randrange(4)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + chance.choice(TOKENS) + data[place:]
    if kind == 2:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    end = min(len(data), place + chance.randint(1, 30))
    return data[:place] + data[end:]
