"""What is told of the items of an import beside their votes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from panel_eval.importing.entries import Item
from panel_eval.importing.values import without_nan


@dataclass
class ItemFacts:
    """What is known of one item so far."""

    content: dict[str, str] = field(default_factory=dict)
    cluster: str | None = None
    gold_label: str | None = None
    split: str | None = None
    adjudicated_label: str | None = None
    adjudication_reason: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def take(self, told: Item) -> list[str]:
        """Add what an entry tells, labels apart; returns the fields on which it contradicts an earlier one."""
        contradicted = []
        for name, value in told.content.items():
            if self.content.setdefault(name, value) != value:
                contradicted.append(f"content.{name}")
        for name in ("cluster", "split", "adjudication_reason"):
            contradicted += self.settle(name, getattr(told, name))
        for name, value in told.metadata.items():
            value = without_nan(value)
            if self.metadata.setdefault(name, value) != value:
                contradicted.append(f"metadata.{name}")
        return contradicted

    def settle(self, name: str, value: str | None) -> list[str]:
        """Set a field that has no value yet; the name of the field where it already has another one."""
        if value is None:
            return []
        before = getattr(self, name)
        if before is None:
            setattr(self, name, value)
        return [] if before in (None, value) else [name]


class ItemRegister:
    """Items by the order in which they are met."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}
        self.ids: list[str] = []
        self.facts: dict[int, ItemFacts] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def code(self, item_id: str) -> int:
        """The number of an item, a new one if it was not met before."""
        found = self._code.get(item_id)
        if found is None:
            found = self._code[item_id] = len(self.ids)
            self.ids.append(item_id)
        return found

    def facts_of(self, code: int) -> ItemFacts:
        """What is known of an item, to be added to."""
        found = self.facts.get(code)
        if found is None:
            found = self.facts[code] = ItemFacts()
        return found
