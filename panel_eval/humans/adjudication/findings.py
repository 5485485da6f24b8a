"""What a check is given of an item, and what it finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from panel_eval.errors import shorten
from panel_eval.schema import SoftLabel

SHOWN_CHARS = 60


@dataclass(frozen=True)
class CheckedItem:
    """An item as a check sees it. The reviewers' votes are in the record, but no check looks at them.

    Attributes:
        record: the item, its content joined.
        answers: its row in the file of answers; empty where it has none.
    """

    record: SoftLabel
    answers: Mapping[str, Any] = field(default_factory=dict)

    def text_at(self, source: str) -> str | None:
        """The text that a policy's source names; numbers and truth values as JSON writes them.

        Args:
            source: see `schema.adjudication_policy.Source`.

        Returns:
            None where the item has nothing there, or something that is no single value.
        """
        if source == "gold_label":
            return self.record.gold_label
        place, _, key = source.partition(".")
        if place == "content":
            return (self.record.content or {}).get(key)
        return _as_text(_inside(self.record.metadata if place == "metadata" else self.answers, key))


@dataclass(frozen=True)
class Finding:
    """What a check found of an item.

    Attributes:
        label: the right one; None where the check cannot tell.
        why: in a few words, in one line.
        failed: whether the check itself did not come to an end: it crashed, took too long, answered nonsense.
    """

    label: str | None
    why: str
    failed: bool = False


class Checking(Protocol):
    """A check at work: items in, findings out."""

    def __call__(self, item: CheckedItem) -> Finding:
        """What the check finds of one item."""


def quoted(text: str) -> str:
    """A text from data within a sentence of ours: one short line, in quotes."""
    return f'"{shorten(text, SHOWN_CHARS)}"'


def _inside(data: Mapping[str, Any], key: str) -> Any:
    """The value of a key, or inside nested objects by a key with dots."""
    if key in data:
        return data[key]
    head, _, rest = key.partition(".")
    inner = data.get(head)
    return _inside(inner, rest) if rest and isinstance(inner, Mapping) else None


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None
