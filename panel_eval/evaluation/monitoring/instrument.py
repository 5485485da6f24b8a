"""What makes a panel the same instrument from night to night, and in which words it is another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from panel_eval.errors import shorten

_SHOWN = 4
_LONG = 40
_HASH = "hash"


@dataclass(frozen=True)
class Instrument:
    """Everything but the items that decides what scores mean: judges, prompts, rubric, pooling, reported models.

    Attributes:
        facts: part (such as `judge a`, `rubric`) to its settings, as texts. A setting called `hash`, or ending in
        it,
            stands for something too long to show.
    """

    facts: Mapping[str, Mapping[str, str]]

    @cached_property
    def digest(self) -> str:
        """Eight digits that tell instruments apart."""
        text = json.dumps({part: dict(own) for part, own in self.facts.items()}, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:8]

    def changes_since(self, earlier: Instrument) -> str:
        """What is not as it was, in words; an empty text for the same instrument."""
        told: list[str] = []
        for part in sorted(self.facts.keys() | earlier.facts.keys()):
            before, now = earlier.facts.get(part), self.facts.get(part)
            if before is None or now is None:
                told.append(f"{shorten(part)} is {'new' if before is None else 'gone'}")
            elif before != now:
                told.append(f"{shorten(part)}: {_setting_changes(before, now)}")
        more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        return "; ".join(told[:_SHOWN]) + more


def _setting_changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    keys = [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]
    plain = [key for key in keys if not key.endswith(_HASH)]
    hashed = [key.removesuffix(_HASH).strip(" _") for key in keys if key.endswith(_HASH)]
    # The hash of a whole judge changes with any of its settings; alone it says that what changed is not shown.
    named = [f"{name} changed" for name in hashed if name] or (["changed"] if hashed and not plain else [])
    shown = [f"{key} {_value(before.get(key))} → {_value(now.get(key))}" for key in plain]
    return ", ".join([*shown, *named][:_SHOWN])


def _value(value: str | None) -> str:
    return "none" if value is None else shorten(value, _LONG)
