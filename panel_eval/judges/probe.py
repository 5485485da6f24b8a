"""A probe: one small question to a judge, and what its answer shows about the provider.

The question is an item made up here, never one of the user's, in the judge's own prompt and with its own settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel_eval.judges.json_scan import whole_object
from panel_eval.judges.judge import Judge
from panel_eval.judges.logprobs import seen_at_answer
from panel_eval.judges.outcome import NotAnswered
from panel_eval.judges.probe_words import lack_of_error, lacks_of_answer, shown
from panel_eval.judges.question import Question
from panel_eval.judges.wire import TransportError, WireReply, WireRequest
from panel_eval.schema import Outcome, Probe, VoteError

MADE_UP = "A plain sentence, made up to try out the judge."
"""What stands in every field of the item."""

_NAME_CHARACTERS = 120
_MESSAGE_CHARACTERS = 300
_HOPELESS = frozenset({"auth", "not_found", "payment", "bad_request", "setup"})


def made_up_question(judge: Judge) -> Question:
    """The question of a probe: a short item with the rubric's fields."""
    return Question("probe", dict.fromkeys(judge.rubric.fields or ["text"], MADE_UP), judge.label_square[0])


def answered_probe(judge: Judge, at: str, request: WireRequest, reply: WireReply, choices: int | None) -> Probe:
    """What a reply shows.

    Args:
        judge: who was asked.
        at: when, UTC, ISO 8601.
        request: as it was sent in the end.
        reply: what came.
        choices: answers that came when two were asked for; None = that was not asked for, or refused.
    """
    read = judge.read(request, reply)
    missed = read.answer if isinstance(read.answer, NotAnswered) else None
    looked_at = request.logprobs and (missed is None or missed.outcome != "refusal")
    logprobs, captured = seen_at_answer(reply, request) if looked_at else (None, None)
    return Probe(
        **_identity(judge, at),
        outcome="ok" if missed is None else missed.outcome,
        error=None if missed is None else _error(judge, missed),
        model_reported=_name(judge, reply.model_reported),
        response_mode=request.response_mode,
        obeyed=_obeyed(request, reply, missed),
        logprobs=logprobs,
        captured_mass=captured,
        n=choices,
        seed=None if request.seed is None else "sent" if reply.seed_sent else "not taken",
        system_fingerprint=_name(judge, reply.system_fingerprint),
        finish_reason=_name(judge, reply.finish_reason),
        usage=reply.usage,
        usage_reported=reply.usage.input_tokens + reply.usage.output_tokens > 0,
        cost_usd=read.cost_usd,
        lacks=lacks_of_answer(judge, missed, logprobs, len(request.codes)),
    )


def failed_probe(judge: Judge, at: str, error: TransportError) -> Probe:
    """What it shows that no reply came. Refusals by policy and questions that are too long are answers."""
    try:
        answer = judge.read_failure(error).answer
    except TransportError:
        answer = NotAnswered("error", error.message, error.kind, error.status)
    assert isinstance(answer, NotAnswered)  # an error is never an answer
    lacks = [lack_of_error(judge, error)]
    return Probe(**_identity(judge, at), outcome=answer.outcome, error=_error(judge, answer), lacks=lacks)


def unasked_probe(judge: Judge, at: str, outcome: Outcome, kind: str, message: str) -> Probe:
    """A judge that could not be asked: its local server does not start, or the budget has no room."""
    error = VoteError(kind=kind, message=shown(judge, message, _MESSAGE_CHARACTERS))
    return Probe(**_identity(judge, at), outcome=outcome, error=error, lacks=[error.message])


def bars_a_run(probe: Probe) -> bool:
    """Whether every vote of the judge would fail as its probe did, so that a run should not begin.

    Outages pass, and a refused, odd or cut-off answer is one answer; those bar nothing.
    """
    hopeless = probe.outcome == "error" and probe.error is not None and probe.error.kind in _HOPELESS
    return hopeless or probe.outcome == "too_long" or probe.logprobs == 0


def was_answered(probe: Probe) -> bool:
    """Whether a probe shows what the judge can do, so that it need not be asked again."""
    return probe.outcome not in ("error", "over_budget") and not bars_a_run(probe)


def _identity(judge: Judge, at: str) -> dict[str, Any]:
    return {"judge": judge.id, "model": judge.config.model, "instrument_hash": judge.instrument_hash, "at": at}


def _error(judge: Judge, missed: NotAnswered) -> VoteError:
    message = shown(judge, missed.detail, _MESSAGE_CHARACTERS)
    return VoteError(kind=missed.kind or missed.outcome, message=message, status=missed.status)


def _name(judge: Judge, text: str | None) -> str | None:
    return None if text is None else shown(judge, text, _NAME_CHARACTERS)


def _obeyed(request: WireRequest, reply: WireReply, missed: NotAnswered | None) -> bool | None:
    """Whether the whole answer has the shape that was asked for."""
    if request.response_mode == "text" or (missed is not None and missed.outcome in ("refusal", "truncated")):
        return None
    value = whole_object(reply.text or "")
    if value is None or request.response_mode == "json_object" or request.response_schema is None:
        return value is not None
    return _fits(value, request.response_schema)


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a JSON value fits a schema of the kinds that judges ask with; lengths of texts are not looked at."""
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "object":
        parts: Mapping[str, Mapping[str, Any]] = schema["properties"]
        return set(value) == set(parts) and all(_fits(value[name], part) for name, part in parts.items())
    if schema["type"] == "string":
        return isinstance(value, str)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (schema["type"] == "number" or float(value).is_integer())
