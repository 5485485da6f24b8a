"""Records of Argilla, told apart by their shape; those of version 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from panel_eval.importing.carried import CARRIED
from panel_eval.importing.formats.argilla_shapes import (
    ArgillaRecord,
    Suggestion,
    answers_by_user,
    as_list,
    metadata_of,
)
from panel_eval.importing.formats.argilla_v1 import ABOUT, classified_text, data_set_row, users_in_list
from panel_eval.importing.values import at_path, objects_in

_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
_OF_THE_RECORD = frozenset({"id", "status", "_server_id", "external_id", "score", "vectors", "metadata", CARRIED})


def argilla_record(record: dict[str, Any], field_names: Sequence[str]) -> ArgillaRecord | None:
    """A record of any version; None where it is none.

    Args:
        record: as read.
        field_names: the fields as the settings name them; empty where there are none. Flat records do not tell
            fields from metadata.
    """
    if isinstance(record.get("fields"), dict):
        return _nested(record)
    if any(key.endswith(ABOUT) for key in record):
        return data_set_row(record)
    if "_server_id" in record or any(key.endswith((_RESPONSES, _SUGGESTION)) for key in record):
        return _flat(record, field_names)
    if {"annotation", "prediction"} <= record.keys():
        return classified_text(record)
    return None


def _nested(record: dict[str, Any]) -> ArgillaRecord:
    """Version 2 (`responses` by question) and version 1 (`responses` by user)."""
    responses, suggestions = record.get("responses"), record.get("suggestions")
    names = at_path(record, f"{CARRIED}.reviewers")
    by_question = (
        {question: objects_in(given) for question, given in responses.items()}
        if isinstance(responses, dict)
        else {}
    )
    users = answers_by_user(by_question, names) if isinstance(responses, dict) else users_in_list(responses)
    if isinstance(suggestions, dict):
        named = [{**given, "question_name": name} for name, given in suggestions.items() if isinstance(given, dict)]
    else:
        named = objects_in(suggestions)
    identity = record.get("external_id") or record.get("id")
    kept = record.get(CARRIED)
    more = kept.get("metadata") if isinstance(kept, dict) else None
    return ArgillaRecord(
        identity,
        record["fields"],
        {**metadata_of(record), **(more if isinstance(more, dict) else {})},
        users,
        [_suggestion(given) for given in named],
        kept,
        record,
    )


def _suggestion(given: dict[str, Any]) -> Suggestion:
    name = str(given.get("question_name") or given.get("question_id") or "")
    return Suggestion(name, given.get("value"), given.get("score"), given.get("agent"), given.get("type"))


def _flat(record: dict[str, Any], field_names: Sequence[str]) -> ArgillaRecord:
    """A row of a data set of version 2: `label.responses`, `label.responses.users`, `label.suggestion`."""
    answers, suggestions = {}, []
    taken = set(_OF_THE_RECORD)
    for key in record:
        if key.endswith(_RESPONSES):
            taken |= {key, f"{key}.users", f"{key}.status"}
            answers[key.removesuffix(_RESPONSES)] = list(_side_by_side(record, key))
        elif key.endswith(_SUGGESTION):
            taken |= {key, f"{key}.score", f"{key}.agent"}
            name, score, agent = (
                key.removesuffix(_SUGGESTION),
                record.get(f"{key}.score"),
                record.get(f"{key}.agent"),
            )
            suggestions.append(Suggestion(name, record[key], score, agent))
    rest = {name: value for name, value in record.items() if name not in taken and value is not None}
    fields = {
        name: value for name, value in rest.items() if (name in field_names if field_names else _is_text(value))
    }
    metadata = {name: value for name, value in rest.items() if name not in fields and not _is_vector(value)}
    return ArgillaRecord(
        record.get("id"), fields, metadata, answers_by_user(answers, None), suggestions, raw=record
    )


def _side_by_side(record: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    values, users, status = (as_list(record.get(name)) for name in (key, f"{key}.users", f"{key}.status"))
    for place, value in enumerate(values):
        yield {
            "value": value,
            "user_id": users[place] if place < len(users) else None,
            "status": status[place] if place < len(status) else None,
        }


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and any(isinstance(part, dict) for part in value))


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, float) for part in value)
