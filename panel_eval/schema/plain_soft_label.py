"""What plain soft labels, unlabelled items and contents look like; see `plain_rows`. Adds nothing to the models."""

from __future__ import annotations

from typing import get_args

from panel_eval.schema.plain_rows import (
    PlainFields,
    anything_in_an_object,
    choice,
    mapping,
    only,
    real,
    text,
    whole,
)
from panel_eval.schema.soft_label import DisagreementClass

PLAIN_SOFT_LABEL = PlainFields(
    {
        "schema_version": whole(1, 1),
        "item_id": text(empty=False),
        "task": text(empty=False),
        "distribution": mapping(real(1.0)),
        "reviewer_count": whole(1, nullable=True),
        "entropy_bits": real(nullable=True),
        "confidence": only(None),
        "disagreement_class": choice(get_args(DisagreementClass), nullable=True),
        "rationales": only([]),
        "adjudicated_label": only(None),
        "adjudication_reason": text(nullable=True),
        "counts": mapping(whole()),
        "content": mapping(text()),
        "cluster": text(nullable=True),
        "gold_label": text(nullable=True),
        "split": text(nullable=True),
        "metadata": anything_in_an_object(),
    },
    required=frozenset({"item_id", "task"}),
)

PLAIN_UNLABELLED_ITEM = PlainFields(
    {
        "schema_version": whole(1, 1),
        "item_id": text(empty=False),
        "task": text(nullable=True, empty=False),
        "content": mapping(text()),
        "cluster": text(nullable=True),
        "split": text(nullable=True),
        "metadata": anything_in_an_object(),
    },
    required=frozenset({"item_id"}),
)

PLAIN_ITEM_CONTENT = PlainFields(
    {
        "item_id": text(empty=False),
        "content": mapping(text(), nullable=False),
        "metadata": anything_in_an_object(),
    },
    required=frozenset({"item_id", "content"}),
)
