"""Reading soft-label files: every problem located, then arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans.columns import (
    ItemColumns,
    RecordFields,
    given_votes,
    item_columns,
    joined_columns,
    suspect_rows,
)
from panel_eval.humans.contents import join_contents
from panel_eval.humans.disagreement import disagreement_class
from panel_eval.humans.identity import cluster_names, repeated_ids
from panel_eval.humans.integrity import LabelSet, Line, line_problems
from panel_eval.humans.labels import HumanLabels
from panel_eval.humans.records import ItemRecords
from panel_eval.schema import Rubric, Scale, SoftLabel
from panel_eval.schema.columnar import parse_lines, read_blocks
from panel_eval.schema.json_lines import JsonLines, LazyRecords, lines_of, read_lines
from panel_eval.schema.plain_soft_label import PLAIN_SOFT_LABEL
from panel_eval.schema.reading import collector_paused

if TYPE_CHECKING:
    from panel_eval.stats.arrays import IntArray


def load_soft_labels(
    path: str | Path,
    rubric: Rubric | None = None,
    *,
    scale: Scale | None = None,
    strict: bool = False,
    content: str | Path | None = None,
) -> HumanLabels:
    """Read a soft-label file (JSONL, one item a line; DESIGN 4.1).

    Votes are `counts`, or mass × reviewer_count where that is whole within 0.02; else only the effective counts
    are known (`counts_known` False). Shares are recomputed from known votes.

    Args:
        path: the file.
        rubric: gives task, label set, order and scale. Without one, labels and their order are those of the first
            item, on a nominal scale unless `scale` says otherwise.
        scale: nominal or ordinal; must not contradict the rubric.
        strict: demand every field of the contract, also those that could be derived.
        content: a second JSONL file with `item_id` and `content`, joined on `item_id`; it may hold more items.

    Raises:
        InputError: with every problem found in either file.
    """
    texts = None if content is None else Path(content)
    humans, problems = _load(read_lines(Path(path)), rubric, scale, strict, texts)
    if problems or humans is None:
        raise InputError(problems)
    return humans


def validate_labels(
    path: str | Path,
    rubric: Rubric | None = None,
    strict: bool = False,
    *,
    scale: Scale | None = None,
    data: bytes | None = None,
) -> list[Problem]:
    """Every problem of a soft-label file, in line order; empty if it is good. Never raises `InputError`.

    Args:
        path: the file.
        rubric: see `load_soft_labels`, also for the next two.
        strict: demand every field of the contract.
        scale: nominal or ordinal.
        data: what is to stand in the file, where that is not what stands there now.
    """
    try:
        lines = read_lines(Path(path)) if data is None else lines_of(Path(path), data)
        return _load(lines, rubric, scale, strict, None)[1]
    except InputError as error:
        return list(error.problems)


_BESIDE_THE_VOTES = frozenset(
    {"entropy_bits", "confidence", "rationales", "adjudicated_label", "adjudication_reason", "gold_label"}
)
"""Keys whose mistakes leave an item's votes as they are."""
_MOST_IDS = 1_000
"""Lines with problems whose item ids are looked up."""


@dataclass(frozen=True)
class Salvaged:
    """What could be loaded of a soft-label file in spite of its problems.

    Attributes:
        humans: the items whose votes can be read; None if there are none.
        problems: everything wrong with the file, in line order.
        item_ids: line to the id that stands on it, of lines with problems where it can be told.
        left_out: lines that are not among the items.
        task: of the items, or of the rubric; "" where nothing tells it.
        labels: that may occur, as far as the file or the rubric names them.
        scale: of the labels.
    """

    humans: HumanLabels | None
    problems: tuple[Problem, ...]
    item_ids: Mapping[int, str]
    left_out: int
    task: str
    labels: tuple[str, ...]
    scale: Scale


