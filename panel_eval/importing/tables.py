"""Tables as tools export them: CSV, TSV and Parquet, row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from panel_eval.errors import InputError, Problem, nearest, shorten

PARQUET = (".parquet", ".pq")
TABBED = (".tsv", ".tab")
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL = 16 << 20


@dataclass(frozen=True)
class Row:
    """One row: where it stands (from 1, the header counted in text files) and its values."""

    line: int
    values: Sequence[Any]


@dataclass(frozen=True)
class Table:
    """A table that is read once, front to back.

    Attributes:
        path: the file.
        columns: their names.
        rows: one by one; a row may have fewer or more values than there are columns.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Iterator[Row]

    def place(self, role: str, candidates: Sequence[str], named: str | None) -> int | None:
        """Which column plays a role: the one that the user named, else the first candidate that there is.

        Raises:
            InputError: the column that the user named does not exist.
        """
        if named is not None:
            if named not in self.columns:
                raise InputError(_no_column(self, role, named))
            return self.columns.index(named)
        folded = {name.strip().casefold(): place for place, name in reversed(list(enumerate(self.columns)))}
        return next((folded[name] for name in candidates if name in folded), None)

    def needed(self, role: str, candidates: Sequence[str], named: str | None) -> int:
        """`place` of a column that there must be.

        Raises:
            InputError: there is none.
        """
        found = self.place(role, candidates, named)
        if found is None:
            fix = f"say which column it is with --field {role}=COLUMN; columns: {_listing(self.columns)}"
            message = f"no column for the {role} (looked for {', '.join(candidates)})"
            raise InputError(Problem(message, path=self.path, line=1, fix=fix))
        return found


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a table: Parquet by its suffix, else text with the delimiter of its header.

    Raises:
        InputError: it is missing, unreadable, empty, not UTF-8, no Parquet, or two columns have the same name.
    """
    try:
        if path.suffix.lower() in PARQUET:
            yield _parquet(path)
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield text_table(path, file)
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix="check the path")) from None
    except IsADirectoryError:
        raise InputError(Problem("is a folder, not a file", path=path)) from None
    except UnicodeDecodeError as error:
        byte = f"byte {error.object[error.start]:#04x}"
        raise InputError(Problem(f"is not UTF-8 ({byte})", path=path, fix="save the file as UTF-8")) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=path)) from None


def text_table(path: Path, file: IO[str]) -> Table:
    """The table in an open text file.

    Args:
        path: named in what is said of it; its suffix may say that tabs part the columns.
        file: opened with `newline=""`, at its start; read as the rows are.

    Raises:
        InputError: it is empty, or two columns have the same name.
    """
    header = file.readline(_LONGEST_CELL)
    if not header.strip():
        raise InputError(Problem("is empty", path=path, fix="the first line names the columns"))
    file.seek(0)
    delimiter = "\t" if path.suffix.lower() in TABBED else _delimiter(header)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    rows = _text_rows(path, reader)
    columns = _columns(path, next(rows).values)
    return Table(path, columns, rows)


def _delimiter(header: str) -> str:
    """What parts the columns: the most frequent of those that may, outside of quotation marks."""
    return max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", header).count)


def _text_rows(path: Path, reader: Any) -> Iterator[Row]:
    """Rows that are not blank, each with the line that it ends on."""
    try:
        for values in reader:
            if values:
                yield Row(reader.line_num, values)
    except csv.Error as error:
        fix = "is a quotation mark left open?"
        raise InputError(Problem(f"cannot be read: {error}", path=path, line=reader.line_num, fix=fix)) from None


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        columns = _columns(path, file.schema_arrow.names)
        rows = _parquet_rows(path, file)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(Problem(f"is no Parquet file: {shorten(str(error), 120)}", path=path)) from None
    return Table(path, columns, rows)


def _parquet_rows(path: Path, file: Any) -> Iterator[Row]:
    import pyarrow as pa

    line = 0
    try:
        for batch in file.iter_batches(batch_size=8192):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield Row(line, values)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(Problem(f"cannot be read: {shorten(str(error), 120)}", path=path, line=line + 1)) from None


def _columns(path: Path, names: Sequence[Any]) -> tuple[str, ...]:
    columns = tuple(str(name) for name in names)
    if twice := sorted({name for name in columns if name and columns.count(name) > 1}):
        listed = ", ".join(shorten(name) for name in twice)
        raise InputError(Problem(f"two columns are called {listed}", path=path, line=1, fix="rename one of them"))
    return columns


def _no_column(table: Table, role: str, named: str) -> Problem:
    near = nearest(named, table.columns)
    hint = f"did you mean {shorten(near)!r}? " if near else ""
    fix = f"{hint}columns: {_listing(table.columns)}"
    return Problem(f"has no column for the {role}", table.path, 1, f"fields.{role}", shorten(named), fix)


def _listing(columns: Sequence[str]) -> str:
    shown = ", ".join(shorten(name, 40) for name in columns[:20])
    return shown if len(columns) <= 20 else f"{shown} and {len(columns) - 20} more"
