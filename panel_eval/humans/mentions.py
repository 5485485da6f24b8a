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

_GIVEN = rb'"\s*+:\s*+(?!null|\[\s*+\])'
"""After a key: that it has a value which is not null or an empty list."""


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
    pattern = re.compile(b'"' + re.escape(key.encode()) + _GIVEN)
    found = np.array([match.start() for match in pattern.finditer(lines.data)], dtype=np.int64)
    place = np.searchsorted(lines.starts[order], found, side="right") - 1
    rows = order[place[place >= 0]]
    within = found[place >= 0] < lines.ends[rows]
    named: IntArray = np.unique(rows[within]).astype(np.int64)
    return named
