"""The litellm adapter against a counting server on loopback."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asking import RUNNER, judge, question, wire_request
from constructed_server import VOTE, constructed_server

from panel_eval.errors import CassetteMissError
from panel_eval.judges import Route, TransportError
from panel_eval.judges.litellm_errors import transport_error
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.retry_after import retry_after_s
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import Message

KEY = "a-key-that-must-not-be-seen"


@pytest.fixture(scope="module")
def server():
    with constructed_server() as running:
        yield running


def _send(url, timeout_s=5.0, times=1):
    async def go():
        transport = LiteLLMTransport(url, KEY)
        request = replace(wire_request(), model="openai/m", messages=(Message("user", "hi"),), timeout_s=timeout_s)
        try:
            return [await transport.send(request) for _ in range(times)]
        finally:
            await transport.aclose()

    return RUNNER.run(go())


def _failure(url, timeout_s=5.0):
    with pytest.raises(TransportError) as caught:
        _send(url, timeout_s)
    assert KEY not in str(caught.value)
    return caught.value


def test_importing_the_judges_does_not_import_litellm():
    code = "import sys, panel_eval.judges; sys.exit('litellm' in sys.modules or 'xllamacpp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("path", "kind", "status", "retry_after", "retryable", "fatal"),
    [
        ("rate_limited", "rate_limit", 429, 7.0, True, False),
        ("quota", "payment", 429, None, False, True),
        ("broken", "server", 500, None, True, False),
        ("unavailable", "server", 503, 1.5, True, False),
        ("key", "auth", 401, None, False, True),
        ("absent", "not_found", 404, None, False, True),
        ("too_long", "context_window", 400, None, False, False),
        ("garbage", "server", None, None, True, False),
        ("no_choices", "server", None, None, True, False),
        ("reset", "connection", None, None, True, False),
    ],
)
def test_each_failure_is_one_request_of_a_known_kind(server, path, kind, status, retry_after, retryable, fatal):
    before = server.counts[path]
    error = _failure(server.url(path))
    assert server.counts[path] - before == 1
    assert (error.kind, error.retry_after_s) == (kind, retry_after)
    assert (error.retryable, error.fatal_for_judge) == (retryable, fatal)
    if status is not None:
        assert error.status == status


def test_an_answer_after_the_timeout_is_a_timeout(server):
    error = _failure(server.url("slow"), timeout_s=0.2)
    assert (error.kind, error.retryable) == ("timeout", True)


def test_a_closed_port_is_a_connection_error(server):
    error = _failure("http://127.0.0.1:9/v1")
    assert (error.kind, error.retryable) == ("connection", True)


def test_a_reply_carries_text_usage_and_model(server):
    reply = _send(server.url("ok"), times=2)[1]
    assert (reply.text, reply.finish_reason) == (VOTE, "stop")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (7, 3)
    assert reply.model_reported == "constructed-model"


def _answer(url):
    async def go():
        transport = LiteLLMTransport(url, KEY)
        try:
            return (await judge(transport, route=Route("openai/m")).ask(question(), transport.send)).answer
        finally:
            await transport.aclose()

    return RUNNER.run(go())


def test_a_server_without_schemas_is_asked_for_an_object(server):
    assert _answer(server.url("schema_rejected")).parse_rung == "json_object"


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("refusal", "refusal"), ("filtered", "refusal"), ("truncated", "truncated"), ("broken_json", "unparseable")],
)
def test_what_is_no_answer_stays_none_through_the_wire(server, path, outcome):
    assert _answer(server.url(path)).outcome == outcome


def test_a_cassette_miss_deep_in_the_chain_is_no_outage():
    class CannotOverwriteExistingCassetteException(Exception):
        pass

    outer = RuntimeError("Connection error.")
    outer.__context__ = ValueError("x")
    outer.__context__.__cause__ = CannotOverwriteExistingCassetteException("POST http://127.0.0.1/v1 not found")
    with pytest.raises(CassetteMissError, match=r"POST http://127\.0\.0\.1/v1"):
        transport_error(outer)


NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"llm_provider-retry-after": "4"}, 4.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    "text", ["key sk-proj-abcDEF123456 is wrong", "Bearer abcdef123456789", "https://h/v1?key=AIzaabc&x=1",
             "AIzaSyA1234567890abcdefghijk", f"sent {KEY}", "from the-environment-key-1"],
)  # fmt: skip
def test_no_key_survives_in_a_message(text, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "the-environment-key-1")
    cleaned = without_keys(text, [KEY])
    assert "[key]" in cleaned
    assert not any(part in cleaned for part in ("abcDEF", "abcdef1", "AIza", KEY, "environment-key"))
