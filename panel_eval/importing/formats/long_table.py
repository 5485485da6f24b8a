"""Labels as a table with one row an answer: the way out of `long`, which holds everything of the contract."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from panel_eval.importing.columns import CONTENT_PREFIX
from panel_eval.importing.format import Handover
from panel_eval.importing.single_answers import (
    content_fields,
    one_by_one,
    single_answers,
    unplaced_confidences,
)
from panel_eval.importing.tables import PARQUET, TABBED
from panel_eval.wording import counted

METADATA = "metadata"
_OF_ANSWERS = ("item", "reviewer", "label", "confidence", "evidence", "criterion", "seconds", "at")
_OF_ITEMS = ("cluster", "gold_label", "split", "adjudicated_label", "adjudication_reason", METADATA)
_BLOCK = 65_536


def write_long(labels: Handover, out: Path) -> list[str]:
    """Write one row an answer, with columns that are nowhere empty; Parquet, TSV or CSV by the suffix.

    Reviewers that the records do not name have an empty name. Items whose votes are not known one by one have no
    rows.
    """
    fields = content_fields(labels)
    columns = [*_OF_ANSWERS, *_OF_ITEMS, *(f"{CONTENT_PREFIX}{name}" for name in fields)]
    used = _used(labels, columns, fields)
    if out.suffix.lower() in PARQUET:
        _write_parquet(labels, out, columns, used, fields)
    else:
        _write_text(labels, out, columns, used, fields)
    return _lost(labels)


def _lost(labels: Handover) -> list[str]:
    """What the labels have and the table has not."""
    left_out = unplaced = 0
    for record in labels.records():
        known = one_by_one(record)
        left_out += not known
        unplaced += known and bool(record.confidence) and unplaced_confidences(record) > 0
    lost = [f"{counted(left_out, 'item')} whose votes are not known one by one"] if left_out else []
    return lost + ([f"confidences of nobody in particular (on {counted(unplaced, 'item')})"] if unplaced else [])


def _rows(labels: Handover, fields: Sequence[str]) -> Iterator[list[Any]]:
    for record in labels.records():
        content = record.content or {}
        beside = [
            record.cluster,
            record.gold_label,
            record.split,
            record.adjudicated_label,
            record.adjudication_reason,
            json.dumps(record.metadata, ensure_ascii=False) if record.metadata else None,
            *(content.get(name) for name in fields),
        ]
        for answer in single_answers(record):
            known = (answer.confidence, answer.evidence, answer.criterion, answer.seconds, answer.at)
            yield [answer.item_id, answer.reviewer, answer.label, *known, *beside]


def _used(labels: Handover, columns: Sequence[str], fields: Sequence[str]) -> list[int]:
    """Columns that some row fills; those of a bare table are always there."""
    used = {0, 1, 2}
    for row in _rows(labels, fields):
        used.update(place for place, value in enumerate(row) if value is not None)
        if len(used) == len(columns):
            break
    return sorted(used)


def _write_text(labels: Handover, out: Path, columns: Sequence[str], used: list[int], fields: list[str]) -> None:
    tabs = out.suffix.lower() in TABBED
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if tabs else ",", lineterminator="\r\n")
        writer.writerow([columns[place] for place in used])
        for row in _rows(labels, fields):
            writer.writerow([row[place] for place in used])


def _write_parquet(labels: Handover, out: Path, columns: Sequence[str], used: list[int], fields: list[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {"confidence", "seconds"}
    schema = pa.schema([(columns[i], pa.float64() if columns[i] in numbers else pa.string()) for i in used])
    with pq.ParquetWriter(out, schema) as writer:
        rows: list[list[Any]] = []
        for row in _rows(labels, fields):
            rows.append([row[place] for place in used])
            if len(rows) == _BLOCK:
                writer.write_table(_arrow(rows, schema))
                rows = []
        writer.write_table(_arrow(rows, schema))


def _arrow(rows: list[list[Any]], schema: Any) -> Any:
    import pyarrow as pa

    held = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, field.type) for values, field in zip(held, schema, strict=True)], schema)
