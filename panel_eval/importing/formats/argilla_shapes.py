"""What every version's records of Argilla hold, as one shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from panel_eval.importing.values import at_path, label_text


@dataclass(frozen=True)
class UserAnswers:
    """What one user answered in one record: question to value."""

    name: Any
    status: str | None
    values: Mapping[str, Any]
    at: Any = None


@dataclass(frozen=True)
class Suggestion:
    """What a model suggested for one question; `shares` where it is a distribution."""

    question: str
    value: Any
    score: Any = None
    agent: Any = None
    kind: Any = None
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True)
class ArgillaRecord:
    """One record, whichever version wrote it."""

    item_id: Any
    fields: Mapping[str, Any]
    metadata: Mapping[str, Any]
    users: Sequence[UserAnswers]
    suggestions: Sequence[Suggestion]
    carried: Any = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    def named(self, path: str) -> Any:
        """What stands at a path of the fields, else of the metadata, else of the record."""
        for part in (self.fields, self.metadata, self.raw):
            if (found := at_path(part, path)) is not None:
                return found
        return None


def answers_by_user(answers: Mapping[str, Sequence[dict[str, Any]]], names: Any) -> list[UserAnswers]:
    """Answers by question as answers by user; users without a name are told apart by their place."""
    found: dict[tuple[Any, int], dict[str, Any]] = {}
    status: dict[tuple[Any, int], str | None] = {}
    for question, given in answers.items():
        nameless = 0
        for answer in given:
            who = label_text(answer.get("user_id"))
            nameless += who is None
            key = (who, nameless if who is None else 0)
            found.setdefault(key, {})[question] = answer.get("value")
            status[key] = status.get(key) or status_of(answer.get("status"))
    known = names if isinstance(names, dict) else {}
    return [UserAnswers(known.get(who, who), status[who, n], values) for (who, n), values in found.items()]


def metadata_of(record: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a record; version 1 stores it as JSON text in data sets."""
    given = record.get("metadata")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {}
    return given if isinstance(given, dict) else {}


def status_of(value: Any) -> str | None:
    """Whether a response is `submitted`, `discarded` or a `draft`; None where it does not say."""
    return value.lower() if isinstance(value, str) else None


def as_list(value: Any) -> list[Any]:
    """A list; empty where it is none."""
    return value if isinstance(value, list) else []
