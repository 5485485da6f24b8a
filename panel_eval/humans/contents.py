"""Content from a second file, joined to items on `item_id`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from panel_eval.errors import Problem, shorten
from panel_eval.humans.records import NO_CONTENT, ItemRecords, ItemT
from panel_eval.schema import ItemContent
from panel_eval.schema.columnar import read_blocks
from panel_eval.schema.json_lines import JsonLines, LazyRecords, read_lines
from panel_eval.schema.plain_soft_label import PLAIN_ITEM_CONTENT
from panel_eval.stats.arrays import BoolArray


def join_contents(
    records: LazyRecords[ItemT], item_ids: Sequence[str], has_content: BoolArray, path: Path
) -> tuple[ItemRecords[ItemT], list[Problem]]:
    """The records with content from a second file; an item whose two contents differ is a problem.

    Args:
        records: the valid records of the label file, or of the file of unlabelled items.
        item_ids: (n_items,) their ids.
        has_content: (n_items,) whether the record brings its own content.
        path: the content file; it may hold more items.
    """
    lines = read_lines(path)
    row_of, problems = _rows_by_id(lines)
    rows = np.array([row_of.get(item_id, NO_CONTENT) for item_id in item_ids], dtype=np.int64)
    contents = LazyRecords(lines, ItemContent)
    for item in np.flatnonzero(has_content & (rows != NO_CONTENT)).tolist():
        row = int(rows[item])
        if records[item].content != contents[row].content:
            message, fix = f"differs from the content in {records.lines.path.name}", "keep it in one of the files"
            problems.append(Problem(message, path, int(lines.numbers[row]), "content", fix=fix))
    return ItemRecords(records, contents, np.where(has_content, NO_CONTENT, rows)), problems


def _rows_by_id(lines: JsonLines) -> tuple[dict[str, int], list[Problem]]:
    """Item id → the first row that holds its content, and everything wrong with the file."""
    found: dict[str, int] = {}
    unreadable: list[Problem] = []
    repeated: list[Problem] = []
    for block in read_blocks(lines, ItemContent, PLAIN_ITEM_CONTENT):
        unreadable.extend(block.problems)
        for row, record in zip(block.rows, block.records, strict=True):
            if (before := found.setdefault(record["item_id"], row)) != row:
                message = f"is not unique: it stands on line {int(lines.numbers[before])} already"
                line, shown = int(lines.numbers[row]), shorten(record["item_id"])
                repeated.append(Problem(message, lines.path, line, "item_id", shown))
    return found, unreadable + repeated