def salvage_soft_labels(
    path: str | Path, rubric: Rubric | None = None, *, scale: Scale | None = None, strict: bool = False
) -> Salvaged:
    """Read what can be read of a soft-label file, with all its problems: for judging a delivery, not for scoring.

    An item is kept if its line is a record and nothing is wrong with its id, task and votes. What is wrong beside
    them (its stated entropy, confidences, rationales, adjudication, gold label) is listed and leaves it in.

    Args:
        path: the file.
        rubric: see `load_soft_labels`.
        scale: nominal or ordinal, where there is no rubric.
        strict: also list fields of the contract that are missing.

    Raises:
        InputError: the file itself is missing or unreadable.
    """
    lines = read_lines(Path(path))
    items, labels, problems = _read(lines, rubric, scale, strict=False)
    spoilt = {problem.line for problem in problems if (problem.key or "").split(".")[0] not in _BESIDE_THE_VOTES}
    kept = np.flatnonzero(~np.isin(items.lines.numbers, [line for line in spoilt if line is not None]))
    if strict:
        problems = _read(lines, rubric, scale, strict=True)[2]
    humans, wanted = None, (scale or "nominal") if rubric is None else rubric.scale
    if kept.size and len(labels.names) > 1:
        with collector_paused():
            held = _read_items(items.lines.take(kept), labels, strict=False)
        records = ItemRecords(LazyRecords(held.lines, SoftLabel))
        humans = _arrays(held.columns, records, labels.names, rubric, wanted)
    task = rubric.task if rubric is not None else "" if humans is None else humans.task
    left_out = len(lines) - (0 if humans is None else len(humans))
    return Salvaged(humans, tuple(problems), _ids_on(lines, problems), left_out, task, labels.names, wanted)


def _ids_on(lines: JsonLines, problems: Sequence[Problem]) -> dict[int, str]:
    """Line to item id, of the first lines with problems."""
    found: dict[int, str] = {}
    wanted = dict.fromkeys(problem.line for problem in problems if problem.line is not None)
    for line in list(wanted)[:_MOST_IDS]:
        raw = lines[int(np.searchsorted(lines.numbers, line))]
        (record,) = parse_lines([raw])
        if isinstance(record, dict) and isinstance(record.get("item_id"), str):
            found[line] = record["item_id"]
    return found


@dataclass(frozen=True)
class _Items:
    """The valid records of a file, and what is wrong with the others and with the rules.

    Attributes:
        lines: the lines of the valid records.
        columns: what they say.
        unreadable: problems of lines that are no records.
        misgiven: problems within records.
    """

    lines: JsonLines
    columns: ItemColumns
    unreadable: Sequence[Problem]
    misgiven: Sequence[Problem]

    def line(self, row: int) -> int:
        """The number of the line that a row stands on."""
        return int(self.lines.numbers[row])


def _load(
    lines: JsonLines, rubric: Rubric | None, scale: Scale | None, strict: bool, content: Path | None
) -> tuple[HumanLabels | None, list[Problem]]:
    items, labels, problems = _read(lines, rubric, scale, strict)
    if not len(items.lines):
        return None, problems
    lazy = LazyRecords(items.lines, SoftLabel)
    records = ItemRecords(lazy)
    if content is not None:
        columns = items.columns
        records, content_problems = join_contents(lazy, columns.item_ids, columns.has_content, content)
        problems.extend(content_problems)
    if problems:
        return None, problems
    return _arrays(items.columns, records, labels.names, rubric, scale), []


def _read(
    lines: JsonLines, rubric: Rubric | None, scale: Scale | None, strict: bool
) -> tuple[_Items, LabelSet, list[Problem]]:
    """The valid records, the labels they may use, and everything wrong with the file, in line order."""
    with collector_paused():
        labels = _label_set(lines, rubric)
        items = _read_items(lines, labels, strict)
    problems = list(items.unreadable)
    if rubric is not None and scale not in (None, rubric.scale):
        message = f"scale {scale} was asked for, but the rubric says {rubric.scale}"
        problems.append(Problem(message, path=lines.path))
    if not len(items.lines):
        if not items.unreadable:
            problems.append(Problem("is empty", path=lines.path, fix="one item a line, as JSON"))
        return items, labels, problems
    problems.extend(_too_few_labels(items, labels))
    problems.extend(items.misgiven)
    fix = "one line an item; put all its votes there"
    problems.extend(repeated_ids(items.lines, items.columns.item_ids, fix))
    problems.extend(_foreign_tasks(items, rubric))
    problems.sort(key=lambda problem: problem.line or 0)
    return items, labels, problems


