"""Requests, replies and errors as plain tuples: what crosses the border between two processes.

Nothing of litellm, aiohttp or pydantic crosses it, and no exception: unpickling those is how clusters hang. A
record holds what a transport over HTTP needs of a request, so not the question behind it.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from panel_eval.errors import JudgeSetupError, PanelEvalError, shorten
from panel_eval.judges.question import Question
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import Message, TokenLogprob, TransportError, WireReply, WireRequest
from panel_eval.schema import Usage

Record = tuple[Any, ...]

_NO_QUESTION = Question("", {}, ())


def request_record(request: WireRequest) -> Record:
    """A request as a plain tuple."""
    return (
        request.model,
        tuple((message.role, message.content) for message in request.messages),
        request.max_tokens,
        request.temperature,
        request.top_p,
        request.seed,
        request.response_schema,
        request.response_mode,
        request.logprobs,
        request.top_logprobs,
        request.timeout_s,
        request.n,
    )


def request_of(record: Record) -> WireRequest:
    """The request in a record, without the question behind it."""
    model, messages, *settings, n = record
    turns = tuple(Message(role, content) for role, content in messages)
    return WireRequest(*(model, turns, *settings, _NO_QUESTION, (), n))


def record_size(record: Record) -> int:
    """About how many bytes a request's record has on the wire; its texts are nearly all of it."""
    return 500 + sum(len(content) for _, content in record[1])


def reply_record(reply: WireReply) -> Record:
    """A reply as a plain tuple."""
    logprobs = reply.token_logprobs
    return (
        "reply",
        reply.text,
        reply.finish_reason,
        reply.refusal,
        None if logprobs is None else tuple(astuple(token) for token in logprobs),
        reply.usage.model_dump(exclude_defaults=True),
        reply.model_reported,
        reply.choices,
        reply.system_fingerprint,
        reply.seed_sent,
    )


def error_record(error: Exception) -> Record:
    """Whatever a transport raised as a plain tuple; free of keys."""
    if isinstance(error, TransportError):
        return (
            "error",
            error.kind,
            without_keys(error.message),
            error.status,
            error.retry_after_s,
            error.retryable,
            error.fatal_for_judge,
            error.may_be_billed,
        )
    kind = "setup" if isinstance(error, PanelEvalError) else "fault"
    name = "" if kind == "setup" else f"{type(error).__name__}: "
    return (kind, without_keys(f"{name}{shorten(str(error), 500)}"))


def outcome_size(record: Record) -> int:
    """About how many bytes a reply's or an error's record has on the wire."""
    text, logprobs = (record[1] or "", record[4] or ()) if record[0] == "reply" else ("", ())
    return 200 + len(text) + sum(30 + 20 * len(token[2]) for token in logprobs)


def reply_of(record: Record, node: str) -> WireReply:
    """The reply in a record.

    Args:
        record: a reply or an error, as the worker told it.
        node: where the worker is, for errors that have to be mended there.

    Raises:
        TransportError: the record tells of one.
        JudgeSetupError: the node lacks something.
        RuntimeError: the transport raised what it never should.
    """
    kind, *facts = record
    if kind == "reply":
        text, finish_reason, refusal, logprobs, usage, *provenance = facts
        tokens = None if logprobs is None else tuple(TokenLogprob(*token) for token in logprobs)
        return WireReply(text, finish_reason, refusal, tokens, Usage(**usage), *provenance)
    if kind == "error":
        raise _transport_error(facts, node)
    if kind == "setup":
        raise JudgeSetupError(f"on node {node}: {facts[0]}")
    raise RuntimeError(f"on node {node}: {facts[0]}")


def _transport_error(facts: list[Any], node: str) -> TransportError:
    kind, message, status, retry_after_s, retryable, fatal, billed = facts
    return TransportError(
        kind,
        f"{message} (on node {node})" if fatal else message,
        status=status,
        retry_after_s=retry_after_s,
        retryable=retryable,
        fatal_for_judge=fatal,
        may_be_billed=billed,
    )
