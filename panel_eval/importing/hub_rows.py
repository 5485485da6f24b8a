"""Rows of a file of a data set: Parquet, Arrow, JSON lines or CSV, with what the file says of its columns."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped
from panel_eval.importing.hub_files import KINDS
from panel_eval.importing.tables import Table, open_table

_BATCH = 4096
_LOOKED_AT = 200
_NUMBER = r"-?(?:0|[1-9]\d{0,17})(?:\.\d*)?"
_NUMBERS = re.compile(rf"\[\s*{_NUMBER}(?:\s+{_NUMBER})*\s*\]")
_TEXTS = re.compile(r"\[(?:'[^'\\\\]*'\s*)+\]")
_QUOTED = re.compile(r"'([^']*)'")
_BROKEN = "no readable {} file"
HubRow = dict[str, Any]


@dataclass(frozen=True)
class HubTable:
    """A file that is read once, front to back.

    Attributes:
        columns: name of each column to its type in words.
        features: what the file says of them, as `datasets` describes it.
        source: gives (line, row) with the columns asked for; what is no row comes as `Dropped`.
    """

    columns: Mapping[str, str]
    features: Mapping[str, Any]
    source: Any

    def rows(self, columns: Collection[str]) -> Iterator[tuple[int, HubRow | Dropped]]:
        """The rows, each with the columns asked for only."""
        found: Iterator[tuple[int, HubRow | Dropped]] = self.source(columns)
        return found


@contextmanager
def open_rows(path: Path) -> Iterator[HubTable]:
    """Open a file by its suffix.

    Raises:
        InputError: it is missing, unreadable, or of another kind.
    """
    parquet, arrow, lines, tables = KINDS
    suffix = path.suffix.lower()
    if suffix in parquet:
        yield _parquet(path)
    elif suffix in arrow:
        yield _arrow(path)
    elif suffix in lines:
        yield _json(path)
    elif suffix in tables:
        with open_table(path) as table:
            yield _text(table)
    else:
        fix = "name a folder, or a file that ends in .parquet, .arrow, .jsonl, .json, .csv or .tsv"
        raise InputError(Problem("is no file of a data set", path=path, fix=fix))


def _parquet(path: Path) -> HubTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix="check the path")) from None
    except (pa.ArrowException, ValueError, OSError) as error:
        raise _unreadable(path, "Parquet", error) from None

    def batches(wanted: Collection[str]) -> Iterator[Any]:
        yield from file.iter_batches(batch_size=_BATCH, columns=list(wanted))

    return HubTable(
        _types(schema, path), _features(schema), lambda wanted: _batch_rows(batches(wanted), wanted, path)
    )


def _arrow(path: Path) -> HubTable:
    """An Arrow file: a stream, as `datasets` writes it, or one with random access."""
    import pyarrow as pa

    try:
        data = pa.memory_map(str(path))
        try:
            reader = pa.ipc.open_stream(data)
            every: Any = iter(reader)
        except pa.ArrowInvalid:
            reader = pa.ipc.open_file(data)
            every = (reader.get_batch(number) for number in range(reader.num_record_batches))
        schema = reader.schema
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix="check the path")) from None
    except (pa.ArrowException, ValueError, OSError) as error:
        raise _unreadable(path, "Arrow", error) from None

    def batches(wanted: Collection[str]) -> Iterator[Any]:
        for batch in every:
            chosen = batch.select(list(wanted))
            chosen.validate(full=True)  # its offsets are followed as they stand
            for start in range(0, len(chosen), _BATCH):
                yield chosen.slice(start, _BATCH)

    return HubTable(
        _types(schema, path), _features(schema), lambda wanted: _batch_rows(batches(wanted), wanted, path)
    )


def _batch_rows(batches: Iterator[Any], wanted: Collection[str], path: Path) -> Iterator[tuple[int, HubRow]]:
    import pyarrow as pa

    line = 0
    try:
        for batch in batches:
            columns = [batch.column(name).to_pylist() for name in wanted]
            for values in zip(*columns, strict=True):
                line += 1
                yield line, dict(zip(wanted, values, strict=True))
    except (pa.ArrowException, ValueError, OSError, OverflowError) as error:
        raise _unreadable(path, "Parquet or Arrow", error, line + 1) from None


def _json(path: Path) -> HubTable:
    records = iter(Records(path))
    first = list(islice(records, _LOOKED_AT))
    columns: dict[str, str] = {}
    for _, record in first:
        if isinstance(record, dict):
            for name, value in record.items():
                if columns.get(name, "null") == "null":
                    columns[name] = _json_type(value)

    def rows(wanted: Collection[str]) -> Iterator[tuple[int, HubRow | Dropped]]:
        for line, record in chain(first, records):
            yield line, record if isinstance(record, Dropped) else {name: record.get(name) for name in wanted}

    return HubTable(columns, {}, rows)


def _text(table: Table) -> HubTable:
    """A text table: an empty cell is nothing, and one with a list or an object is that."""
    first = list(islice(table.rows, _LOOKED_AT))
    cells = zip(*(map(_cell, row.values) for row in first if len(row.values) == len(table.columns)), strict=True)
    types = [_first_type(column) for column in cells] or ["string"] * len(table.columns)

    def rows(wanted: Collection[str]) -> Iterator[tuple[int, HubRow | Dropped]]:
        places = {name: table.columns.index(name) for name in wanted}
        for row in chain(first, table.rows):
            if len(row.values) == len(table.columns):
                yield row.line, {name: _cell(row.values[place]) for name, place in places.items()}
                continue
            message = f"has another number of values than there are columns ({len(table.columns)})"
            yield row.line, Dropped("ragged", message, row.line, value=len(row.values), answers=1)

    return HubTable(dict(zip(table.columns, types, strict=True)), {}, rows)


def _first_type(column: Sequence[Any]) -> str:
    return _json_type(next((value for value in column if isinstance(value, (list, dict))), "text"))


def _cell(value: str) -> Any:
    """A cell; lists and objects as JSON, and lists as NumPy prints them, which is how `to_csv` writes them."""
    if value[:1] not in ("[", "{"):
        return value or None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        pass
    if _NUMBERS.fullmatch(value):
        return [json.loads(part.rstrip(".")) for part in value[1:-1].split()]
    return _QUOTED.findall(value) if _TEXTS.fullmatch(value) else value


def _types(schema: Any, path: Path) -> dict[str, str]:
    try:
        types = {field.name: str(field.type) for field in schema}
    except UnicodeDecodeError as error:
        raise _unreadable(path, "Parquet or Arrow", error) from None
    if len(types) != len(schema):
        raise InputError(Problem("has two columns of one name", path=path, fix="rename one of them"))
    return types


def _features(schema: Any) -> Mapping[str, Any]:
    """The features in the metadata that `datasets` writes."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        found = told["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case list():
            return f"list<{_json_type(next((inner for inner in value if inner is not None), None))}>"
        case dict():
            return f"struct<{', '.join(shorten(name, 30) for name in value)}>"
        case bool():
            return "bool"
        case float():
            return "double"
        case int():
            return "int64"
    return "string"


def _unreadable(path: Path, kind: str, error: Exception, line: int | None = None) -> InputError:
    return InputError(Problem(f"is {_BROKEN.format(kind)}: {shorten(str(error), 120)}", path=path, line=line))
