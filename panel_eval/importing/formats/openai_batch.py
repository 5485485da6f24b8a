"""Output files of OpenAI's Batch API: chat completions and responses. Providers that copied it write the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped, Entry
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, usage_of
from panel_eval.importing.values import at_path, identifier, text


def _read(source: Source) -> Iterator[Entry]:
    path = source.mapping.fields.get("item", "custom_id")
    for line, record in Records(source.path):
        if isinstance(record, Dropped):
            yield record
            continue
        item_id = identifier(at_path(record, path))
        if item_id is None:
            yield Dropped("no_item", f"names no item at {path}", line)
            continue
        body = at_path(record, "response.body")
        body = body if isinstance(body, dict) else {}
        judge = next(iter(source.mapping.judges), None) or identifier(body.get("model")) or "batch"
        for answer in _answers(item_id, judge, record, body, source):
            yield answer.entry(line)


def _answers(
    item_id: str, judge: str, record: dict[str, Any], body: dict[str, Any], source: Source
) -> Iterator[ModelAnswer]:
    """The answers to one request: several where several were asked for."""
    beside = {
        "model_reported": text(body.get("model")),
        "snapshot": text(body.get("system_fingerprint")),
        "usage": usage_of(body.get("usage")),
        "batch": text(record.get("id")),
    }
    if (error := _error(record, body)) is not None:
        yield ModelAnswer(item_id, judge, error=error, beside=beside)
        return
    choices = body.get("choices")
    for said, finish, refusal in _chat(choices) if isinstance(choices, list) else [_response(body)]:
        yield ModelAnswer(
            item_id,
            judge,
            said=said,
            finish_reason=finish,
            refusal=refusal,
            label_path=source.mapping.fields.get("label"),
            beside=beside,
        )
        beside = {**beside, "usage": None}  # the request is paid for once


def _error(record: dict[str, Any], body: dict[str, Any]) -> str | None:
    """Why there is no answer: the batch's error, the response's, or a status that is none of success."""
    for found in (record.get("error"), body.get("error")):
        if found:
            return text(at_path(found, "message")) or text(found)
    status = at_path(record, "response.status_code")
    if not body:
        return f"no response (status {status})"
    return None if status in (None, 200) else f"status {status}"


def _chat(choices: list[Any]) -> Iterator[tuple[Any, str | None, str | None]]:
    """(text, finish reason, refusal) of each choice of a chat completion."""
    for choice in choices or [{}]:
        message = at_path(choice, "message")
        yield at_path(message, "content"), text(at_path(choice, "finish_reason")), text(at_path(message, "refusal"))


def _response(body: dict[str, Any]) -> tuple[Any, str | None, str | None]:
    """(text, finish reason, refusal) of a body of the Responses API."""
    said, refusals = [], []
    output = body.get("output")
    for message in output if isinstance(output, list) else []:
        parts = at_path(message, "content")
        for part in parts if isinstance(parts, list) else []:
            if (spoken := text(at_path(part, "text"))) is not None:
                said.append(spoken)
            if (refused := text(at_path(part, "refusal"))) is not None:
                refusals.append(refused)
    reason = text(at_path(body, "incomplete_details.reason"))
    return "".join(said) or None, reason, refusals[0] if refusals else None


FORMAT = Format(
    name="openai-batch",
    title="output files of the OpenAI Batch API",
    example='{"custom_id": "t-1", "response": {"status_code": 200, "body": {"choices": [{"message": …}]}}}',
    read=_read,
    makes=frozenset({"votes"}),
    roles={"item": ("custom_id",), "label": ()},
    page="import/openai-batch.md",
)
