"""Labelled items from arrays, without a file: for notebooks, simulations and tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.humans.disagreement import disagreement_class
from panel_eval.humans.labels import HumanLabels
from panel_eval.schema import Scale, SoftLabel


def labels_from_counts(
    counts: ArrayLike,
    labels: Sequence[str],
    *,
    scale: Scale = "nominal",
    task: str = "labels",
    item_ids: Sequence[str] | None = None,
    records: Sequence[SoftLabel] | None = None,
) -> HumanLabels:
    """Labelled items from the number of reviewers who chose each label.

    Args:
        counts: (n_items, n_labels) whole numbers, at least one vote an item.
        labels: (n_labels,) names; in scale order if the scale is ordinal.
        scale: nominal or ordinal.
        task: name of the task.
        item_ids: (n_items,) unique; item-0000000 … by default.
        records: (n_items,) what else is known of each item, such as who voted what; nothing by default.

    Raises:
        ValueError: the shapes do not fit, a count is no whole number from 0, or an item has no vote.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(labels):
        raise ValueError(f"counts must be (n_items, {len(labels)}); found shape {table.shape}")
    if not (np.isfinite(table).all() and (table >= 0).all() and (table == np.rint(table)).all()):
        raise ValueError("counts must be whole numbers from 0")
    reviewers = table.sum(axis=1)
    if not reviewers.all():
        raise ValueError(f"item {int(np.flatnonzero(reviewers == 0)[0])} has no vote")
    ids = tuple(f"item-{row:07d}" for row in range(len(table))) if item_ids is None else tuple(item_ids)
    if len(set(ids)) != len(table):
        raise ValueError(f"item_ids must be {len(table)} different names")
    classes, adjacent_tie = disagreement_class(table, scale)
    bare = (SoftLabel.model_construct(item_id=item_id, task=task) for item_id in ids)
    return HumanLabels(
        task=task,
        labels=tuple(labels),
        scale=scale,
        label_values=np.arange(len(labels), dtype=np.float64),
        item_ids=ids,
        counts=table,
        counts_known=np.ones(len(table), dtype=bool),
        reviewer_count=reviewers.astype(np.int64),
        distribution=table / reviewers[:, None],
        derived_class=tuple(classes),
        adjacent_tie=np.asarray(adjacent_tie),
        reported_class=(None,) * len(table),
        clusters=None,
        records=tuple(bare) if records is None else records,
    )