def _label_set(lines: JsonLines, rubric: Rubric | None) -> LabelSet:
    if rubric is not None:
        return LabelSet(rubric.label_names, f"the rubric for {shorten(rubric.task)}")
    number, first = _first_with_labels(lines)
    names = first.get("distribution") or first.get("counts") or {}
    return LabelSet(tuple(names), f"line {number}, which sets the labels where no rubric is given")


def _first_with_labels(lines: JsonLines) -> tuple[int, dict[str, Any]]:
    """The first valid record that names labels, else the first valid one, with its line number."""
    first: tuple[int, dict[str, Any]] | None = None
    for block in read_blocks(lines, SoftLabel, PLAIN_SOFT_LABEL):
        for row, record in zip(block.rows, block.records, strict=True):
            if record.get("distribution") or record.get("counts"):
                return int(lines.numbers[row]), record
            first = first or (int(lines.numbers[row]), record)
    return first or (0, {})


def _read_items(lines: JsonLines, labels: LabelSet, strict: bool) -> _Items:
    valid: list[IntArray] = []
    columns: list[ItemColumns] = []
    unreadable: list[Problem] = []
    misgiven: list[Problem] = []
    for block in read_blocks(lines, SoftLabel, PLAIN_SOFT_LABEL):
        fields = RecordFields(block.records)
        given = given_votes(fields, labels.names)
        suspects = suspect_rows(fields, given, labels.names) | set(block.odd)
        for position in range(len(block.rows)) if strict else sorted(suspects):
            row = block.rows[position]
            record = block.odd.get(position) or SoftLabel.model_validate_json(lines[row], strict=True)
            misgiven.extend(line_problems(Line(lines.path, int(lines.numbers[row]), record, labels), strict))
        valid.append(np.array(block.rows, dtype=np.int64))
        columns.append(item_columns(fields, given))
        unreadable.extend(block.problems)
    rows = np.concatenate(valid) if valid else np.empty(0, dtype=np.int64)
    whole = lines if len(rows) == len(lines) else lines.take(rows)
    return _Items(whole, joined_columns(columns), unreadable, misgiven)


def _too_few_labels(items: _Items, labels: LabelSet) -> Iterator[Problem]:
    if len(labels.names) < 2:
        message = f"names {len(labels.names)} label(s); an item's labels need at least two to choose from"
        fix = (
            "give a rubric, or list all labels in the first item's distribution, with mass 0 where nobody chose one"
        )
        yield Problem(message, items.lines.path, items.line(0), "distribution", fix=fix)


def _foreign_tasks(items: _Items, rubric: Rubric | None) -> Iterator[Problem]:
    tasks = items.columns.tasks
    expected = tasks[0] if rubric is None else rubric.task
    if tasks.count(expected) == len(tasks):
        return
    origin = f"line {items.line(0)}" if rubric is None else "the rubric"
    for row, task in enumerate(tasks):
        if task != expected:
            message = f"differs from the task of {origin}, {shorten(expected)!r}"
            fix = "one task a file" if rubric is None else "use the rubric of this task, or correct the name"
            yield Problem(message, items.lines.path, items.line(row), "task", shorten(task), fix)


def _arrays(
    items: ItemColumns,
    records: ItemRecords[SoftLabel],
    labels: tuple[str, ...],
    rubric: Rubric | None,
    scale: Scale | None,
) -> HumanLabels:
    scale = scale or (rubric.scale if rubric is not None else "nominal")
    derived, adjacent_tie = disagreement_class(items.counts, scale)
    values = rubric.label_values if rubric is not None else range(len(labels))
    arrays = {
        "label_values": np.array(values, dtype=np.float64),
        "counts": items.counts,
        "counts_known": items.counts_known,
        "reviewer_count": np.rint(items.counts.sum(axis=1)).astype(np.int64),
        "distribution": items.distribution,
        "adjacent_tie": adjacent_tie,
    }
    for array in arrays.values():
        array.flags.writeable = False
    return HumanLabels(
        task=items.tasks[0],
        labels=labels,
        scale=scale,
        item_ids=tuple(items.item_ids),
        derived_class=derived,
        reported_class=tuple(items.reported),
        clusters=cluster_names(items.item_ids, items.clusters),
        records=records,
        **arrays,
    )
