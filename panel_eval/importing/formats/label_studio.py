"""Label Studio: the JSON export with all answers, JSON-MIN, and CSV or TSV.

Shapes looked at: exports of Label Studio 1.23 (its serializers and the converters of label-studio-sdk 2.1), and
the `completions` of versions before 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped, Entry
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.label_studio_rows import read_rows, rows_of_records
from panel_eval.importing.formats.label_studio_tasks import is_task, read_tasks
from panel_eval.importing.formats.label_studio_writing import write_label_studio
from panel_eval.importing.tables import open_table

_TABLES = (".csv", ".tsv")


def _read(source: Source) -> Iterator[Entry]:
    if source.path.suffix.lower() in _TABLES:
        with open_table(source.path) as table:
            yield from read_rows(table, source.mapping)
        return
    records = Records(source.path)
    tasks = rows = False
    for _, record in records:
        if isinstance(record, Dropped):
            yield record
        else:
            tasks = tasks or is_task(record)
            rows = rows or "annotation_id" in record or "annotator" in record
    if tasks:
        yield from read_tasks(records, source)
    elif rows:
        yield from read_rows(rows_of_records(records, source.path), source.mapping)
    else:
        raise _no_export(records, source.path)


def _no_export(records: Records, path: Path) -> InputError:
    first = next((record for _, record in records.objects()), None)
    keys = "none" if first is None else ", ".join(shorten(key, 30) for key in list(first)[:12])
    message = f"is no Label Studio export: no task has data and annotations (keys of the first record: {keys})"
    fix = "in Label Studio: Export, then JSON (all answers), JSON-MIN or CSV"
    return InputError(Problem(message, path=path, fix=fix))


FORMAT = Format(
    name="label-studio",
    title="Label Studio export: JSON (all answers and predictions), JSON-MIN or CSV",
    example='{"id": 1, "data": {"text": "…"}, "annotations": [{"completed_by": 7, "result": […]}]}',
    read=_read,
    makes=frozenset({"labels", "votes"}),
    roles={
        "item": ("data.item_id", "id", "inner_id"),
        "reviewer": ("completed_by", "annotator"),
        "label": ("the only choices",),
        "confidence": ("confidence",),
        "evidence": ("evidence",),
        "criterion": ("criterion",),
        "seconds": ("lead_time",),
        "at": ("updated_at", "created_at"),
        "cluster": ("meta.panel_eval.cluster",),
        "gold": ("ground_truth", "meta.panel_eval.gold_label"),
        "split": ("meta.panel_eval.split",),
    },
    page="import/label-studio.md",
    write=write_label_studio,
)
