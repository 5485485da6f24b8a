"""Data sets of the Hugging Face hub and of the library `datasets`.

Written for repositories with a README.md, folders of `save_to_disk`, single files of `to_parquet`, `to_json` and
`to_csv` (datasets 2 to 5), and for what `panel-eval export` and `panel-eval export-labels` write. Nothing is
downloaded, and no loading script is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import Dropped, Entry, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.huggingface_columns import ROLES, HubColumns, hub_columns, is_list, listing
from panel_eval.importing.formats.huggingface_rows import RowReader
from panel_eval.importing.formats.huggingface_writing import write_dataset
from panel_eval.importing.hub_files import DataFile, DataFiles, find_data_files
from panel_eval.importing.hub_rows import HubTable, open_rows
from panel_eval.importing.values import identifier


def _read(source: Source) -> Iterator[Entry]:
    files = find_data_files(source.path)
    seen: dict[str, str | None] = {}
    first: Mapping[str, str] | None = None
    for file in files.files:
        with open_rows(file.path) as table:
            columns = hub_columns(table, files, source.mapping, file.path)
            _check_columns(table, columns, first, file.path)
            if first is None:
                first = table.columns
                yield from _introduction(table, columns, files)
            yield from _rows(table, columns, file, files, seen)


def _introduction(table: HubTable, columns: HubColumns, files: DataFiles) -> Iterator[Entry]:
    if columns.labels:
        scale = files.export.get("scale")
        yield LabelSet(columns.labels, scale if scale in ("nominal", "ordinal") else None)
    votes = [
        f"{role} = {columns.roles[role]}" for role in ("label", "counts", "distribution") if role in columns.roles
    ]
    beside = [
        f"{role} = {name}" for role, name in columns.roles.items() if role in ("item", "reviewer", "reviewer_count")
    ]
    yield Note(f"columns read: {', '.join([*votes, *beside])}; texts: {', '.join(columns.content) or 'none'}")
    if columns.unused:
        yield Note(f"columns left out: {', '.join(shorten(name, 40) for name in columns.unused[:30])}")
    if "item" not in columns.roles:
        yield Note("no column names the items: they are called by split and row")
    label = columns.roles.get("label")
    if _one_answer_a_row(table, columns) and "reviewer" not in columns.roles:
        yield Note(f"each row is taken for one vote of nobody in particular, by its {label}")


def _one_answer_a_row(table: HubTable, columns: HubColumns) -> bool:
    several = {"counts", "distribution"} & set(columns.roles)
    return not several and not is_list(table.columns[columns.roles["label"]])


def _check_columns(table: HubTable, columns: HubColumns, first: Mapping[str, str] | None, path: Path) -> None:
    """Refuse what cannot be understood for the whole file.

    Raises:
        InputError: other columns than the first file has, lists without names of labels, or shares of nobody knows
            how many people.
    """
    roles = columns.roles
    if first is not None and not set(columns.wanted) <= set(first):
        fix = "name one folder or file: files of one data set have the same columns"
        raise InputError(Problem("has other columns than the files before it", path=path, fix=fix))
    numbers = [
        name for role in ("counts", "distribution") if (name := roles.get(role)) and is_list(table.columns[name])
    ]
    if numbers and not columns.labels:
        fix = "give label_order in a mapping file: the labels in the order of the list"
        raise InputError(Problem("does not say which labels its numbers are for", path, key=numbers[0], fix=fix))
    if "distribution" in roles and not {"label", "counts", "reviewer_count"} & set(roles):
        fix = "name the column with their number: --field reviewer_count=COLUMN; " + listing(table.columns)
        raise InputError(Problem("does not say how many people its shares stand for", path=path, fix=fix))
    if _one_answer_a_row(table, columns) and "reviewer" in roles and "item" not in roles:
        fix = "name it with --field item=COLUMN; " + listing(table.columns)
        raise InputError(
            Problem("has a row for each answer, and no column that names the item", path=path, fix=fix)
        )


def _rows(
    table: HubTable, columns: HubColumns, file: DataFile, files: DataFiles, seen: dict[str, str | None]
) -> Iterator[Entry]:
    """The entries of a file; `seen` has the items met so far with their split, and is added to."""
    target = files.export.get("human_target")
    lists = is_list(table.columns.get(columns.roles.get("label", ""), ""))
    reader = RowReader(columns, lists, target if isinstance(target, str) else None)
    several_rows = _one_answer_a_row(table, columns)
    item = columns.roles.get("item")
    for line, row in table.rows(columns.wanted):
        if isinstance(row, Dropped):
            yield row
            continue
        item_id = _name(len(seen) + 1, file) if item is None else identifier(row[item])
        problem = _met(item_id, file.split, seen, several_rows)
        if problem is not None:
            yield Dropped(*problem, line, item_id, answers=_people(row, columns, several_rows))
        elif item_id is not None:
            yield from reader.entries(item_id, row, line, file.split)


def _name(number: int, file: DataFile) -> str:
    return f"{file.split or 'row'}-{number}"


def _met(
    item_id: str | None, split: str | None, seen: dict[str, Any], several_rows: bool
) -> tuple[str, str] | None:
    """Why a row's item is not taken: it has no name, or was met in another row or split."""
    if item_id is None:
        return "no_item", "names no item"
    if item_id not in seen:
        seen[item_id] = split
        return None
    if seen[item_id] != split:
        return "other_split", "is called as an item of another split; read the splits one by one"
    return None if several_rows else ("item_twice", "is an item that has a row already; the first counts")


def _people(row: Mapping[str, Any], columns: HubColumns, several_rows: bool) -> int:
    answers = row.get(columns.roles.get("label", ""))
    return len(answers) if isinstance(answers, list) else int(several_rows)


FORMAT = Format(
    name="huggingface",
    title="data sets of the Hugging Face hub and of the library datasets, and our own exports",
    example="my-dataset/: README.md, data/train-00000-of-00001.parquet with id, text, labels: list<ClassLabel>",
    read=_read,
    makes=frozenset({"labels", "votes"}),
    roles=ROLES,
    page="import/huggingface.md",
    write=write_dataset,
)
