"""In which order labels are listed, so that a liking for the first one does not look like an opinion."""

from __future__ import annotations

import hashlib
from typing import Literal

LabelOrders = Literal["fixed", "balanced"]


def label_orders(
    labels: tuple[str, ...], policy: LabelOrders, samples: int, item_id: str, seed: int = 0
) -> list[tuple[str, ...]]:
    """The label order of each sample of one item.

    ``fixed`` is the rubric's order. ``balanced`` takes successive rows of the cyclic Latin square, beginning at a
    row drawn from the item's id: over any len(labels) successive samples each label stands once at each place, and
    with a single sample the places are even across items. Rotation keeps neighbours of an ordinal scale together.

    Args:
        labels: label names in rubric order.
        policy: ``fixed`` or ``balanced``.
        samples: votes per item.
        item_id: the item.
        seed: the panel's seed.

    Returns:
        One order per sample.
    """
    square = latin_square(labels, policy)
    first = first_row(item_id, seed)
    return [square[(first + sample) % len(square)] for sample in range(samples)]


def latin_square(labels: tuple[str, ...], policy: LabelOrders) -> tuple[tuple[str, ...], ...]:
    """The orders that samples take in turn: all rotations of the labels, or only the rubric's order."""
    return tuple(labels[by:] + labels[:by] for by in range(len(labels) if policy == "balanced" else 1))


def first_row(item_id: str, seed: int) -> int:
    """Where an item begins in its Latin square, before it is taken modulo the number of rows; 64 bits."""
    digest = hashlib.sha256(f"{seed}\n{item_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
