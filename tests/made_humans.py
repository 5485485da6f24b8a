"""Labelled items made from counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.humans import HumanLabels, disagreement_class
from panel_eval.schema import SoftLabel


def humans_from_counts(
    counts: Sequence[Sequence[float]], labels: Sequence[str], scale: str = "nominal"
) -> HumanLabels:
    """Labelled items without files, all counts known."""
    table = np.array(counts, dtype=np.float64)
    ids = tuple(f"item-{row:04d}" for row in range(len(table)))
    classes, tie = disagreement_class(table, scale)
    return HumanLabels(
        task="test",
        labels=tuple(labels),
        scale=scale,
        label_values=np.arange(len(labels), dtype=np.float64),
        item_ids=ids,
        counts=table,
        counts_known=np.ones(len(table), dtype=bool),
        reviewer_count=table.sum(axis=1).astype(np.int64),
        distribution=table / table.sum(axis=1, keepdims=True),
        derived_class=tuple(classes),
        adjacent_tie=np.asarray(tie),
        reported_class=(None,) * len(table),
        clusters=None,
        records=tuple(SoftLabel(item_id=item_id, task="test") for item_id in ids),
    )
