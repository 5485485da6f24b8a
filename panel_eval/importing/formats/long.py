"""One row an answer: the `task, worker, label` tables of crowd-kit, and whatever tools export like them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from panel_eval.importing.columns import RoleColumns, role_columns
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.long_table import METADATA, write_long
from panel_eval.importing.tables import Row, open_table
from panel_eval.importing.values import text, written_name

ROLES = {
    "item": ("item", "item_id", "task", "task_id", "instance_id", "example_id", "uid", "id"),
    "reviewer": ("reviewer", "worker", "worker_id", "annotator", "annotator_id", "user", "user_id", "rater"),
    "label": ("label", "answer", "annotation", "rating", "choice"),
    "confidence": ("confidence",),
    "evidence": ("evidence", "rationale", "comment"),
    "criterion": ("criterion",),
    "seconds": ("seconds", "lead_time"),
    "at": ("at", "created_at", "timestamp"),
    "cluster": ("cluster",),
    "gold": ("gold_label", "gold"),
    "split": ("split",),
}
_BESIDE = {"adjudicated_label": ("adjudicated_label",), "adjudication_reason": ("adjudication_reason",),
           METADATA: (METADATA,)}  # fmt: skip


def read_long(source: Source) -> Iterator[Entry]:
    """The entries of a table with one row an answer; formats that are such tables build on it."""
    with open_table(source.path) as table:
        columns = role_columns(table, source.mapping, {**ROLES, **_BESIDE}, ("item", "label"))
        if columns.unused:
            yield Note(f"columns left out: {', '.join(columns.unused)} (--content NAME keeps one as a text field)")
        if "reviewer" not in columns.places:
            yield Note("no column names the reviewers: nothing can be said of single reviewers")
        told: dict[str, tuple[Any, ...]] = {}
        place = [columns.places.get(role) for role in _OF_ANSWERS]
        beside = [
            *columns.content.values(),
            *(columns.places[role] for role in _OF_ITEMS if role in columns.places),
        ]
        for row in table.rows:
            if len(row.values) != len(table.columns):
                message = f"has another number of values than there are columns ({len(table.columns)})"
                yield Dropped("ragged", message, row.line, value=len(row.values), answers=1)
                continue
            entry = _annotation(row, place)
            if beside and entry.item_id is not None:
                facts = tuple(row.values[place] for place in beside)
                if told.setdefault(entry.item_id, facts) is facts or told[entry.item_id] != facts:
                    yield from _item(entry.item_id, row, columns)
            yield entry


_OF_ANSWERS = ("item", "reviewer", "label", "confidence", "evidence", "criterion", "seconds", "at")
_OF_ITEMS = ("cluster", "gold", "split", *_BESIDE)


def _annotation(row: Row, place: Sequence[int | None]) -> Annotation:
    """The answer of a row; `place` has the column of each of `_OF_ANSWERS`."""
    item, reviewer, label, confidence, evidence, criterion, seconds, at = [
        None if column is None or row.values[column] == "" else row.values[column] for column in place
    ]
    return Annotation(
        item_id=written_name(item),  # type: ignore[arg-type]
        reviewer=written_name(reviewer),
        label=label,
        line=row.line,
        confidence=confidence,
        evidence=text(evidence),
        criterion=text(criterion),
        seconds=seconds,
        at=at,
    )


def _item(item_id: str, row: Row, columns: RoleColumns) -> Iterator[Entry]:
    def value(role: str) -> str | None:
        return text(columns.value(row.values, role))

    metadata: Any = {}
    if (given := value(METADATA)) is not None:
        try:
            metadata = json.loads(given)
        except (ValueError, RecursionError):
            metadata = None
        if not isinstance(metadata, dict):
            yield Dropped("metadata", "is no JSON object; left out", row.line, item_id, given)
            metadata = {}
    content = {name: text(row.values[place]) for name, place in columns.content.items()}
    yield Item(
        item_id=item_id,
        content={name: found for name, found in content.items() if found is not None},
        cluster=value("cluster"),
        gold_label=value("gold"),
        split=value("split"),
        adjudicated_label=value("adjudicated_label"),
        adjudication_reason=value("adjudication_reason"),
        metadata=metadata,
        line=row.line,
    )


FORMAT = Format(
    name="long",
    title="one row an answer (CSV, TSV or Parquet), as crowd-kit takes it",
    example="task,worker,label",
    read=read_long,
    roles=ROLES,
    page="import/long.md",
    write=write_long,
)
