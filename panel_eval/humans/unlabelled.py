"""Items that no human labelled: judges are asked about them, and nothing is compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans.columns import RecordFields, compact, shared
from panel_eval.humans.contents import join_contents
from panel_eval.humans.identity import cluster_names, repeated_ids
from panel_eval.humans.records import ItemRecords
from panel_eval.schema import SoftLabel, UnlabelledItem
from panel_eval.schema.columnar import Block, read_blocks
from panel_eval.schema.json_lines import JsonLines, LazyRecords, read_lines
from panel_eval.schema.plain_soft_label import PLAIN_UNLABELLED_ITEM
from panel_eval.schema.reading import collector_paused
from panel_eval.stats.arrays import BoolArray, IntArray

_ONLY_OF_LABELS = SoftLabel.model_fields.keys() - UnlabelledItem.model_fields.keys()


@dataclass(frozen=True, eq=False)
class UnlabelledItems:
    """Items without human labels.

    Attributes:
        item_ids: (n_items,) in file order; none of them is labelled.
        clusters: (n_items,) which items share an origin, named as in `HumanLabels`; None if no item has a cluster.
        records: (n_items,) the records as they stand in the file, each made when it is asked for.
    """

    item_ids: tuple[str, ...] = ()
    clusters: tuple[str, ...] | None = None
    records: Sequence[UnlabelledItem] = ()

    def __len__(self) -> int:
        return len(self.item_ids)


def load_unlabelled(
    path: str | Path,
    *,
    labelled: Collection[str] = (),
    task: str | None = None,
    content: str | Path | None = None,
) -> UnlabelledItems:
    """Read a file of unlabelled items (JSONL, one item a line).

    Args:
        path: the file.
        labelled: ids of the items that people labelled; an item is either labelled or not.
        task: the rubric's; an item that names its task must name this one.
        content: a second JSONL file with `item_id` and `content`, joined on `item_id`; it may hold more items.

    Raises:
        InputError: with every problem found in either file.
    """
    lines = read_lines(Path(path))
    with collector_paused():
        found = _read(lines)
    problems = [*found.problems]
    if not len(lines):
        problems.append(Problem("is empty", path=path, fix="one item a line, as JSON"))
    whole = lines if len(found.rows) == len(lines) else lines.take(found.rows)
    problems += repeated_ids(whole, found.item_ids, "one line an item")
    problems += _labelled_too(whole, found.item_ids, frozenset(labelled))
    problems += _foreign_tasks(whole, found.tasks, task)
    problems.sort(key=lambda problem: problem.line or 0)
    lazy = LazyRecords(whole, UnlabelledItem)
    records = ItemRecords(lazy)
    if content is not None:
        records, misjoined = join_contents(lazy, found.item_ids, found.has_content, Path(content))
        problems += misjoined
    if problems:
        raise InputError(problems)
    return UnlabelledItems(tuple(found.item_ids), cluster_names(found.item_ids, found.clusters), records)


@dataclass(frozen=True)
class _Found:
    """What stands on the valid lines, and what is wrong with the others."""

    rows: IntArray
    item_ids: list[str]
    tasks: list[str | None]
    clusters: list[str | None]
    has_content: BoolArray
    problems: list[Problem]


def _read(lines: JsonLines) -> _Found:
    rows, has_content = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=bool)]
    found = _Found(rows[0], [], [], [], has_content[0], [])
    for block in read_blocks(lines, UnlabelledItem, PLAIN_UNLABELLED_ITEM):
        fields = RecordFields(block.records)
        rows.append(np.array(block.rows, dtype=np.int64))
        has_content.append(np.array([value is not None for value in fields.values("content")], dtype=bool))
        found.item_ids.extend(compact(fields.values("item_id")))
        found.tasks.extend(shared(fields.values("task")))
        found.clusters.extend(shared(fields.values("cluster")))
        found.problems.extend(_explained(block))
    return replace(found, rows=np.concatenate(rows), has_content=np.concatenate(has_content))


def _explained(block: Block[UnlabelledItem]) -> Iterator[Problem]:
    """The problems of a block; where an item brings human labels, with the place that they belong to."""
    for problem in block.problems:
        brings_labels = problem.key is not None and problem.key.split(".")[0] in _ONLY_OF_LABELS
        fix = "an item with human labels belongs into the label file"
        yield replace(problem, fix=fix) if brings_labels else problem


def _labelled_too(lines: JsonLines, item_ids: Sequence[str], labelled: frozenset[str]) -> Iterator[Problem]:
    if labelled.isdisjoint(item_ids):
        return
    for row, item_id in enumerate(item_ids):
        if item_id in labelled:
            message, fix = "has human labels: it stands in the label file too", "keep it in one of the two files"
            yield Problem(message, lines.path, int(lines.numbers[row]), "item_id", shorten(item_id), fix)


def _foreign_tasks(lines: JsonLines, tasks: Sequence[str | None], expected: str | None) -> Iterator[Problem]:
    if expected is None or tasks.count(None) + tasks.count(expected) == len(tasks):
        return
    for row, task in enumerate(tasks):
        if task is not None and task != expected:
            message = f"differs from the task of the labels, {shorten(expected)!r}"
            fix = "correct it, or leave it out"
            yield Problem(message, lines.path, int(lines.numbers[row]), "task", shorten(task), fix)
