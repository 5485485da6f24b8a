"""Labels as a data set that `datasets.load_dataset` reads: Parquet by split, and a README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panel_eval.errors import printable
from panel_eval.importing.format import Handover
from panel_eval.importing.single_answers import content_fields, single_answers
from panel_eval.schema import SoftLabel

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 4096
_MOST_SPLITS = 100
"""Files open at a time; a column has the split of each row anyway."""
_DEFAULT_SPLIT = "train"
_PLAIN_SPLIT = re.compile(r"[A-Za-z0-9_]{1,60}")
_VALUES = {"reviewer": "string", "label": "class", "confidence": "float64", "evidence": "string",
           "criterion": "string", "seconds": "float64", "at": "string"}  # fmt: skip
MEANINGS = {
    "item_id": "the item",
    "annotations": "each single vote: who, which label, and what was said; empty where only shares are known",
    "counts": "votes by label, in label order; null where only shares are known",
    "soft_label": "share of the votes of each label, in label order",
    "reviewer_count": "people behind the item",
    "cluster": "items that share an origin share this",
    "gold_label": "a known answer",
    "adjudicated_label": "the label that adjudication settled on",
    "adjudication_reason": "why",
    "split": "data split, as the label file has it",
    "metadata": "anything else, as JSON",
}


def write_dataset(labels: Handover, out: Path) -> list[str]:
    """Write a folder: data/SPLIT.parquet and README.md, which hold all but the classes that a file reports."""
    import pyarrow.parquet as pq

    fields = _content_columns(content_fields(labels))
    schema = _schema(labels.labels, fields)
    (out / "data").mkdir(parents=True)
    splits = _splits(labels)
    rows: dict[str, int] = dict.fromkeys(splits.values() or [_DEFAULT_SPLIT], 0)
    writers = {name: pq.ParquetWriter(out / "data" / f"{name}.parquet", schema) for name in rows}
    blocks: dict[str, list[dict[str, Any]]] = {name: [] for name in rows}
    try:
        for record in labels.records():
            name = splits[record.split]
            rows[name] += 1
            blocks[name].append(_row(record, labels.labels, fields))
            if len(blocks[name]) == _BLOCK:
                writers[name].write_table(_table(blocks[name], schema))
                blocks[name] = []
        for name, block in blocks.items():
            writers[name].write_table(_table(block, schema))
    finally:
        for writer in writers.values():
            writer.close()
    (out / "README.md").write_text("\n".join(_card(labels, fields, schema, rows)) + "\n", encoding="utf-8")
    return ["disagreement classes and entropies as reported; they are derived anew from the votes"]


class _OneFile(dict[str | None, str]):
    """All splits in one file."""

    def __missing__(self, split: str | None) -> str:
        return _DEFAULT_SPLIT


def _content_columns(fields: Sequence[str]) -> dict[str, str]:
    """Content field to column: its name, or `content.NAME` where a column of ours has it."""
    return {field: f"content.{field}" if field in MEANINGS or not field else field for field in fields}


def _splits(labels: Handover) -> dict[str | None, str]:
    """Split of a record to the name of its file: letters, digits and `_`, no two alike; one file for very many."""
    found: dict[str | None, str] = {}
    for record in labels.records():
        if record.split in found:
            continue
        if len(found) == _MOST_SPLITS:
            return _OneFile()
        given = _DEFAULT_SPLIT if record.split is None else record.split
        plain = given if _PLAIN_SPLIT.fullmatch(given) else f"split_{len(found) + 1}"
        taken = {name.lower() for name in found.values()}
        found[record.split] = plain if plain.lower() not in taken else f"{plain[:50]}_{len(found) + 1}"
    return found


def _schema(labels: Sequence[str], fields: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    types: dict[str, pa.DataType] = {"string": pa.string(), "float64": pa.float64(), "class": pa.int64()}
    answer = pa.struct([(name, types[kind]) for name, kind in _VALUES.items()])
    columns: list[tuple[str, pa.DataType]] = [
        ("item_id", pa.string()),
        *((column, pa.string()) for column in fields.values()),
        ("annotations", pa.list_(answer)),
        ("counts", pa.list_(pa.int64())),
        ("soft_label", pa.list_(pa.float64())),
        ("reviewer_count", pa.int64()),
        ("cluster", pa.string()),
        ("gold_label", pa.int64()),
        ("adjudicated_label", pa.int64()),
        *((name, pa.string()) for name in ("adjudication_reason", "split", "metadata")),
    ]
    features = {name: _feature(name, kind, labels) for name, kind in columns}
    return pa.schema(columns, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def _feature(name: str, kind: pa.DataType, labels: Sequence[str]) -> Any:
    """A column as `datasets` describes it; a list of objects in brackets is what every version reads."""
    class_label = {"names": list(labels), "_type": "ClassLabel"}
    if name == "annotations":
        return [
            {key: class_label if inner == "class" else {"dtype": inner, "_type": "Value"}
             for key, inner in _VALUES.items()}
        ]  # fmt: skip
    if name in ("gold_label", "adjudicated_label"):
        return class_label
    if name in ("counts", "soft_label"):
        dtype = "int64" if name == "counts" else "float64"
        return {"feature": {"dtype": dtype, "_type": "Value"}, "_type": "Sequence"}
    return {"dtype": str(kind), "_type": "Value"}


def _row(record: SoftLabel, labels: Sequence[str], fields: Mapping[str, str]) -> dict[str, Any]:
    code = {label: number for number, label in enumerate(labels)}
    answers = [
        {
            "reviewer": answer.reviewer, "label": code[str(answer.label)], "confidence": answer.confidence,
            "evidence": answer.evidence, "criterion": answer.criterion, "seconds": answer.seconds, "at": answer.at,
        }
        for answer in single_answers(record)
    ]  # fmt: skip
    content = record.content or {}
    counts, shares = record.counts, record.distribution or {}
    return {
        "item_id": record.item_id,
        **{column: content.get(field) for field, column in fields.items()},
        "annotations": answers,
        "counts": None if counts is None else [counts.get(label, 0) for label in labels],
        "soft_label": _shares(counts, shares, labels),
        "reviewer_count": record.reviewer_count or sum((counts or {}).values()) or None,
        "cluster": record.cluster,
        "gold_label": None if record.gold_label is None else code[record.gold_label],
        "adjudicated_label": None if record.adjudicated_label is None else code[record.adjudicated_label],
        "adjudication_reason": record.adjudication_reason,
        "split": record.split,
        "metadata": json.dumps(record.metadata, ensure_ascii=False) if record.metadata else None,
    }


def _shares(counts: Mapping[str, int] | None, shares: Mapping[str, float], labels: Sequence[str]) -> list[float]:
    if shares or not counts:
        return [shares.get(label, 0.0) for label in labels]
    return [counts.get(label, 0) / sum(counts.values()) for label in labels]


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema)


def _card(labels: Handover, fields: Mapping[str, str], schema: pa.Schema, rows: Mapping[str, int]) -> Iterator[str]:
    """README.md. Its front matter has only names that we chose; text of the labels' makers stands in code spans."""
    yield from ("---", "configs:", "- config_name: default", "  data_files:")
    for name in rows:
        yield f"  - split: {name}"
        yield f"    path: data/{name}.parquet"
    yield from ("---", "", "# Soft labels", "")
    yield "Each row is an item that several people labelled, with what each of them said."
    yield ""
    named = ", ".join(f"{number} = {_code(label)}" for number, label in enumerate(labels.labels))
    order = ""
    if labels.rubric is not None:
        order = " (low to high)" if labels.rubric.scale == "ordinal" else " (no order of severity)"
        yield f"Task: {_code(labels.rubric.task)}."
    yield f"Labels{order}: {named}."
    yield from ("", "| column | type | holds |", "|---|---|---|")
    texts = {column: f"the item's text {_code(field)}" for field, column in fields.items()}
    for name in schema.names:
        yield f"| {_code(name)} | {_type(schema.field(name).type)} | {texts.get(name) or MEANINGS[name]} |"
    yield from (
        "",
        "| split | rows |",
        "|---|---|",
        *(f"| {_code(name)} | {count} |" for name, count in rows.items()),
    )
    yield ""
    yield "Licence: not stated here. It is that of the texts and labels, which whoever publishes them must know."


def _type(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_list(kind):
        inner = kind.value_type
        return "list of objects" if pa.types.is_struct(inner) else f"list of {inner}"
    return str(kind)


def _code(text: str) -> str:
    """Text from data as one span of code in Markdown: nothing in it is markup."""
    return "`" + printable(text).replace("`", "'").replace("|", "¦") + "`"
