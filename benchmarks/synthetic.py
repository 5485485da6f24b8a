"""Human labels and votes made from arrays, without files, for the benchmarks that simulate or subsample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval import HumanLabels, Vote
from panel_eval.humans import labels_from_counts
from panel_eval.schema import SoftLabel
from panel_eval.schema.soft_label import Rationale


def humans_from_counts(
    counts: np.ndarray, labels: Sequence[str], scale: str = "nominal", reviewers: np.ndarray | None = None
) -> HumanLabels:
    """Labelled items from votes for each label, all known.

    Args:
        counts: (n_items, n_labels) whole numbers.
        labels: names of the labels.
        scale: nominal or ordinal.
        reviewers: (n_items, n) who gave the votes of each item, in label order; default: not named.
    """
    table = np.asarray(counts, dtype=np.float64)
    ids = item_ids(len(table))
    rationales = [[] for _ in ids] if reviewers is None else _rationales(table, labels, reviewers)
    records = tuple(
        SoftLabel.model_construct(item_id=item_id, task="simulated", rationales=own)
        for item_id, own in zip(ids, rationales, strict=True)
    )
    return labels_from_counts(table, labels, scale=scale, task="simulated", item_ids=ids, records=records)


def item_ids(n_items: int) -> tuple[str, ...]:
    return tuple(f"item-{row:07d}" for row in range(n_items))


def distribution_votes(
    judge: str, q: np.ndarray, labels: Sequence[str], confidence: np.ndarray | None = None
) -> list[Vote]:
    """One probability-valued vote of a judge for each item; q is (n_items, n_labels)."""
    sure = [None] * len(q) if confidence is None else confidence.tolist()
    return [
        Vote.model_construct(
            item_id=item_id, judge=judge, distribution=dict(zip(labels, row, strict=True)), confidence=own
        )
        for item_id, row, own in zip(item_ids(len(q)), q.tolist(), sure, strict=True)
    ]


def _rationales(counts: np.ndarray, labels: Sequence[str], reviewers: np.ndarray) -> list[list[Rationale]]:
    chosen = np.array([np.repeat(np.arange(len(labels)), row) for row in counts.astype(np.int64)])
    return [
        [
            Rationale.model_construct(reviewer=f"r{person}", label=labels[code])
            for person, code in zip(people, codes, strict=True)
        ]
        for people, codes in zip(reviewers.tolist(), chosen.tolist(), strict=True)
    ]
