"""What is put to a judge: one item, with the labels in the order this sample shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One item as put to one judge once.

    Attributes:
        item_id: the item's id in the label file.
        content: named text fields of the item, in the order they are shown. Data, never instructions.
        label_order: every label of the rubric, in the order the judge sees them.
        sample: which repetition this is, from 0.
    """

    item_id: str
    content: Mapping[str, str]
    label_order: tuple[str, ...]
    sample: int = 0
