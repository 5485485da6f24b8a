"""Reading soft-label files: every problem located, then arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans.disagreement import disagreement_class
from panel_eval.humans.integrity import VOTE_TOLERANCE, LabelSet, Line, line_problems
from panel_eval.humans.labels import HumanLabels
from panel_eval.schema import ItemContent, Rubric, Scale, SoftLabel, read_jsonl

if TYPE_CHECKING:
    from panel_eval.stats.arrays import BoolArray, FloatArray

Numbered = Sequence[tuple[int, SoftLabel]]


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
    humans, problems = _load(Path(path), rubric, scale, strict, None if content is None else Path(content))
    if problems or humans is None:
        raise InputError(problems)
    return humans


def validate_labels(path: str | Path, rubric: Rubric | None = None, strict: bool = False) -> list[Problem]:
    """Every problem of a soft-label file, in line order; empty if it is good. Never raises `InputError`."""
    try:
        return _load(Path(path), rubric, None, strict, None)[1]
    except InputError as error:
        return list(error.problems)


def _load(
    path: Path, rubric: Rubric | None, scale: Scale | None, strict: bool, content: Path | None
) -> tuple[HumanLabels | None, list[Problem]]:
    lines = read_jsonl(path, SoftLabel)
    problems = list(lines.problems)
    if rubric is not None and scale not in (None, rubric.scale):
        problems.append(Problem(f"scale {scale} was asked for, but the rubric says {rubric.scale}", path=path))
    if not lines.records:
        if not lines.problems:
            problems.append(Problem("is empty", path=path, fix="one item a line, as JSON"))
        return None, problems
    labels = _label_set(lines.records, rubric)
    problems.extend(_too_few_labels(path, lines.records, labels))
    for number, record in lines.records:
        problems.extend(line_problems(Line(path, number, record, labels), strict))
    problems.extend(_repeated_ids(path, lines.records))
    problems.extend(_foreign_tasks(path, lines.records, rubric))
    problems.sort(key=lambda problem: problem.line or 0)
    records, content_problems = _with_content([record for _, record in lines.records], content)
    problems.extend(content_problems)
    if problems:
        return None, problems
    return _arrays(records, labels.names, rubric, scale), []


def _label_set(records: Numbered, rubric: Rubric | None) -> LabelSet:
    if rubric is not None:
        return LabelSet(rubric.label_names, f"the rubric for {shorten(rubric.task)}")
    number, first = next((entry for entry in records if entry[1].distribution or entry[1].counts), records[0])
    names = first.distribution or first.counts or {}
    return LabelSet(tuple(names), f"line {number}, which sets the labels where no rubric is given")


def _too_few_labels(path: Path, records: Numbered, labels: LabelSet) -> Iterator[Problem]:
    if len(labels.names) < 2:
        message = f"names {len(labels.names)} label(s); an item's labels need at least two to choose from"
        fix = (
            "give a rubric, or list all labels in the first item's distribution, with mass 0 where nobody chose one"
        )
        yield Problem(message, path, records[0][0], "distribution", fix=fix)


def _repeated_ids(path: Path, records: Numbered) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, record in records:
        if (before := first.setdefault(record.item_id, number)) != number:
            message = f"is not unique: it stands on line {before} already"
            fix = "one line an item; put all its votes there"
            yield Problem(message, path, number, "item_id", shorten(record.item_id), fix)


def _foreign_tasks(path: Path, records: Numbered, rubric: Rubric | None) -> Iterator[Problem]:
    expected = records[0][1].task if rubric is None else rubric.task
    origin = f"line {records[0][0]}" if rubric is None else "the rubric"
    for number, record in records:
        if record.task != expected:
            message = f"differs from the task of {origin}, {shorten(expected)!r}"
            fix = "one task a file" if rubric is None else "use the rubric of this task, or correct the name"
            yield Problem(message, path, number, "task", shorten(record.task), fix)


def _with_content(records: list[SoftLabel], path: Path | None) -> tuple[list[SoftLabel], list[Problem]]:
    """The records with content from a second file; an item whose two contents differ is a problem."""
    if path is None:
        return records, []
    lines = read_jsonl(path, ItemContent)
    problems = list(lines.problems)
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for number, entry in lines.records:
        before, _ = found.setdefault(entry.item_id, (number, entry.content))
        if before != number:
            message = f"is not unique: it stands on line {before} already"
            problems.append(Problem(message, path, number, "item_id", shorten(entry.item_id)))
    for record in records:
        number, content = found.get(record.item_id, (0, None))
        if content is not None and record.content not in (None, content):
            message = "differs from the content in the label file"
            problems.append(Problem(message, path, number, "content", fix="keep the content in one of the files"))
    return [_joined(record, found) for record in records], problems


def _joined(record: SoftLabel, found: Mapping[str, tuple[int, dict[str, str]]]) -> SoftLabel:
    if record.content is not None or record.item_id not in found:
        return record
    return record.model_copy(update={"content": found[record.item_id][1]})


def _arrays(
    records: list[SoftLabel], labels: tuple[str, ...], rubric: Rubric | None, scale: Scale | None
) -> HumanLabels:
    counts, counts_known, distribution = _votes(records, labels)
    scale = scale or (rubric.scale if rubric is not None else "nominal")
    derived, adjacent_tie = disagreement_class(counts, scale)
    values = rubric.label_values if rubric is not None else range(len(labels))
    arrays = {
        "label_values": np.array(values, dtype=np.float64),
        "counts": counts,
        "counts_known": counts_known,
        "reviewer_count": np.rint(counts.sum(axis=1)).astype(np.int64),
        "distribution": distribution,
        "adjacent_tie": adjacent_tie,
    }
    for array in arrays.values():
        array.flags.writeable = False
    return HumanLabels(
        task=records[0].task,
        labels=labels,
        scale=scale,
        item_ids=tuple(record.item_id for record in records),
        derived_class=derived,
        reported_class=tuple(record.disagreement_class for record in records),
        clusters=_clusters(records),
        records=tuple(records),
        **arrays,
    )


def _votes(records: list[SoftLabel], labels: tuple[str, ...]) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Counts, whether they are known, and shares (METHODS 7.7)."""
    raw = np.array([_row(record, labels) for record in records], dtype=np.float64)
    reviewers = np.array([[record.reviewer_count or sum((record.counts or {}).values())] for record in records])
    whole = np.rint(raw)
    known = (np.abs(raw - whole) <= VOTE_TOLERANCE + 1e-9).all(axis=1, keepdims=True)
    known &= whole.sum(axis=1, keepdims=True) == reviewers
    masses = np.where(known, whole, raw)
    distribution = masses / masses.sum(axis=1, keepdims=True)
    return np.where(known, whole, distribution * reviewers), known[:, 0], distribution


def _row(record: SoftLabel, labels: tuple[str, ...]) -> list[float]:
    if record.counts is not None:
        return [float(record.counts.get(label, 0)) for label in labels]
    masses, n = record.distribution or {}, record.reviewer_count or 0
    return [masses.get(label, 0.0) * n for label in labels]


def _clusters(records: list[SoftLabel]) -> tuple[str, ...] | None:
    if all(record.cluster is None for record in records):
        return None
    # An item id may equal a cluster's name; the prefixes keep the two apart.
    return tuple(
        f"item:{record.item_id}" if record.cluster is None else f"cluster:{record.cluster}" for record in records
    )
