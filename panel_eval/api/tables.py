"""items.parquet and votes.parquet, written piece by piece so that a million rows are never held twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import BaseModel

from panel_eval.pooling import VoteTable
from panel_eval.pooling.vote_columns import PROVENANCE, TOKENS
from panel_eval.schema import OUTCOMES

ROW_GROUP = 1 << 17

_VOTES = pa.schema(
    [
        ("vote_key", pa.string()), ("item_id", pa.string()), ("judge", pa.string()), ("sample", pa.int64()),
        ("elicit", pa.string()), ("outcome", pa.string()), ("label", pa.string()), ("captured_mass", pa.float64()),
        ("confidence", pa.float64()), ("rationale", pa.string()), ("parse_rung", pa.string()),
        ("cost_usd", pa.float64()), ("cost_uncertain_usd", pa.float64()), ("attempts", pa.int64()),
        ("latency_s", pa.float64()), ("model_reported", pa.string()), ("at", pa.string()),
        ("distribution", pa.string()), ("label_order", pa.string()), ("error_kind", pa.string()),
        ("input_tokens", pa.int64()), ("output_tokens", pa.int64()), ("cached_tokens", pa.int64()),
        ("cache_write_tokens", pa.int64()), ("reasoning_tokens", pa.int64()), ("uncertain_tokens", pa.int64()),
        ("reused_from", pa.string()), ("snapshot", pa.string()),
    ]
)  # fmt: skip


def write_items(items: pd.DataFrame, file: BinaryIO) -> None:
    """Write the table of items."""
    schema = pa.Schema.from_pandas(items, preserve_index=False)
    parts = (
        pa.Table.from_pandas(items.iloc[first : first + ROW_GROUP], schema=schema, preserve_index=False)
        for first in range(0, len(items), ROW_GROUP)
    )
    _write(schema, parts, file)


def write_votes(votes: VoteTable, file: BinaryIO) -> None:
    """Write votes as columns; a distribution and a label order as JSON text."""
    columns = votes.columns
    names: dict[str, tuple[NDArray[Any], pa.Array]] = {
        "item_id": (columns.item, pa.array(columns.item_ids, pa.string())),
        "judge": (columns.judge, pa.array(columns.judges, pa.string())),
        "label": (columns.label, pa.array(columns.labels, pa.string())),
        "outcome": (columns.outcome, pa.array(OUTCOMES, pa.string())),
        **{
            key: (columns.provenance, pa.array([told[place] for told in columns.provenances], pa.string()))
            for place, key in enumerate(PROVENANCE)
        },
    }
    numbers: dict[str, NDArray[Any]] = {
        "sample": columns.sample,
        "confidence": columns.confidence,
        "cost_usd": columns.cost_usd,
        "cost_uncertain_usd": columns.cost_uncertain_usd,
        "latency_s": columns.latency_s,
        **dict(zip(TOKENS, columns.tokens.T, strict=True)),
    }

    def part(first: int) -> pa.Table:
        rows = slice(first, first + ROW_GROUP)
        given = {key: _named(codes[rows], words) for key, (codes, words) in names.items()}
        given |= {key: _numbers(values[rows]) for key, values in numbers.items()}
        return pa.table({**_texts(votes, rows), **given}).select(_VOTES.names).cast(_VOTES)

    _write(_VOTES, map(part, range(0, len(votes), ROW_GROUP)), file)


def _write(schema: pa.Schema, parts: Iterable[pa.Table], file: BinaryIO) -> None:
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part, row_group_size=ROW_GROUP)


def _named(codes: NDArray[Any], words: pa.Array) -> pa.Array:
    """The word of each code, null for negative codes."""
    return words.take(pa.array(codes, mask=codes < 0))


def _numbers(values: NDArray[Any]) -> pa.Array:
    """Numbers, null where a float is NaN or a count negative."""
    return pa.array(values, mask=np.isnan(values) | (values < 0))


def _texts(votes: VoteTable, rows: slice) -> dict[str, pa.Array]:
    """The columns that scoring does not need, read from the votes again if any vote has them."""
    sources = {name: source for name, (source, _) in _REST.items() if source in votes.columns.named}
    records = list(chain.from_iterable(votes[rows].field_blocks())) if sources else []
    count = len(range(len(votes))[rows])
    return {
        name: _column(records, name) if name in sources else pa.repeat(pa.scalar(_default(name), field.type), count)
        for name, field in zip(_VOTES.names, _VOTES, strict=True)
        if name in _REST
    }


def _column(records: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
    source, read = _REST[name]
    values = [record.get(source, _default(name)) for record in records]
    return pa.array([None if value is None else read(value) for value in values], _VOTES.field(name).type)


def _default(name: str) -> int | None:
    return 1 if name == "attempts" else None


def _kind(error: BaseModel | Mapping[str, Any]) -> object:
    return error["kind"] if isinstance(error, Mapping) else vars(error)["kind"]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shares(shares: Mapping[str, float]) -> str:
    return _json({label: float(mass) for label, mass in shares.items()})


def _same(value: object) -> object:
    return value


_REST: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "vote_key": ("vote_key", _same),
    "elicit": ("elicit", _same),
    "captured_mass": ("captured_mass", float),
    "rationale": ("rationale", _same),
    "attempts": ("attempts", _same),
    "at": ("at", _same),
    "distribution": ("distribution", _shares),
    "label_order": ("label_order", _json),
    "error_kind": ("error", _kind),
    "reused_from": ("reused_from", _same),
}
"""Column → the field it comes from, and what is made of it."""
