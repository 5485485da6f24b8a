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
    if policy == "fixed":
        return [labels] * samples
    digest = hashlib.sha256(f"{seed}\n{item_id}".encode()).digest()
    offset = int.from_bytes(digest[:8], "big")
    return [_rotated(labels, (offset + sample) % len(labels)) for sample in range(samples)]


def _rotated(labels: tuple[str, ...], by: int) -> tuple[str, ...]:
    return labels[by:] + labels[:by]
