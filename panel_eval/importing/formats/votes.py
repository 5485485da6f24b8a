"""Votes of judges, one JSON object each, keys as the user names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped, Entry, Item
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, positive, usage_of
from panel_eval.importing.values import at_path, identifier, number, text, time_text
from panel_eval.schema import Outcome

ROLES = {
    "item": ("item_id", "item", "id", "uid"),
    "judge": ("judge", "model", "annotator"),
    "label": ("label", "answer", "verdict", "rating", "output", "response"),
    "distribution": ("distribution", "probs", "probabilities"),
    "outcome": ("outcome",),
    "rationale": ("rationale", "reasoning", "explanation"),
    "confidence": ("confidence",),
    "sample": ("sample",),
    "at": ("at", "timestamp"),
    "gold": ("gold_label", "gold"),
}
_FAILED = frozenset(get_args(Outcome)) - {"ok"}


def _read(source: Source) -> Iterator[Entry]:
    for line, record in Records(source.path):
        if isinstance(record, Dropped):
            yield record
            continue
        item_id = identifier(_value(record, "item", source))
        if item_id is None:
            yield Dropped("no_item", "names no item", line)
            continue
        content = {name: text(at_path(record, name)) for name in source.mapping.content or ("text",)}
        told = {name: value for name, value in content.items() if value is not None}
        yield Item(item_id, content=told, gold_label=_value(record, "gold", source), line=line)
        yield _answer(item_id, record, source).entry(line)


def _answer(item_id: str, record: dict[str, Any], source: Source) -> ModelAnswer:
    outcome, masses = _value(record, "outcome", source), _value(record, "distribution", source)
    return ModelAnswer(
        item_id=item_id,
        judge=identifier(_value(record, "judge", source)) or next(iter(source.mapping.judges), "judge"),
        said=_value(record, "label", source) if masses is None else {"distribution": masses},
        error=text(record.get("error")),
        recorded=outcome if isinstance(outcome, str) and outcome in _FAILED else None,  # type: ignore[arg-type]
        beside={
            "rationale": text(_value(record, "rationale", source)),
            "confidence": _share(_value(record, "confidence", source), source),
            "sample": _whole(_value(record, "sample", source)),
            "at": time_text(_value(record, "at", source)),
            "usage": usage_of(record.get("usage")),
            "cost_usd": positive(record.get("cost_usd")),
            "latency_s": positive(record.get("latency_s")),
        },
    )


def _value(record: dict[str, Any], role: str, source: Source) -> Any:
    named = source.mapping.fields.get(role)  # type: ignore[call-overload]
    if named is not None:
        return at_path(record, named)
    return next((record[key] for key in ROLES[role] if key in record), None)


def _share(value: Any, source: Source) -> float | None:
    low, high = source.mapping.confidence_range
    given = number(value)
    share = None if given is None else (given - low) / (high - low)
    return share if share is not None and 0 <= share <= 1 else None


def _whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found >= 0 and found.is_integer() and found < 2**31 else None


FORMAT = Format(
    name="votes",
    title="votes of judges, one JSON object each, keys of your choice",
    example='{"item_id": "t-1", "judge": "gpt-4o", "label": "negative", "rationale": "broke"}',
    read=_read,
    makes=frozenset({"votes"}),
    roles=ROLES,
    page="import/votes.md",
)
