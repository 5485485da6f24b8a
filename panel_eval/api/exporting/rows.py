"""Items with soft targets, whoever the target comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.pooling import smooth
from panel_eval.schema import Smoothing, SoftLabel, UnlabelledItem
from panel_eval.schema.training_export import HumanTarget
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

NOTHING = -1
"""In place of the number of a label: there is none."""
_JEFFREYS = Smoothing(alpha=0.5)


@dataclass(frozen=True)
class TrainingRows:
    """Items with soft targets, human and panel rows told apart.

    Attributes:
        item_ids: (n_rows,).
        target: (n_rows, n_labels) distributions, in the rubric's label order.
        from_panel: (n_rows,) whether the target is the panel's forecast; else it is people's.
        reviewers: (n_rows,) people behind a human row; 0 for panel rows.
        weight: (n_rows,) reviewers behind the row; for panel rows, that the panel is worth.
        disagreement_class: (n_rows,) of people's votes; None for panel rows.
        clusters: (n_rows,) which rows share an origin; an item without a cluster is its own.
        place: (n_rows,) where the item's record stands.
        labelled: records of human rows.
        unlabelled: records of panel rows.
    """

    item_ids: tuple[str, ...]
    target: FloatArray
    from_panel: BoolArray
    reviewers: IntArray
    weight: FloatArray
    disagreement_class: tuple[str | None, ...]
    clusters: tuple[str, ...]
    place: IntArray
    labelled: Sequence[SoftLabel] = ()
    unlabelled: Sequence[UnlabelledItem] = ()

    def __len__(self) -> int:
        return len(self.item_ids)

    def take(self, rows: IntArray) -> TrainingRows:
        """Some of the rows."""
        places = rows.tolist()
        return replace(
            self,
            item_ids=tuple(self.item_ids[row] for row in places),
            target=self.target[rows],
            from_panel=self.from_panel[rows],
            reviewers=self.reviewers[rows],
            weight=self.weight[rows],
            disagreement_class=tuple(self.disagreement_class[row] for row in places),
            clusters=tuple(self.clusters[row] for row in places),
            place=self.place[rows],
        )

    @cached_property
    def records(self) -> list[SoftLabel | UnlabelledItem]:
        """(n_rows,) what the files say of the items; ask for few rows at a time."""
        return [
            self.unlabelled[place] if panel else self.labelled[place]
            for panel, place in zip(self.from_panel.tolist(), self.place.tolist(), strict=True)
        ]

    @property
    def contents(self) -> list[Mapping[str, str]]:
        """(n_rows,) the text of each item; empty where it has none."""
        return [record.content or {} for record in self.records]

    @property
    def hard_label(self) -> IntArray:
        """(n_rows,) number of the likeliest label; `NOTHING` where several are."""
        likeliest = mode_sets(self.target)
        return np.where(likeliest.sum(axis=1) == 1, likeliest.argmax(axis=1), NOTHING)


def human_rows(humans: HumanLabels, kind: HumanTarget) -> TrainingRows:
    """A row for each labelled item, in the order of their ids: what people said, and how many they were."""
    order = np.argsort(np.array(humans.item_ids, dtype=str), kind="stable")
    reviewers = humans.reviewer_count.astype(np.float64)
    target = humans.distribution
    if kind == "posterior":
        target = smooth(target, reviewers, _JEFFREYS, humans.labels)
    return TrainingRows(
        item_ids=humans.item_ids,
        target=target,
        from_panel=np.zeros(len(humans), dtype=bool),
        reviewers=humans.reviewer_count,
        weight=reviewers,
        disagreement_class=humans.derived_class,
        clusters=humans.clusters or _alone(humans.item_ids),
        place=np.arange(len(humans)),
        labelled=humans.records,
    ).take(order)


def panel_rows(items: UnlabelledItems, q: FloatArray, weight: float) -> TrainingRows:
    """A row for each unlabelled item that the panel forecasts, in the order of their ids.

    Args:
        items: the items.
        q: (n_items, n_labels) the panel's forecasts; NaN rows where no judge answered.
        weight: how many reviewers such a forecast counts as.
    """
    order = np.argsort(np.array(items.item_ids, dtype=str), kind="stable")
    return TrainingRows(
        item_ids=items.item_ids,
        target=q,
        from_panel=np.ones(len(items), dtype=bool),
        reviewers=np.zeros(len(items), dtype=np.int64),
        weight=np.full(len(items), weight),
        disagreement_class=(None,) * len(items),
        clusters=items.clusters or _alone(items.item_ids),
        place=np.arange(len(items)),
        unlabelled=items.records,
    ).take(order[~np.isnan(q[order]).any(axis=1)])


def joined(people: TrainingRows, panel: TrainingRows) -> TrainingRows:
    """Human rows, then panel rows."""
    return TrainingRows(
        item_ids=people.item_ids + panel.item_ids,
        target=np.concatenate([people.target, panel.target]),
        from_panel=np.concatenate([people.from_panel, panel.from_panel]),
        reviewers=np.concatenate([people.reviewers, panel.reviewers]),
        weight=np.concatenate([people.weight, panel.weight]),
        disagreement_class=people.disagreement_class + panel.disagreement_class,
        clusters=people.clusters + panel.clusters,
        place=np.concatenate([people.place, panel.place]),
        labelled=people.labelled,
        unlabelled=panel.unlabelled,
    )


def _alone(item_ids: tuple[str, ...]) -> tuple[str, ...]:
    """A cluster for each item, named as those of items without one."""
    return tuple(f"item:{item_id}" for item_id in item_ids)
