"""Records as Argilla's version 1 writes them."""

from __future__ import annotations

from typing import Any

from panel_eval.importing.formats.argilla_shapes import (
    ArgillaRecord,
    Suggestion,
    UserAnswers,
    answers_by_user,
    as_list,
    metadata_of,
    status_of,
)
from panel_eval.importing.values import label_text, number, objects_in

_SUGGESTION = "-suggestion"
ABOUT = f"{_SUGGESTION}-metadata"
_OF_THE_RECORD = frozenset({"id", "status", "external_id", "vectors", "metadata"})


def users_in_list(responses: Any) -> list[UserAnswers]:
    """Responses in a list: by user (version 1, and the server's own), or one a question."""
    listed = objects_in(responses)
    if any("question_name" in given for given in listed):
        by_question: dict[str, list[dict[str, Any]]] = {}
        for given in listed:
            by_question.setdefault(str(given.get("question_name")), []).append(given)
        return answers_by_user(by_question, None)
    return [_user_v1(given) for given in listed]


def _user_v1(given: dict[str, Any]) -> UserAnswers:
    answered = given.get("values")
    values = {name: _bare(value) for name, value in answered.items()} if isinstance(answered, dict) else {}
    at = given.get("updated_at") or given.get("inserted_at")
    return UserAnswers(given.get("user_id"), status_of(given.get("status")), values, at)


def data_set_row(record: dict[str, Any]) -> ArgillaRecord:
    """A row of a data set of version 1: `label`, `label-suggestion`, `label-suggestion-metadata`."""
    questions = [key.removesuffix(ABOUT) for key in record if key.endswith(ABOUT)]
    taken = {*_OF_THE_RECORD}
    suggestions = []
    for name in questions:
        taken |= {name, f"{name}{_SUGGESTION}", f"{name}{ABOUT}"}
        about = record.get(f"{name}{ABOUT}")
        told = about if isinstance(about, dict) else {}
        value = record.get(f"{name}{_SUGGESTION}")
        suggestions.append(Suggestion(name, value, told.get("score"), told.get("agent"), told.get("type")))
    answers = {name: _responses_v1(record.get(name)) for name in questions}
    fields = {name: value for name, value in record.items() if name not in taken and value is not None}
    users = answers_by_user(answers, None)
    return ArgillaRecord(record.get("external_id"), fields, metadata_of(record), users, suggestions, raw=record)


def _responses_v1(given: Any) -> list[dict[str, Any]]:
    """Responses to one question: objects, or, as older versions of `datasets` store them, an object of lists."""
    if isinstance(given, dict):
        columns = {name: as_list(values) for name, values in given.items()}
        longest = max(map(len, columns.values()), default=0)
        return [
            {name: values[place] for name, values in columns.items() if place < len(values)}
            for place in range(longest)
        ]
    return objects_in(given)


def classified_text(record: dict[str, Any]) -> ArgillaRecord:
    """A record of version 1's `DatasetForTextClassification`: an annotation and a prediction."""
    question = "annotation"
    status = {"discarded": "discarded"}.get(str(record.get("status", "")).lower(), "submitted")
    given, predicted = record.get("annotation"), objects_in(record.get("prediction"))
    users = [] if given is None else [UserAnswers(record.get("annotation_agent"), status, {question: given})]
    suggestions = []
    if predicted:
        scores = {label_text(one.get("label")) or "": number(one.get("score")) or 0.0 for one in predicted}
        best = max(scores, key=lambda label: scores[label])
        total = sum(scores.values())
        spread = not record.get("multi_label") and abs(total - 1) < 0.01 and min(scores.values()) >= 0
        shares = {label: score / total for label, score in scores.items()} if spread else None
        suggestions = [Suggestion(question, best, scores[best], record.get("prediction_agent"), shares=shares)]
    inputs = record.get("inputs")
    fields = inputs if isinstance(inputs, dict) else {"text": record.get("text")}
    return ArgillaRecord(record.get("id"), fields, metadata_of(record), users, suggestions, raw=record)


def _bare(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "value" in value else value
