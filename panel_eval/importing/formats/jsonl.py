"""One JSON object an answer, keys as the user names them: logs of one's own tools, and of `panel-eval label`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from panel_eval.errors import shorten
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.long import ROLES
from panel_eval.importing.values import at_path, text, written_name


def _read(source: Source) -> Iterator[Entry]:
    told: dict[str, tuple[Any, ...]] = {}
    keys: dict[str, None] = {}
    for line, record in Records(source.path):
        if isinstance(record, Dropped):
            yield record
            continue
        if record.keys() - keys.keys():
            keys.update(dict.fromkeys(record))
        item_id = written_name(_value(record, "item", source))
        if item_id is not None:
            item = _item(item_id, record, source, line)
            facts = (tuple(item.content.items()), item.cluster, item.gold_label, item.split)
            if told.setdefault(item_id, facts) is facts or told[item_id] != facts:
                yield item
        yield Annotation(
            item_id=item_id,  # type: ignore[arg-type]
            reviewer=written_name(_value(record, "reviewer", source)),
            label=_value(record, "label", source),
            line=line,
            confidence=_value(record, "confidence", source),
            evidence=text(_value(record, "evidence", source)),
            criterion=text(_value(record, "criterion", source)),
            seconds=_value(record, "seconds", source),
            at=_value(record, "at", source),
        )

    if left_out := [key for key in keys if key not in _heeded(source)]:
        shown = ", ".join(shorten(key, 40) for key in left_out[:20])
        more = f" and {len(left_out) - 20:,} more" if len(left_out) > 20 else ""
        yield Note(f"keys left out: {shown}{more} (--content NAME keeps one as a text field)")


def _heeded(source: Source) -> set[str]:
    """Keys, and the first of paths of keys, that are something."""
    named = source.mapping.fields
    roles = {key for role, keys in ROLES.items() for key in ([named[role]] if role in named else keys)}
    paths = roles | set(source.mapping.content or ("text", "content"))
    return paths | {path.partition(".")[0] for path in paths}


def _value(record: dict[str, Any], role: str, source: Source) -> Any:
    """What a record has in a role: at the path that the user named, else under the first known key."""
    named = source.mapping.fields.get(role)  # type: ignore[call-overload]
    if named is not None:
        return at_path(record, named)
    return next((record[key] for key in ROLES[role] if key in record), None)


def _item(item_id: str, record: dict[str, Any], source: Source, line: int) -> Item:
    named = {name: text(at_path(record, name)) for name in source.mapping.content}
    if not source.mapping.content:
        given = record.get("content", record.get("text"))
        inner = given if isinstance(given, dict) else {"text": given}
        named = {name: text(value) for name, value in inner.items()}
    return Item(
        item_id=item_id,
        content={name: value for name, value in named.items() if value is not None},
        cluster=text(_value(record, "cluster", source)),
        gold_label=_value(record, "gold", source),
        split=text(_value(record, "split", source)),
        line=line,
    )


FORMAT = Format(
    name="jsonl",
    title="one JSON object an answer, keys of your choice",
    example='{"item": "t-1", "reviewer": "A", "label": "negative", "text": "It broke."}',
    read=_read,
    roles=ROLES,
    page="import/jsonl.md",
)
