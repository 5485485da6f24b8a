"""What annotation tools have no place for, carried along with a record under one key of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel_eval.importing.entries import Item
from panel_eval.importing.values import text
from panel_eval.schema import SoftLabel

CARRIED = "panel_eval"
_FACTS = ("cluster", "split", "gold_label", "adjudicated_label", "adjudication_reason")


def carried_facts(record: SoftLabel) -> dict[str, Any]:
    """What is known of an item beside its text and its votes; JSON values."""
    facts = {name: getattr(record, name) for name in _FACTS}
    return {name: value for name, value in facts.items() if value is not None}


def item_with(
    item_id: str, content: Mapping[str, Any], metadata: Mapping[str, Any], carried: Any, line: int, **named: Any
) -> Item:
    """An item of a tool's record.

    Args:
        item_id: its name.
        content: text fields; others become JSON, pictures and sounds inside a record are left out.
        metadata: the tool's.
        carried: what stands under `CARRIED`; anything may.
        line: where the record stands.
        named: cluster, split, gold_label as the user's mapping finds them; they go first.
    """
    facts: dict[str, Any] = {}
    given = carried if isinstance(carried, dict) else {}
    for name in _FACTS:
        value = named.get(name)
        facts[name] = text(value if value is not None else given.get(name))
    texts = {name: text(value) for name, value in content.items() if not is_media(value)}
    shown = {name: value for name, value in texts.items() if value is not None}
    return Item(item_id=item_id, content=shown, metadata=dict(metadata), line=line, **facts)


def is_media(value: object) -> bool:
    """Whether a value is a picture or a sound written as text: `data:image/png;base64,…`."""
    return isinstance(value, str) and value.startswith("data:") and ";base64," in value[:200]
