"""One row an item, one column a rater or judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.columns import CONTENT_PREFIX, TEXT, RoleColumns, role_columns
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Handover, Source
from panel_eval.importing.formats.long import ROLES as LONG_ROLES
from panel_eval.importing.single_answers import single_answers
from panel_eval.importing.tables import PARQUET, TABBED, Row, Table, open_table
from panel_eval.importing.values import text, written_name
from panel_eval.wording import counted

_SHOWN = 12
ROLES = {role: LONG_ROLES[role] for role in ("item", "cluster", "gold", "split")}


def _read(source: Source) -> Iterator[Entry]:
    with open_table(source.path) as table:
        columns = role_columns(table, source.mapping, ROLES, ())
        raters = _raters(table, columns, source)
        people = [place for name, place in raters if name not in source.mapping.judges]
        if (blank := table.columns.count("")) > 0:
            yield Note(f"columns without a name, left out: {blank}")
        yield Note(f"columns read as raters: {_listing([name for name, _ in raters])}")
        if "item" not in columns.places:
            yield Note("no column names the items: they are called row-1, row-2 …")
        seen: set[str] = set()
        for number, row in enumerate(table.rows, start=1):
            if len(row.values) != len(table.columns):
                message = f"has another number of values than there are columns ({len(table.columns)})"
                yield Dropped("ragged", message, row.line, value=len(row.values), answers=_answers(row, people))
                continue
            item_id = (
                written_name(columns.value(row.values, "item")) if "item" in columns.places else f"row-{number}"
            )
            own = (item_id or "").strip()
            if own and own in seen:
                message = "is an item that has a row already; the first counts"
                yield Dropped("item_twice", message, row.line, item_id, answers=_answers(row, people))
                continue
            seen.add(own)
            yield from _entries(item_id, row, columns, raters)


def _answers(row: Row, places: Sequence[int]) -> int:
    """How many people answered in a row."""
    return sum(1 for place in places if place < len(row.values) and row.values[place] not in ("", None))


def _raters(table: Table, columns: RoleColumns, source: Source) -> list[tuple[str, int]]:
    """Columns that hold answers: those that the mapping names as reviewers or judges, else all that are left."""
    named = [*source.mapping.reviewers, *source.mapping.judges]
    if missing := [name for name in named if name not in table.columns]:
        near = nearest(missing[0], table.columns)
        fix = f"did you mean {shorten(near)!r}?" if near else None
        key = "reviewers" if missing[0] in source.mapping.reviewers else "judges"
        raise InputError(Problem("has no such column", table.path, 1, key, shorten(missing[0]), fix))
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
    _refuse_reserved([name[0] for name in table.columns if isinstance(name, tuple)])
    table.columns = pd.Index([name[0] if isinstance(name, tuple) else name for name in table.columns])
    if out.suffix.lower() in PARQUET:
        table.to_parquet(out, index=False)
    else:
        table.to_csv(out, index=False, sep="\t" if out.suffix.lower() in TABBED else ",", lineterminator="\r\n")
    return _lost(labels)


def _refuse_reserved(reviewers: Sequence[str]) -> None:
    """Check that no reviewer's column would be read as something else.

    Raises:
        InputError: one would.
    """
    taken = {*(name for names in ROLES.values() for name in names), TEXT}
    found = [name for name in reviewers if not name.strip() or name.strip().casefold() in taken]
    found += [name for name in reviewers if name.startswith(CONTENT_PREFIX)]
    if found:
        message = f"a reviewer's column cannot be called {', '.join(repr(shorten(name)) for name in found[:3])}"
        raise InputError(Problem(message, fix="write the labels as long"))


_NOT_HELD = (
    "votes that are not known one by one",
    "votes of nobody in particular",
    "evidence",
    "confidences",
    "criteria, times",
    "adjudications",
    "metadata",
)


def _lost(labels: Handover) -> list[str]:
    """What the labels have and the table has not."""
    held = dict.fromkeys(_NOT_HELD, 0)
    for record in labels.records():
        said = record.rationales
        answers = single_answers(record)
        held["votes that are not known one by one"] += not answers
        held["votes of nobody in particular"] += len(answers) > len(said)
        held["evidence"] += any(rationale.evidence for rationale in said)
        held["confidences"] += bool(record.confidence) or any(r.confidence is not None for r in said)
        held["criteria, times"] += any(r.criterion or r.at or r.seconds is not None for r in said)
        held["adjudications"] += record.adjudicated_label is not None
        held["metadata"] += bool(record.metadata)
    return [f"{what} (on {counted(count, 'item')})" for what, count in held.items() if count]


FORMAT = Format(
    name="wide",
    title="one row an item, one column a rater or judge (CSV, TSV or Parquet)",
    example="item,text,anna,ben,gpt-4o",
    read=_read,
    roles=ROLES,
    page="import/wide.md",
    write=_write,
)
