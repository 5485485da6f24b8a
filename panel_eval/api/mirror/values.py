"""Values as both databases take them, and the same in both."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from panel_eval.api.mirror.tables import NAME_LENGTH

Row = dict[str, Any]
_LARGEST = 2**63 - 1
_HASHED = 17


def bindable(row: Row, keys: Collection[str]) -> Row:
    """A row whose values can be bound: text without NUL and lone surrogates, whole numbers of 64 bits, finite ones.

    A number that no database column holds is NULL. A name in a key is cut where it is too long, with a hash of all
    of it at its end, so that different names stay different.
    """
    return {
        name: key_name(value) if name in keys and isinstance(value, str) else _value(value)
        for name, value in row.items()
    }


def _value(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return value if value is None or abs(value) <= _LARGEST else None


@lru_cache(maxsize=10_000)  # a million rows hold a few hundred names
def key_name(text: str) -> str:
    """A name as it stands in a key; itself if it is one already."""
    plain: str = _value(text)
    if len(plain) <= NAME_LENGTH:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[: _HASHED - 1]
    return f"{plain[: NAME_LENGTH - _HASHED]}…{digest}"
