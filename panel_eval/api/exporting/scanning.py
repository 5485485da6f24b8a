"""What the records of all rows name: content fields and splits, read once, a block at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.errors import InputError, Problem, shorten

_BLOCK = 1 << 14
_SHOWN = 3


@dataclass(frozen=True)
class Scanned:
    """What the records name.

    Attributes:
        fields: the content fields, those met first first.
        splits: (n_rows,) the split of each row; None where the item names none.
        without_text: ids of rows that lack a field that is needed; of the first few only.
        n_without_text: how many there are.
    """

    fields: tuple[str, ...]
    splits: list[str | None]
    without_text: tuple[str, ...]
    n_without_text: int


def scan(rows: TrainingRows, shown: Sequence[str], needed: Sequence[str]) -> Scanned:
    """Read the records of all rows.

    Args:
        rows: the rows.
        shown: content fields that judges were shown; empty for all.
        needed: content fields that each row must have; if empty, any of the fields shown will do.
    """
    fields: dict[str, None] = {}
    splits: list[str | None] = []
    lacking: list[str] = []
    for first in range(0, len(rows), _BLOCK):
        block = rows.take(np.arange(first, min(first + _BLOCK, len(rows))))
        splits.extend(record.split for record in block.records)
        for item_id, content in zip(block.item_ids, block.contents, strict=True):
            kept = [name for name in content if not shown or name in shown]
            fields.update(dict.fromkeys(kept))
            if not (all(name in content for name in needed) if needed else kept):
                lacking.append(item_id)
    return Scanned(tuple(fields), splits, tuple(lacking[:_SHOWN]), len(lacking))


def refuse_missing_text(found: Scanned, what: str) -> None:
    """Check that every row has the text that a trainer is to read.

    Raises:
        InputError: some have not.
    """
    if found.n_without_text:
        ids = ", ".join(repr(shorten(item_id)) for item_id in found.without_text)
        more = " …" if found.n_without_text > len(found.without_text) else ""
        message = f"{found.n_without_text} items lack {what}: {ids}{more}"
        fix = "put their text under `content`, or export --format soft-label and join it on item_id"
        raise InputError(Problem(message, key="content", fix=fix))
