"""Human soft labels as arrays: items first, labels in the rubric's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.humans.records import ItemRecords
from panel_eval.humans.unlabelled import UnlabelledItems
from panel_eval.schema import Rubric, Scale, SoftLabel

if TYPE_CHECKING:
    from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class HumanLabels:
    """What several reviewers said about each item.

    Attributes:
        task: name of the task.
        labels: (n_labels,) names, the label axis of every array.
        scale: nominal or ordinal; if ordinal, labels stand in scale order.
        label_values: (n_labels,) severities used for distances; positions 0, 1, 2 … by default.
        item_ids: (n_items,) in file order.
        counts: (n_items, n_labels) votes; mass × reviewer_count where the votes are not known.
        counts_known: (n_items,) whether `counts` are votes. False: only effective counts are known.
        reviewer_count: (n_items,) reviewers behind each item, at least 1.
        distribution: (n_items, n_labels) shares; each row sums to 1.
        derived_class: (n_items,) our disagreement class.
        adjacent_tie: (n_items,) ordinal ties between two adjacent labels.
        reported_class: (n_items,) the class in the file, None where it names none.
        clusters: (n_items,) which items share an origin; an item without one is its own. None if no item has one.
        records: (n_items,) the records as they stand in the file; of a file, each is made when it is asked for.
    """

    task: str
    labels: tuple[str, ...]
    scale: Scale
    label_values: FloatArray
    item_ids: tuple[str, ...]
    counts: FloatArray
    counts_known: BoolArray
    reviewer_count: IntArray
    distribution: FloatArray
    derived_class: tuple[str, ...]
    adjacent_tie: BoolArray
    reported_class: tuple[str | None, ...]
    clusters: tuple[str, ...] | None
    records: Sequence[SoftLabel]

    def __len__(self) -> int:
        return len(self.item_ids)

    @cached_property
    def index(self) -> dict[str, int]:
        """Item id → row."""
        return dict(zip(self.item_ids, range(len(self)), strict=True))

    def select(self, rows: Sequence[int] | NDArray[Any]) -> HumanLabels:
        """The given rows, in the given order, as labels of their own.

        Args:
            rows: row numbers, or a mask (n_items,) of booleans.

        Raises:
            ValueError: a mask of another length.
            IndexError: there is no such row.
        """
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            if chosen.shape != (len(self),):
                raise ValueError(f"a mask needs {len(self)} entries; it has shape {chosen.shape}")
            chosen = np.flatnonzero(chosen)
        chosen = chosen.astype(np.int64)
        positions = chosen.tolist()
        return HumanLabels(
            task=self.task,
            labels=self.labels,
            scale=self.scale,
            label_values=self.label_values,
            item_ids=tuple(map(self.item_ids.__getitem__, positions)),
            counts=_fixed(self.counts[chosen]),
            counts_known=_fixed(self.counts_known[chosen]),
            reviewer_count=_fixed(self.reviewer_count[chosen]),
            distribution=_fixed(self.distribution[chosen]),
            derived_class=tuple(map(self.derived_class.__getitem__, positions)),
            adjacent_tie=_fixed(self.adjacent_tie[chosen]),
            reported_class=tuple(map(self.reported_class.__getitem__, positions)),
            clusters=None if self.clusters is None else tuple(map(self.clusters.__getitem__, positions)),
            records=_selected(self.records, chosen),
        )


def missing_content(items: HumanLabels | UnlabelledItems, rubric: Rubric) -> list[str]:
    """Ids of the items that judges could not be shown, in file order.

    An item is missing content if it lacks one of the rubric's `fields`, or if all text it would show is blank.
    """
    return [record.item_id for record in items.records if lacks_content(record.content or {}, rubric)]


def lacks_content(content: Mapping[str, str], rubric: Rubric) -> bool:
    """Whether one of the rubric's `fields` is missing, or all text that would be shown is blank."""
    shown = rubric.fields or list(content)
    return any(name not in content for name in shown) or not any(content[name].strip() for name in shown)


def _selected(records: Sequence[SoftLabel], rows: IntArray) -> Sequence[SoftLabel]:
    return records.take(rows) if isinstance(records, ItemRecords) else tuple(records[row] for row in rows.tolist())


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
