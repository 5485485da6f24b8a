"""What a column of a training file is: its Parquet type, what the library `datasets` takes it for, its meaning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from panel_eval.schema.training_export import ExportedColumn

TEXT, NUMBER, WHOLE, NUMBERS = pa.string(), pa.float64(), pa.int64(), pa.list_(pa.float64())
_DTYPES = {TEXT: "string", NUMBER: "float64", WHOLE: "int64"}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: as it stands in the files.
        type: its Parquet type.
        meaning: what it holds, in words.
        labels: the label names that its whole numbers stand for, or None.
    """

    name: str
    type: pa.DataType
    meaning: str
    labels: tuple[str, ...] | None = None

    @property
    def described(self) -> ExportedColumn:
        """The column as export.json lists it."""
        return ExportedColumn(name=self.name, type=str(self.type), meaning=self.meaning)

    @property
    def feature(self) -> dict[str, Any]:
        """The column as the library `datasets` describes it in the metadata of its Parquet files.

        Lists are written "Sequence": every version reads that as a list, versions before 4 do not know "List".
        """
        if self.labels is not None:
            return {"names": list(self.labels), "_type": "ClassLabel"}
        if self.type == NUMBERS:
            return {"feature": {"dtype": "float64", "_type": "Value"}, "_type": "Sequence"}
        return {"dtype": _DTYPES[self.type], "_type": "Value"}


def parquet_schema(columns: Sequence[Column]) -> pa.Schema:
    """Types of the columns, with the features that `datasets` reads from the metadata."""
    features = {column.name: column.feature for column in columns}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema([(column.name, column.type) for column in columns], metadata=metadata)


def content_columns(fields: Sequence[str], reserved: Sequence[str]) -> dict[str, str]:
    """Content field to column: its own name, or `content_NAME` where a column of ours has that name."""
    columns: dict[str, str] = {}
    for field in fields:
        name = field
        while name in reserved or name in columns.values() or (name != field and name in fields):
            name = f"content_{name}"
        columns[field] = name
    return columns
