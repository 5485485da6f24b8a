"""What is handed to adjudication beside the labels: answers, decisions, and the items that labels are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.humans import HumanLabels
from panel_eval.humans.reviewers import votes_by_name
from panel_eval.importing.tables import Row, Table, open_table
from panel_eval.schema import FileModel, read_bytes, read_jsonl
from panel_eval.schema.adjudication_decision import AdjudicationDecision, AnswerRow
from panel_eval.schema.locating import locate, place

ALL: Final = "all"
_TABLES: Final = (".csv", ".tsv", ".tab", ".parquet", ".pq")
_ID: Final = "item_id"

ModelT = TypeVar("ModelT", bound=FileModel)


def read_answers(path: Path) -> dict[str, Mapping[str, Any]]:
    """Item id to its columns, of a file of answers: JSON lines, CSV, TSV or Parquet with `item_id`.

    Raises:
        InputError: with every problem found; also an item with two rows.
    """
    rows, problems = _records(path, AnswerRow)
    problems += _twice(path, [(line, row.item_id) for line, row in rows])
    if problems:
        raise InputError(problems)
    return {row.item_id: row.model_extra or {} for _, row in rows}


def read_decisions(path: Path, humans: HumanLabels) -> dict[str, AdjudicationDecision]:
    """Item id to what a person decided about it.

    Args:
        path: JSON lines, CSV, TSV or Parquet; in a table, `erred` lists reviewers with semicolons.
        humans: the items.

    Raises:
        InputError: with every problem found: unknown items, labels and reviewers, an item decided twice.
    """
    rows, problems = _records(path, AdjudicationDecision)
    problems += _twice(path, [(line, decision.item_id) for line, decision in rows])
    for line, decision in rows:
        problems += [place(problem, path, line) for problem in _misfits(decision, humans)]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return {decision.item_id: decision for _, decision in rows}


def read_items(named: Sequence[str], humans: HumanLabels) -> frozenset[str]:
    """The items that are asked for: ids, files of ids (one a line, or with `item_id`), or `all`.

    Raises:
        InputError: something is neither an item nor a file, or a file names items that there are not.
    """
    found: set[str] = set()
    problems: list[Problem] = []
    for text in named:
        if text in humans.index:
            found.add(text)
        elif text == ALL:
            found.update(humans.item_ids)
        elif _is_file(text):
            listed = dict(_listed_ids(Path(text)))
            found.update(listed)
            problems += [_unknown_item(one, humans, Path(text), line) for one, line in listed.items()
                         if one not in humans.index]  # fmt: skip
        else:
            problems.append(_unknown_item(text, humans, None, None))
    if problems:
        raise InputError(problems)
    return frozenset(found)


def _misfits(decision: AdjudicationDecision, humans: HumanLabels) -> Iterator[Problem]:
    if decision.label is not None and decision.label not in humans.labels:
        fix = f"labels: {', '.join(shorten(label) for label in humans.labels)}"
        yield Problem("is not a label of the rubric", key="label", value=shorten(decision.label), fix=fix)
    if decision.item_id not in humans.index:
        yield _unknown_item(decision.item_id, humans, None, None)
    elif decision.erred:
        named = votes_by_name(humans, humans.index[decision.item_id])
        for reviewer in decision.erred:
            if reviewer not in named:
                who = ", ".join(shorten(name) for name in named)
                fix = f"reviewers of the item: {who}" if named else "the file does not name who cast which vote"
                yield Problem("has no vote on this item", key="erred", value=shorten(reviewer), fix=fix)


def _unknown_item(item_id: str, humans: HumanLabels, path: Path | None, line: int | None) -> Problem:
    near = nearest(item_id, humans.item_ids) if len(humans) <= 100_000 else None
    fix = f"did you mean {shorten(near)!r}?" if near else "ids are those of the label file"
    return Problem("there is no such item", path, line, _ID, shorten(item_id), fix)


def _twice(path: Path, ids: Sequence[tuple[int, str]]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for line, item_id in ids:
        if (before := first.setdefault(item_id, line)) != line:
            message = f"stands on line {before} already"
            found.append(Problem(message, path, line, _ID, shorten(item_id), "keep one of the lines"))
    return found


def _records(path: Path, model: type[ModelT]) -> tuple[list[tuple[int, ModelT]], list[Problem]]:
    if path.suffix.lower() not in _TABLES:
        lines = read_jsonl(path, model)
        return lines.records, lines.problems
    records: list[tuple[int, ModelT]] = []
    problems: list[Problem] = []
    with open_table(path) as table:
        _refuse_without_ids(table)
        for row in table.rows:
            if problem := _ragged(table, row):
                problems.append(problem)
                continue
            data = _cells(table, row, model)
            try:
                records.append((row.line, model.model_validate(data, strict=True)))
            except ValidationError as error:
                found = locate(error.errors(include_url=False), data, model)
                problems += [place(problem, path, row.line) for _, problem in found]
    return records, problems


def _refuse_without_ids(table: Table) -> None:
    if _ID not in table.columns:
        fix = f"columns: {', '.join(shorten(name) for name in table.columns)}"
        raise InputError(Problem("has no column item_id", path=table.path, line=1, fix=fix))


def _ragged(table: Table, row: Row) -> Problem | None:
    if len(row.values) == len(table.columns):
        return None
    message = f"has {len(row.values)} values for {len(table.columns)} columns"
    return Problem(message, table.path, row.line, fix="put values with a separator in quotes")


def _cells(table: Table, row: Row, model: type[FileModel]) -> dict[str, Any]:
    """The cells that are not empty; lists as the model has them."""
    data = {name: value for name, value in zip(table.columns, row.values, strict=True) if value not in ("", None)}
    if model is AdjudicationDecision and isinstance(data.get("erred"), str):
        data["erred"] = [part.strip() for part in data["erred"].split(";") if part.strip()]
    return data


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _listed_ids(path: Path) -> Iterator[tuple[str, int]]:
    """(id, line) of a file that lists items."""
    first = next((line for line in read_bytes(path).split(b"\n") if line.strip()), b"")
    if path.suffix.lower() in _TABLES or first.lstrip().startswith(b"{"):
        rows, problems = _records(path, AnswerRow)
        if problems:
            raise InputError(problems)
        yield from ((row.item_id, line) for line, row in rows)
        return
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Problem("is not UTF-8", path=path, fix="one item id a line, saved as UTF-8")) from None
    yield from ((line.strip(), number) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
