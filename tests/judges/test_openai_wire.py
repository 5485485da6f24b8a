"""Chat completions as data: whatever a provider sends is a reply or a `TransportError`, never another exception."""

from __future__ import annotations

import json

import pytest
from constructed_server import VOTE, completion
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges.http_errors import answer_error, error_in_answer
from panel_eval.judges.openai_wire import read_completion
from panel_eval.judges.wire import RETRYABLE_KINDS, TransportError, WireReply

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
PLACES = ("choices", "message", "content", "usage", "prompt_tokens", "prompt_tokens_details", "logprobs",
          "top_logprobs", "finish_reason", "model", "error", "refusal")  # fmt: skip


def _with(value, place, put):
    """The value with `put` at every key called `place`, which is added where it is missing."""
    if isinstance(value, list):
        return [_with(each, place, put) for each in value]
    if not isinstance(value, dict):
        return value
    return {**{name: _with(each, place, put) for name, each in value.items()}, place: put}


def _read(answer):
    try:
        return read_completion(answer)
    except TransportError as error:
        return error


@given(ANYTHING)
def test_any_json_is_a_reply_or_an_error_that_may_be_billed(answer):
    read = _read(answer)
    assert isinstance(read, WireReply) or read.may_be_billed


@given(st.sampled_from(PLACES), ANYTHING)
def test_anything_anywhere_in_an_answer_is_a_reply_or_an_error_that_may_be_billed(place, put):
    read = _read(_with(completion(VOTE), place, put))
    assert isinstance(read, TransportError) or read.usage.input_tokens >= 0
    if isinstance(read, WireReply) and read.text is not None:
        read.text.encode("utf-8")
        assert read.finish_reason in {"stop", "length", "content_filter"}


@pytest.mark.parametrize("error", [None, "", {}, {"message": ""}, {"message": None, "code": None}])
def test_an_error_that_says_nothing_is_none(error):
    answer = {**completion(VOTE), "error": error}
    assert error_in_answer(answer) is None
    assert read_completion(answer).text == VOTE


@pytest.mark.parametrize(
    ("error", "kind"),
    [("down", "server"), ({"message": "x", "code": 502}, "server"), ({"message": "x", "code": 401}, "auth"),
     ({"message": "x", "code": "odd"}, "server"), ({"message": "x", "code": 10**30}, "server")],
)  # fmt: skip
def test_an_error_with_status_200_is_judged_by_its_code(error, kind):
    found = error_in_answer({"error": error})
    assert (found.kind, found.status, found.may_be_billed) == (kind, None, True)


@given(
    st.integers(400, 599),
    ANYTHING | st.binary(max_size=50),
    st.sampled_from(["message", "code", "error", "detail"]),
)
def test_any_error_body_is_a_short_message_that_bills_nothing(status, body, place):
    data = body if isinstance(body, bytes) else json.dumps({"error": {place: body}}).encode()
    error = answer_error(status, {}, data)
    assert 0 < len(error.message) <= 300
    assert (error.status, error.may_be_billed) == (status, False)
    # Only what may go better a moment later is tried again.
    assert error.retryable == (error.kind in RETRYABLE_KINDS)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"message": "You exceeded your current quota, please check your plan"}, "payment"),
        # Gemini says the same of a limit by the minute, and when to come back.
        (429, {"message": "You exceeded your current quota. Please retry in 33.5s."}, "rate_limit"),
        (429, {"message": "no", "code": "billing_hard_limit_reached"}, "payment"),
        (400, {"message": "rate limit is a fine topic for a text", "code": None}, "bad_request"),
        (503, {"message": "Too Many Requests"}, "rate_limit"),
        (400, {"message": "x", "code": "context_length_exceeded"}, "context_window"),
        (500, {"message": "the request exceeds the available context size"}, "context_window"),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}, "context_window"),
        (400, {"message": "Your request was rejected as a result of our safety system."}, "content_policy"),
        (400, {"message": "x", "type": "ResponsibleAIPolicyViolation"}, "content_policy"),
        (403, {"message": "no access to model", "code": "model_not_found"}, "not_found"),
        (401, {"message": "maximum context length"}, "auth"),
        (410, {"message": "retired"}, "not_found"),
        (451, {"message": "for legal reasons"}, "bad_request"),
    ],
)
def test_a_providers_words_win_over_the_status_where_they_say_more(status, body, kind):
    assert answer_error(status, {}, json.dumps({"error": body})).kind == kind
    assert answer_error(status, {}, json.dumps(body)).kind == kind  # as vLLM writes it
