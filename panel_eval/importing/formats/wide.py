"""One row an item, one column a rater or judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem
from panel_eval.importing.columns import CONTENT_PREFIX, RoleColumns, role_columns
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Handover, Source
from panel_eval.importing.formats.long import ROLES as LONG_ROLES
from panel_eval.importing.tables import PARQUET, Row, Table, open_table
from panel_eval.importing.values import identifier, text

_SHOWN = 12
ROLES = {role: LONG_ROLES[role] for role in ("item", "cluster", "gold", "split")}


def _read(source: Source) -> Iterator[Entry]:
    with open_table(source.path) as table:
        columns = role_columns(table, source.mapping, ROLES, ())
        raters = _raters(table, columns, source)
        yield Note(f"columns read as raters: {_listing([name for name, _ in raters])}")
        if "item" not in columns.places:
            yield Note("no column names the items: they are called row-1, row-2 …")
        seen: set[str] = set()
        for number, row in enumerate(table.rows, start=1):
            if len(row.values) != len(table.columns):
                message = f"has another number of values than there are columns ({len(table.columns)})"
                yield Dropped("ragged", message, row.line, value=len(row.values), answers=len(raters))
                continue
            item_id = identifier(columns.value(row.values, "item")) if "item" in columns.places else f"row-{number}"
            if item_id in seen:
                message = "is an item that has a row already; the first counts"
                yield Dropped("item_twice", message, row.line, item_id, answers=len(raters))
                continue
            seen.add(item_id or "")
            yield from _entries(item_id, row, columns, raters)


def _raters(table: Table, columns: RoleColumns, source: Source) -> list[tuple[str, int]]:
    """Columns that hold answers: those that the mapping names as reviewers or judges, else all that are left."""
    named = [*source.mapping.reviewers, *source.mapping.judges]
    if missing := [name for name in named if name not in table.columns]:
        raise InputError(Problem("has no such column", table.path, 1, "reviewers", missing[0]))
    left = {name: table.columns.index(name) for name in columns.unused if name}
    chosen = {name: left[name] for name in source.mapping.reviewers if name in left} or left
    chosen |= {name: left[name] for name in source.mapping.judges if name in left}
    if not chosen:
        fix = "every column but those of items, texts and gold labels is a rater's"
        raise InputError(Problem("has no column of a rater", table.path, 1, fix=fix))
    return list(chosen.items())


def _listing(names: Sequence[str]) -> str:
    return (
        ", ".join(names) if len(names) <= _SHOWN else f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    )


def _entries(
    item_id: str | None, row: Row, columns: RoleColumns, raters: Sequence[tuple[str, int]]
) -> Iterator[Entry]:
    content = {name: text(row.values[place]) for name, place in columns.content.items()}
    if item_id is not None:
        yield Item(
            item_id=item_id,
            content={name: found for name, found in content.items() if found is not None},
            cluster=text(columns.value(row.values, "cluster")),
            gold_label=text(columns.value(row.values, "gold")),
            split=text(columns.value(row.values, "split")),
            line=row.line,
        )
    for name, place in raters:
        if row.values[place] not in ("", None):  # who did not label the item
            yield Annotation(item_id, name, row.values[place], row.line)  # type: ignore[arg-type]


def _write(labels: Handover, out: Path) -> list[str]:
    """Write one row an item with a column for each named reviewer; CSV, TSV or Parquet by the suffix."""
    import pandas as pd

    rows: list[dict[Any, Any]] = []
    for record in labels.records():
        beside = {"cluster": record.cluster, "gold_label": record.gold_label, "split": record.split}
        content = {f"{CONTENT_PREFIX}{name}": value for name, value in (record.content or {}).items()}
        answers: dict[Any, Any] = {(rationale.reviewer,): rationale.label for rationale in record.rationales}
        rows.append({"item": record.item_id, **beside, **content, **answers})
    table = pd.DataFrame(rows)
    table = table.drop(columns=[name for name in table.columns if table[name].isna().all()])
    table.columns = pd.Index([name[0] if isinstance(name, tuple) else name for name in table.columns])
    if out.suffix.lower() in PARQUET:
        table.to_parquet(out, index=False)
    else:
        table.to_csv(out, index=False, sep="\t" if out.suffix.lower() == ".tsv" else ",", lineterminator="\r\n")
    return _lost(labels)


def _lost(labels: Handover) -> list[str]:
    """What the labels have and the table has not."""
    held = {"votes of nobody in particular": 0, "evidence": 0, "confidences": 0, "criteria, times": 0,
            "adjudications": 0, "metadata": 0}  # fmt: skip
    for record in labels.records():
        said = record.rationales
        held["votes of nobody in particular"] += sum((record.counts or {}).values()) != len(said)
        held["evidence"] += any(rationale.evidence for rationale in said)
        held["confidences"] += bool(record.confidence) or any(r.confidence is not None for r in said)
        held["criteria, times"] += any(r.criterion or r.at or r.seconds is not None for r in said)
        held["adjudications"] += record.adjudicated_label is not None
        held["metadata"] += bool(record.metadata)
    return [f"{what} (on {count:,} items)" for what, count in held.items() if count]


FORMAT = Format(
    name="wide",
    title="one row an item, one column a rater or judge (CSV, TSV or Parquet)",
    example="item,text,anna,ben,gpt-4o",
    read=_read,
    roles=ROLES,
    page="import/wide.md",
    write=_write,
)
