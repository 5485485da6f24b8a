"""Label Studio's JSON-MIN, CSV and TSV: one row an answer, the task's data and the controls side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from panel_eval.importing.carried import item_with
from panel_eval.importing.columns import RoleColumns, role_columns
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Annotation, Dropped, Entry, Note
from panel_eval.importing.formats.label_studio_values import answers_in, joined
from panel_eval.importing.questions import ChosenLabels, SeveralLabelsError
from panel_eval.importing.tables import Row, Table
from panel_eval.importing.values import identifier
from panel_eval.schema.import_mapping import ImportMapping

_ROLES = {
    "item": ("item_id", "id"),
    "reviewer": ("annotator",),
    "label": ("label", "choice", "choices", "sentiment"),
    "confidence": ("confidence",),
    "evidence": ("evidence",),
    "criterion": ("criterion",),
    "seconds": ("lead_time",),
    "at": ("updated_at", "created_at"),
    "cluster": (),
    "gold": (),
    "split": (),
}
_OF_THE_EXPORT = frozenset({"id", "annotation_id", "created_at", "updated_at", "agreement", "history"})


def rows_of_records(records: Records, path: Path) -> Table:
    """The records of JSON-MIN as a table."""
    names = tuple(dict.fromkeys(name for _, record in records.objects() for name in record))
    return Table(
        path, names, (Row(place, [record.get(name) for name in names]) for place, record in records.objects())
    )


def read_rows(table: Table, mapping: ImportMapping) -> Iterator[Entry]:
    """The entries of rows.

    Raises:
        InputError: a column that is needed or was named does not exist.
    """
    columns = role_columns(table, mapping, _ROLES, ("item", "label"))
    unused = [name for name in columns.unused if name not in _OF_THE_EXPORT]
    if unused:
        yield Note(f"columns left out: {', '.join(unused)} (--content NAME keeps one as a text field)")
    chosen = ChosenLabels(mapping)
    for row in table.rows:
        if len(row.values) != len(table.columns):
            message = f"has another number of values than there are columns ({len(table.columns)})"
            yield Dropped("ragged", message, row.line, value=len(row.values), answers=1)
            continue
        yield from _row(row, columns, chosen)


def _row(row: Row, columns: RoleColumns, chosen: ChosenLabels) -> Iterator[Entry]:
    def answers(role: str) -> list[Any]:
        return answers_in(_unpacked(columns.value(row.values, role)))

    def value(role: str) -> Any:
        return columns.value(row.values, role)

    item_id = identifier(value("item"))
    if item_id is None:
        yield Dropped("no_item", "names no item", row.line, value=value("item"), answers=1)
        return
    content = {name: row.values[place] for name, place in columns.content.items()}
    facts = {"cluster": value("cluster"), "split": value("split"), "gold_label": value("gold")}
    yield item_with(item_id, content, {}, None, row.line, **facts)
    try:
        label = chosen.label(answers("label"))
    except SeveralLabelsError as several:
        yield several.dropped(row.line, item_id)
        return
    confidence = answers("confidence")
    yield Annotation(
        item_id,
        identifier(value("reviewer")),
        label,
        row.line,
        confidence=confidence[0] if confidence else None,
        evidence=joined(answers("evidence")),
        criterion=joined(answers("criterion")),
        seconds=value("seconds") or None,
        at=value("at") or None,
    )


def _unpacked(value: Any) -> Any:
    """The value of a control; the CSV has those with several answers as JSON."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if answers_in(found) else value
    return value
