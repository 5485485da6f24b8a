"""The items of a run as CSV, for people who sort and filter in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from panel_eval.api.folders import replace_file
from panel_eval.api.results import RunResult
from panel_eval.errors import InputError, Problem
from panel_eval.report import printable

if TYPE_CHECKING:
    import pandas as pd

# Where a spreadsheet would take what follows for a formula (OWASP, "CSV Injection"), full-width forms included: at
# the beginning, and after what ends a cell where semicolons or tabs part them.
_FORMULA: Final = re.compile(r"(?:^|(?<=[;\t\n]))(?=[^\S\n]*[=+\-@＝＋－＠])")
_LONGEST: Final = 32_000  # a cell of a spreadsheet holds 32,767 characters


def write_items_csv(result: RunResult, path: str | Path) -> Path:
    """Write one line an item: what stands in items.parquet, and the item's content.

    What a spreadsheet would take for a formula has an apostrophe before it; texts are cut at 32,000 characters;
    an empty field is a number that cannot be computed. UTF-8 with a byte-order mark, as spreadsheets expect it.

    Raises:
        InputError: the file cannot be written, or is one of the run's own.
    """
    target = Path(path)
    try:
        replace_file(target, lambda file: _write(result, file))
    except OSError as error:
        raise InputError(Problem(f"the table cannot be written: {error.strerror}", path=target)) from None
    return target


def _write(result: RunResult, file: BinaryIO) -> None:
    fields = list(dict.fromkeys(name for record in result.humans.records for name in record.content or {}))
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow([*map(_cell, result.items.columns), *(_cell(f"content: {name}") for name in fields)])
    index = result.humans.index
    for row in _rows(result.items):
        content = result.humans.records[index[str(row[0])]].content or {}
        lines.writerow([*map(_cell, row), *(_cell(content.get(name)) for name in fields)])
    text.flush()
    text.detach()


def _rows(items: pd.DataFrame) -> Any:
    """Plain tuples, the id first, as the table has it."""
    return items.itertuples(index=False, name=None)


def _cell(value: Any) -> Any:
    if value is None or value != value:  # NaN: no number
        return ""
    return cell_text(value) if isinstance(value, str) else value


def cell_text(text: str) -> str:
    """The text as a field that every spreadsheet takes for text."""
    shown = printable(text)[:_LONGEST]
    return _FORMULA.sub("'", shown)
