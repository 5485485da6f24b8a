"""Synthetic label files with named reviewers, some of whom give random labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.schema import Rationale, ReviewerConfidence, SoftLabel


def named_labels(
    votes: list[dict[str, str]],
    labels: tuple[str, ...],
    scale: str = "nominal",
    confidence: list[dict[str, float]] | None = None,
    evidence: list[dict[str, str]] | None = None,
    **fields: list[object],
) -> HumanLabels:
    """Items from reviewer -> label, with whatever else their records say."""
    counts = np.array([[sum(v == label for v in own.values()) for label in labels] for own in votes], float)
    records = tuple(
        SoftLabel(
            item_id=f"item-{row:05d}",
            task="test",
            rationales=[
                Rationale(reviewer=who, label=label, evidence=(evidence[row] if evidence else {}).get(who))
                for who, label in own.items()
            ],
            confidence=[ReviewerConfidence(reviewer=who, value=v) for who, v in confidence[row].items()]
            if confidence
            else None,
            **{key: values[row] for key, values in fields.items()},
        )
        for row, own in enumerate(votes)
    )
    ids = [record.item_id for record in records]
    return labels_from_counts(counts, labels, scale=scale, task="test", item_ids=ids, records=records)


@dataclass(frozen=True)
class Planted:
    """A synthetic delivery and what was done to it.

    Attributes:
        humans: the labels.
        split: (n_items,) items whose population is genuinely split; only able reviewers labelled them.
        slipped: (n_items,) items with a random label that differs from the one the reviewer would have given.
    """

    humans: HumanLabels
    split: np.ndarray
    slipped: np.ndarray


def planted_errors(
    seed: int, careless: int = 3, rate: float = 0.5, items: int = 400, able: int = 17, per_item: int = 5
) -> Planted:
    """Two items in three are clear (97 % one label), one in three is split (50:35:15).

    Clear items are labelled by any of the reviewers, split ones by able reviewers only; careless reviewers give
    a random label instead of their own with probability `rate`.
    """
    generator = np.random.default_rng([seed, 4711])
    labels = ("a", "b", "c")
    split = np.arange(items) % 3 == 0
    slipped = np.zeros(items, dtype=bool)
    votes: list[dict[str, str]] = []
    for row in range(items):
        order = generator.permutation(3)
        shares = np.array([0.5, 0.35, 0.15] if split[row] else [0.97, 0.02, 0.01])
        people = generator.choice(able if split[row] else able + careless, per_item, replace=False)
        own = {}
        for person in sorted(people.tolist()):
            label = order[generator.choice(3, p=shares)]
            if person >= able and generator.random() < rate:
                other = generator.integers(3)
                slipped[row] |= other != label
                label = other
            own[f"r{person:02d}"] = labels[label]
        votes.append(own)
    return Planted(named_labels(votes, labels), split, slipped)
