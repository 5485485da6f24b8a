"""Which records of a file name a key at all, found in the bytes: a million lines need not be parsed for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from panel_eval.humans.records import ItemRecords
from panel_eval.schema import SoftLabel

if TYPE_CHECKING:
    from panel_eval.stats.arrays import IntArray

_NO_VALUE = re.compile(rb"\s*+:\s*+(?:null|\[\s*+\])")


def rows_naming(records: Sequence[SoftLabel], key: str) -> IntArray:
    """Rows whose record may give `key` a value; all others surely give it none, null or an empty list.

    Texts that hold the key in quotes make a row be named without need; a key spelt with escapes is not found.

    Args:
        records: the records of some labelled items.
        key: a field of `SoftLabel`.

    Returns:
        (n_rows,) rising.
    """
    if not isinstance(records, ItemRecords):
        return np.array([row for row, record in enumerate(records) if getattr(record, key)], dtype=np.int64)
    lines = records.lines
    order = np.argsort(lines.starts, kind="stable")
    found = _positions(lines.data, f'"{key}"'.encode())
    place = np.searchsorted(lines.starts[order], found, side="right") - 1
    rows = order[place[place >= 0]]
    within = found[place >= 0] < lines.ends[rows]
    named: IntArray = np.unique(rows[within]).astype(np.int64)
    return named


def _positions(data: bytes, quoted: bytes) -> IntArray:
    """Where the key stands with a value after it."""
    found: list[int] = []
    at = data.find(quoted)
    while at >= 0:
        if _NO_VALUE.match(data, at + len(quoted)) is None:
            found.append(at)
        at = data.find(quoted, at + len(quoted))
    return np.array(found, dtype=np.int64)
