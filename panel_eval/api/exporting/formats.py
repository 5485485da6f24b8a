"""The shapes of training rows: all that is known of an item, or what one kind of trainer takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.api.exporting.columns import NUMBER, NUMBERS, TEXT, WHOLE, Column, content_columns
from panel_eval.api.exporting.rows import NOTHING, TrainingRows
from panel_eval.schema import Estimate, SoftLabel
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import IntArray

Values = Sequence[Any] | NDArray[Any]
"""Of one column."""
Fill = Callable[[TrainingRows, str], list[Values]]
"""Rows of one split -> the values of each column, in order."""

SOURCE = Column("source", TEXT, "human: the reviewers' distribution; panel: the judges' forecast, no human label")
WEIGHT = Column(
    "weight", NUMBER, "reviewers behind the target: their number, or how many the panel is worth (its n_eq)"
)
ITEM_ID = Column("item_id", TEXT, "the item")
_TAKEN_BY_TRAINERS = ("label", "labels", "label_ids")


@dataclass(frozen=True)
class Shape:
    """The columns of a format and how they are filled."""

    columns: tuple[Column, ...]
    fill: Fill


@dataclass(frozen=True)
class Layout:
    """What all formats of an export share.

    Attributes:
        labels: the rubric's labels, in order.
        fields: the content fields that are written.
        n_eq: what the panel is worth; None where no panel targets are written.
    """

    labels: tuple[str, ...]
    fields: tuple[str, ...]
    n_eq: Estimate | None


def soft_label_shape(layout: Layout) -> Shape:
    """Everything: the target as list and label by label, where it comes from, and what is known of the item."""
    labels = layout.labels
    after = (
        Column("soft_label", NUMBERS, "probability of each label, in label order; sums to 1"),
        *(Column(f"p_{label}", NUMBER, f"probability of the label {label}") for label in labels),
        Column("hard_label", WHOLE, "the likeliest label; null where several are", labels),
        SOURCE,
        WEIGHT,
        Column("reviewers", WHOLE, "reviewers of the item; null for panel rows"),
        Column("expected_n_eq", NUMBER, "reviewers that the panel is worth; null for human rows"),
        Column("expected_n_eq_low", NUMBER, "lower end of its 95 % interval"),
        Column("expected_n_eq_high", NUMBER, "upper end of its 95 % interval"),
        Column(
            "adjudicated_label", WHOLE, "the label that adjudication settled on; null where there was none", labels
        ),
        Column("entropy_bits", NUMBER, "entropy of the target"),
        Column("disagreement_class", TEXT, "how the reviewers disagree; null for panel rows"),
        Column("cluster", TEXT, "items that share an origin share this; null where the item names none"),
        Column("split", TEXT, "data split"),
    )
    texts = _text_columns(layout, (ITEM_ID, *after))

    def fill(rows: TrainingRows, split: str) -> list[Values]:
        panel = rows.from_panel
        n_eq = [None if layout.n_eq is None else getattr(layout.n_eq, end) for end in ("estimate", "low", "high")]
        return [
            rows.item_ids,
            *_texts(layout, rows),
            _lists(rows),
            *rows.target.T,
            _numbers(rows.hard_label),
            sources(rows),
            rows.weight,
            _numbers(np.where(panel, NOTHING, rows.reviewers)),
            *([value if is_panel else None for is_panel in panel.tolist()] for value in n_eq),
            _adjudicated(rows, labels),
            entropy_bits(rows.target),
            rows.disagreement_class,
            [record.cluster for record in rows.records],
            [split] * len(rows),
        ]

    return Shape((ITEM_ID, *texts, *after), fill)


def classification_shape(layout: Layout) -> Shape:
    """Text and a list of probabilities, for trainers of classifiers with soft targets."""
    after = (
        Column(
            "label", NUMBERS, "probability of each label, in label order: the target of a softmax cross-entropy"
        ),
        WEIGHT,
        SOURCE,
        ITEM_ID,
    )

    def fill(rows: TrainingRows, _: str) -> list[Values]:
        return [*_texts(layout, rows), _lists(rows), rows.weight, sources(rows), rows.item_ids]

    return Shape((*_text_columns(layout, after), *after), fill)


def safety_shape(layout: Layout, violations: Sequence[int]) -> Shape:
    """Text and the probability that a reviewer calls it a violation, for binary classifiers with soft targets.

    Args:
        layout: of the export.
        violations: the labels that are violations.
    """
    names = ", ".join(layout.labels[number] for number in violations)
    after = (
        Column("label", NUMBER, f"share of the target on the violating labels ({names}): a target from 0 to 1"),
        WEIGHT,
        SOURCE,
        ITEM_ID,
    )
    chosen = list(violations)

    def fill(rows: TrainingRows, _: str) -> list[Values]:
        risk = rows.target[:, chosen].sum(axis=1).clip(0.0, 1.0)
        return [*_texts(layout, rows), risk, rows.weight, sources(rows), rows.item_ids]

    return Shape((*_text_columns(layout, after), *after), fill)


def _text_columns(layout: Layout, others: Sequence[Column]) -> list[Column]:
    names = content_columns(layout.fields, [*(column.name for column in others), *_TAKEN_BY_TRAINERS])
    return [Column(name, TEXT, f"the item's content field {field}") for field, name in names.items()]


def _texts(layout: Layout, rows: TrainingRows) -> list[list[str | None]]:
    contents = rows.contents
    return [[content.get(field) for content in contents] for field in layout.fields]


def _lists(rows: TrainingRows) -> list[list[float]]:
    shares: list[list[float]] = rows.target.tolist()
    return shares


def _numbers(numbers: IntArray) -> list[int | None]:
    return [None if number == NOTHING else number for number in numbers.tolist()]


def sources(rows: TrainingRows) -> list[str]:
    """(n_rows,) the values of the column `source`."""
    return ["panel" if panel else "human" for panel in rows.from_panel.tolist()]


def _adjudicated(rows: TrainingRows, labels: Sequence[str]) -> list[int | None]:
    named = [record.adjudicated_label if isinstance(record, SoftLabel) else None for record in rows.records]
    return [None if label is None else labels.index(label) for label in named]
