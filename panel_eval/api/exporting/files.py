"""Training rows as files: Parquet and JSON lines of each format and split, a block of rows at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from panel_eval.api.exporting.columns import parquet_schema
from panel_eval.api.exporting.formats import Shape
from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.schema.training_export import ExportedFile, TrainingFormat

_BLOCK = 1 << 14
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})
"""Some readers end a line at these, too; inside a text they must not."""


def write_rows(
    folder: Path, shapes: Mapping[TrainingFormat, Shape], rows: TrainingRows, names: Mapping[str, str],
    splits: Sequence[str],
) -> list[ExportedFile]:  # fmt: skip
    """Write the files of all formats and splits.

    Args:
        folder: an empty folder.
        shapes: the formats.
        rows: all rows.
        names: split to the name of its files.
        splits: (n_rows,) the split of each row.
    """
    of_split = np.array(splits, dtype=str)
    with ExitStack() as stack:
        pairs = {
            (kind, split): stack.enter_context(_Pair(folder, kind, split, name, shape))
            for kind, shape in shapes.items()
            for split, name in names.items()
        }
        for first in range(0, len(rows), _BLOCK):
            block = np.arange(first, min(first + _BLOCK, len(rows)))
            for split in names:
                part = rows.take(block[of_split[block] == split])
                for kind in shapes:
                    pairs[kind, split].add(part)
    return [file for pair in pairs.values() for file in pair.files()]


class _Pair:
    """The Parquet file of a format and split, and its twin of JSON lines."""

    def __init__(self, folder: Path, kind: TrainingFormat, split: str, name: str, shape: Shape) -> None:
        self._kind: TrainingFormat = kind
        self._split = split
        self._shape = shape
        self._folder = folder
        self._paths = [folder / kind / f"{name}{ending}" for ending in (".parquet", ".jsonl")]
        self._rows = [0, 0]
        self._schema = parquet_schema(shape.columns)

    def __enter__(self) -> _Pair:
        self._paths[0].parent.mkdir(exist_ok=True)
        self._parquet = pq.ParquetWriter(self._paths[0], self._schema, compression="zstd")
        self._lines = self._paths[1].open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._parquet.close()

    def add(self, rows: TrainingRows) -> None:
        if not len(rows):
            return
        values = self._shape.fill(rows, self._split)
        arrays = [pa.array(column, field.type) for column, field in zip(values, self._schema, strict=True)]
        table = pa.table(arrays, schema=self._schema)
        panel = sum(source == "panel" for source in table.column("source").to_pylist())
        self._rows = [self._rows[0] + len(table) - panel, self._rows[1] + panel]
        self._parquet.write_table(table)
        self._lines.writelines(_json_lines(table))

    def files(self) -> list[ExportedFile]:
        human, panel = self._rows
        return [
            ExportedFile(
                path=path.relative_to(self._folder).as_posix(),
                format=self._kind,
                split=self._split,
                human_rows=human,
                panel_rows=panel,
                sha256=_sha256(path),
            )
            for path in self._paths
        ]


def _json_lines(table: Any) -> Iterator[bytes]:
    for row in table.to_pylist():
        yield json.dumps(row, ensure_ascii=False).translate(_LINE_ENDS).encode() + b"\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
