"""Items to label, from a file of unlabelled items or of labelled ones, whose votes are left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic_core import from_json

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.humans import lacks_content, load_unlabelled
from panel_eval.labelling.study import StudyItem
from panel_eval.schema import ItemContent, Lines, Rubric, SoftLabel, UnlabelledItem, read_bytes, read_jsonl


def holds_labels(path: Path) -> bool:
    """Whether a file of items is a label file, whose votes reviewers must not see: by its first line.

    What has only fields of unlabelled items is one, with its text in the line or in a second file.

    Raises:
        InputError: the file is missing or unreadable.
    """
    first = next((line for line in read_bytes(path).split(b"\n") if line.strip()), b"{}")
    try:
        record = from_json(first)
    except ValueError:
        return False
    return isinstance(record, dict) and not record.keys() <= UnlabelledItem.model_fields.keys()


def unlabelled_study_items(path: Path, rubric: Rubric, content: Path | None = None) -> tuple[StudyItem, ...]:
    """The items of a file of unlabelled items.

    Args:
        path: the file (JSONL, one item a line).
        rubric: names the task and the fields that are shown.
        content: a second file with `item_id` and `content`.

    Raises:
        InputError: with every problem found.
    """
    found = load_unlabelled(path, task=rubric.task, content=content)
    items = tuple(
        StudyItem(
            record.item_id, record.content or {}, record.cluster, record.split, metadata=dict(record.metadata)
        )
        for record in found.records
    )
    problems = [
        _without_text(path, None, item.item_id, rubric) for item in items if lacks_content(item.content, rubric)
    ]
    if problems:
        raise InputError(problems)
    return items


def labelled_study_items(path: Path, rubric: Rubric, content: Path | None = None) -> tuple[StudyItem, ...]:
    """The items of a label file without what anybody said about them; gold labels are kept (and never shown).

    Args:
        path: the file (JSONL, one item a line); it need not hold any votes.
        rubric: names the task, the labels and the fields that are shown.
        content: a second file with `item_id` and `content`.

    Raises:
        InputError: with every problem found.
    """
    lines = read_jsonl(path, SoftLabel)
    texts = {} if content is None else _texts(content)
    problems = [*lines.problems, *_repeated(lines)]
    if not lines.records and not problems:
        problems.append(Problem("is empty", path=path, fix="one item a line, as JSON"))
    items = []
    for number, record in lines.records:
        text = record.content or texts.get(record.item_id) or {}
        problems += _misfits(record, rubric, path, number)
        if lacks_content(text, rubric):
            problems.append(_without_text(path, number, record.item_id, rubric))
        items.append(
            StudyItem(record.item_id, text, record.cluster, record.split, record.gold_label, dict(record.metadata))
        )
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return tuple(items)


def _misfits(record: SoftLabel, rubric: Rubric, path: Path, number: int) -> Iterator[Problem]:
    if record.task != rubric.task:
        message = f"differs from the task of the rubric, {shorten(rubric.task)!r}"
        fix = "use the rubric of this task, or correct the name"
        yield Problem(message, path, number, "task", shorten(record.task), fix)
    gold = record.gold_label
    if gold is not None and gold not in rubric.label_names:
        near = nearest(gold, rubric.label_names)
        fix = f"did you mean {shorten(near)!r}?" if near else "name one of the rubric's labels"
        yield Problem("is not a label of the rubric", path, number, "gold_label", shorten(gold), fix)


def _repeated(lines: Lines[SoftLabel]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, record in lines.records:
        if (before := first.setdefault(record.item_id, number)) != number:
            message = f"is not unique: it stands on line {before} already"
            yield Problem(message, lines.path, number, "item_id", shorten(record.item_id), "one line an item")


def _texts(path: Path) -> dict[str, dict[str, str]]:
    lines = read_jsonl(path, ItemContent)
    if lines.problems:
        raise InputError(lines.problems)
    return {record.item_id: record.content for _, record in lines.records}


def _without_text(path: Path, number: int | None, item_id: str, rubric: Rubric) -> Problem:
    wanted = f"of the fields {', '.join(map(shorten, rubric.fields))}" if rubric.fields else "in content"
    fix = "put it into the line's content, or give --content FILE with item_id and content"
    return Problem(f"there is no text to show {wanted}", path, number, "item_id", shorten(item_id), fix)
