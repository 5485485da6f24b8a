"""Labelled items made from counts."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.humans import HumanLabels, labels_from_counts


def humans_from_counts(
    counts: Sequence[Sequence[float]], labels: Sequence[str], scale: str = "nominal"
) -> HumanLabels:
    """Labelled items without files, all counts known, with four-digit ids."""
    ids = [f"item-{row:04d}" for row in range(len(counts))]
    return labels_from_counts(counts, labels, scale=scale, task="test", item_ids=ids)
