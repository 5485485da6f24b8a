"""What is labelled: the rubric, the items, and the order in which each reviewer sees them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from panel_eval.labelling.names import known_spelling
from panel_eval.schema import Rubric


@dataclass(frozen=True)
class StudyItem:
    """One item to label.

    Attributes:
        item_id: unique.
        content: text fields; the rubric's `fields` of them are shown.
        cluster, split, gold_label, metadata: go into the label file; reviewers never see them.
    """

    item_id: str
    content: Mapping[str, str]
    cluster: str | None = None
    split: str | None = None
    gold_label: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """Items, the rubric they are labelled by, and how the page asks.

    Attributes:
        rubric: labels, definitions, criteria.
        items: in the order of their file.
        reviewers: who may label; anybody if empty.
        seed: of the order of items.
        in_order: every reviewer sees the file's order.
        require_confidence: a label needs a confidence.
    """

    rubric: Rubric
    items: tuple[StudyItem, ...]
    reviewers: tuple[str, ...] = ()
    seed: int = 0
    in_order: bool = False
    require_confidence: bool = False

    @cached_property
    def item_ids(self) -> frozenset[str]:
        """Ids of all items."""
        return frozenset(item.item_id for item in self.items)

    @cached_property
    def criteria(self) -> frozenset[str]:
        """Names of the rubric's criteria."""
        return frozenset(criterion.name for criterion in self.rubric.criteria)

    def order_for(self, reviewer: str) -> tuple[StudyItem, ...]:
        """The items as one reviewer sees them: shuffled by seed and name.

        Each item's place goes by a hash of its own, so items that are added later leave the others in their order.
        """
        if self.in_order:
            return self.items
        return tuple(sorted(self.items, key=lambda item: _sha256([self.seed, reviewer, item.item_id])))

    def shown_fields(self, item: StudyItem) -> list[tuple[str, str]]:
        """Names and texts of the fields that reviewers see, in the rubric's order."""
        return [(name, item.content[name]) for name in self.rubric.fields or item.content]

    def may_label(self, reviewer: str) -> bool:
        """Whether this reviewer is one of those asked for."""
        return not self.reviewers or known_spelling(reviewer, self.reviewers) is not None

    @cached_property
    def rubric_digest(self) -> str:
        """sha256 of what reviewers see of the rubric; its `version` and what only judges need are left out."""
        shown = self.rubric.model_dump(include={"task", "description", "scale", "labels", "criteria", "examples"})
        return _sha256(shown)

    @cached_property
    def item_digests(self) -> dict[str, str]:
        """Item id to a digest of the text that is shown."""
        return {item.item_id: _sha256(self.shown_fields(item))[:16] for item in self.items}

    @cached_property
    def editions(self) -> dict[str, str]:
        """Item id to a digest of all that its label is given by: the item's text and the rubric."""
        return {item: _sha256([self.rubric_digest, text])[:16] for item, text in self.item_digests.items()}


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
