"""Lines of batch results: read as live answers are, whatever a provider writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructed_server import VOTE, completion
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges import TransportError
from panel_eval.judges.batches import read_result, request_line

KEY = "ab" * 32


def line(**result: Any) -> bytes:
    return json.dumps({"id": "x", "custom_id": KEY, **result}).encode()


def response(status: int | None, body: Any) -> dict[str, Any]:
    return {"response": {"status_code": status, "request_id": "r", "body": body}, "error": None}


def test_an_answer_is_read_as_a_live_one():
    result = read_result(line(**response(200, completion(VOTE))))
    assert result is not None
    assert result.reply is not None
    assert (result.custom_id, result.reply.text, result.reply.usage.input_tokens) == (KEY, VOTE, 7)


def failure(result: Any) -> TransportError:
    assert result is not None
    assert result.error is not None
    return result.error


@pytest.mark.parametrize(
    ("status", "error", "kind", "retryable"),
    [
        (400, {"code": "content_policy_violation", "message": "no"}, "content_policy", False),
        (400, {"code": "context_length_exceeded", "message": "long"}, "context_window", False),
        (400, {"code": "invalid_value", "message": "odd"}, "bad_request", False),
        (401, {"code": "invalid_api_key", "message": "no"}, "auth", False),
        (404, {"code": "model_not_found", "message": "no"}, "not_found", False),
        (429, {"code": "rate_limit_exceeded", "message": "slow"}, "rate_limit", True),
        (429, {"code": "insufficient_quota", "message": "pay"}, "payment", False),
        (500, {"message": "trouble"}, "server", True),
        (500, "plain words", "server", True),
    ],
)
def test_statuses_mean_what_they_mean_live(status, error, kind, retryable):
    found = failure(read_result(line(**response(status, {"error": error}))))
    assert (found.kind, found.status, found.retryable) == (kind, status, retryable)


@pytest.mark.parametrize(
    "error", [{"code": "batch_expired", "message": "late"}, {"code": "batch_cancelled"}, None, 7]
)
def test_a_request_that_was_not_run_may_be_asked_again(error):
    assert failure(read_result(line(response=None, error=error))).retryable


def test_a_key_in_an_error_is_not_repeated():
    found = failure(read_result(line(**response(401, {"error": {"message": "bad key sk-abcdefabcdef"}}))))
    assert "abcdef" not in str(found)


@pytest.mark.parametrize(
    "result",
    [response(401, {"error": "no.shape is no key"}), response(200, {"error": {"message": "bad no.shape"}}),
     {"response": None, "error": {"message": "late for no.shape"}}],
)  # fmt: skip
def test_the_accounts_own_key_is_not_repeated_whatever_it_looks_like(result):
    assert "shape" not in str(failure(read_result(line(**result), ["no.shape"])))


def test_an_answer_with_an_error_inside_is_an_error():
    assert failure(read_result(line(**response(200, {"error": {"message": "overloaded"}})))).kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["custom_id", "response", "error", "status_code", "body", "choices", "message", "code"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["custom_id", "response", "error"]), JSON) | JSON)
def test_no_line_of_json_raises(value):
    result = read_result(json.dumps(value).encode())
    assert result is None or (result.reply is None) != (result.error is None)


@given(st.binary(max_size=60))
def test_no_bytes_raise(data):
    assert read_result(data) is None or data.strip().startswith(b"{")


@given(st.text(max_size=40))
def test_a_request_is_one_line_of_utf8_whatever_it_asks(text):
    data = request_line(KEY, {"messages": [{"role": "user", "content": text}]})
    assert data.count(b"\n") == 1
    asked = json.loads(data)
    assert (asked["custom_id"], asked["method"], asked["url"]) == (KEY, "POST", "/v1/chat/completions")
    assert asked["body"]["messages"][0]["content"] == text.encode("utf-8", "replace").decode()
