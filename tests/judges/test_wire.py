"""Both transports against a counting server on loopback: what one says of an answer, the other says too."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from asking import LABELS, RUNNER, judge, question, wire_request
from constructed_server import ANSWERS, ODD, VOTE, constructed_server

from panel_eval.errors import CassetteMissError
from panel_eval.judges import Route, TransportError
from panel_eval.judges.codes import label_codes
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.hosted import SAME_BODIES
from panel_eval.judges.litellm_errors import transport_error
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.openai_wire import chat_body
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.vote import response_schema
from panel_eval.judges.wire import Message

KEY = "a-key-that-must-not-be-seen"
TRANSPORTS = {"litellm": LiteLLMTransport, "direct": DirectTransport}
both = pytest.mark.parametrize("through", TRANSPORTS)


@pytest.fixture(scope="module")
def server():
    with constructed_server() as running:
        yield running


def _request(timeout_s=5.0, **changes):
    plain = {"model": "openai/m", "messages": (Message("user", "hi"),), "timeout_s": timeout_s}
    return replace(wire_request(), **{**plain, **changes})


def _send(through, url, timeout_s=5.0, times=1, key=KEY, **changes):
    async def go():
        transport = TRANSPORTS[through](url, key)
        try:
            return [await transport.send(_request(timeout_s, **changes)) for _ in range(times)]
        finally:
            await transport.aclose()

    return RUNNER.run(go())


def _failure(through, url, timeout_s=5.0):
    with pytest.raises(TransportError) as caught:
        _send(through, url, timeout_s)
    assert KEY not in str(caught.value)
    assert "Traceback" not in str(caught.value)
    return caught.value


def test_importing_the_judges_imports_no_transport():
    names = ("litellm", "aiohttp", "xllamacpp")
    code = f"import sys, panel_eval, panel_eval.judges; sys.exit(any(name in sys.modules for name in {names}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


FIRST_REQUEST = """
import asyncio, sys, time
from dataclasses import replace
sys.path.insert(0, sys.argv[2])
from asking import wire_request
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.wire import Message, get_ready
request = replace(wire_request(), model="openai/m", messages=(Message("user", "hi"),), timeout_s=30.0)

async def main():
    transport = LiteLLMTransport(sys.argv[1], "a-key")
    await get_ready(transport)
    took = []
    known = set(sys.modules)
    for _ in range(5):
        began = time.process_time()
        await transport.send(request)
        took.append(time.process_time() - began)
    print(len(set(sys.modules) - known), took[0], min(took))

asyncio.run(main())
"""


def test_the_first_request_of_a_process_is_not_held_up_on_its_way(server):
    """It counts as sent when it is allowed to go; what the provider says after that would come too late."""
    command = [sys.executable, "-c", FIRST_REQUEST, server.url("ok"), str(Path(__file__).parent)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    modules, first, usual = int(told[0]), float(told[1]), float(told[2])
    assert modules < 10  # not made ready: 24
    assert first < 0.1 + 10 * usual  # seconds of the processor, .01 each; not made ready: .34


# path: kind, status (None = none came), seconds to wait, retried?, stops the judge?, may be billed?
FAILURES = {
    "rate_limited": ("rate_limit", 429, 7.0, True, False, False),
    "reset_hint": ("rate_limit", 429, 1.0, True, False, False),
    "used_up": ("rate_limit", 429, 1.0, True, False, False),
    "both_hints": ("rate_limit", 429, 2.0, True, False, False),
    "too_many_at_403": ("rate_limit", 403, 5.0, True, False, False),
    "quota": ("payment", 429, None, False, True, False),
    "unpaid": ("payment", 402, None, False, True, False),
    "key": ("auth", 401, None, False, True, False),
    "keyless": ("auth", 401, None, False, True, False),
    "forbidden": ("auth", 403, None, False, True, False),
    "absent": ("not_found", 404, None, False, True, False),
    "no_such_model": ("not_found", 400, None, False, True, False),
    "broken": ("server", 500, None, True, False, False),
    "unavailable": ("server", 503, 1.5, True, False, False),
    "overloaded": ("server", 529, None, True, False, False),
    "conflict": ("server", 409, None, True, False, False),
    "gateway": ("timeout", 504, None, True, False, False),
    "unfit": ("bad_request", 422, None, False, False, False),
    "plain_words": ("bad_request", 400, None, False, False, False),
    "schema_rejected": ("bad_request", 400, None, False, False, False),
    "too_long": ("context_window", 400, None, False, False, False),
    "flat": ("context_window", 400, None, False, False, False),
    "large": ("context_window", 413, None, False, False, False),
    "filtered_prompt": ("content_policy", 400, None, False, False, False),
    # From here on an answer came that cannot be used, or none at all: the provider may want money for it.
    "garbage": ("server", None, None, True, False, True),
    "no_choices": ("server", None, None, True, False, True),
    "not_utf8": ("server", None, None, True, False, True),
    "deep": ("server", None, None, True, False, True),
    "after_the_end": ("server", None, None, True, False, True),
    "empty": ("server", None, None, True, False, True),
    "a_list": ("server", None, None, True, False, True),
    "error_in_200": ("server", None, None, True, False, True),
    "limit_in_200": ("rate_limit", None, None, True, False, True),
    "reset": ("connection", None, None, True, False, True),
    "cut": ("connection", None, None, True, False, True),
}


@both
@pytest.mark.parametrize("path", FAILURES)
def test_each_failure_is_one_request_of_a_known_kind(server, through, path):
    before = server.counts[path]
    schema = response_schema(label_codes(LABELS, False), False) if path == "schema_rejected" else None
    with pytest.raises(TransportError) as caught:
        _send(through, server.url(path), response_schema=schema)
    error = caught.value
    assert server.counts[path] - before == 1
    known = (error.kind, error.status, error.retry_after_s, error.retryable, error.fatal_for_judge)
    assert (*known, error.may_be_billed) == FAILURES[path]


@both
@pytest.mark.parametrize("path", ["slow", "drip"])
def test_an_answer_that_is_not_whole_in_time_is_a_timeout_and_may_be_billed(server, through, path):
    before = server.counts[path]
    error = _failure(through, server.url(path), timeout_s=0.25)
    assert (error.kind, error.retryable, error.may_be_billed) == ("timeout", True, True)
    assert server.counts[path] - before == 1


@both
@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-host.invalid"])
def test_a_server_that_is_not_there_bills_nothing(through, host):
    error = _failure(through, f"http://{host}/v1")
    assert (error.kind, error.retryable, error.may_be_billed) == ("connection", True, False)


@both
def test_no_key_that_a_provider_repeats_stands_in_the_message(server, through):
    error = _failure(through, server.url("echo"))
    assert str(error).count("[key]") == 2
    assert "abcdefgh" not in str(error)


@both
def test_no_key_stands_in_the_message_of_an_error_inside_an_answer(server, through):
    with pytest.raises(TransportError) as caught:
        _send(through, server.url("echo_in_200"), key="no.shape.of.a.secret")
    assert "shape" not in str(caught.value)
    assert "bad key" in str(caught.value)


@both
def test_no_key_that_a_provider_repeats_stands_in_the_answer(server, through):
    (reply,) = _send(through, server.url("echo_in_vote"), key="no.shape.of.a.secret")
    assert "I was asked with [key]" in reply.text
    (short,) = _send(through, server.url("echo_in_vote"), key="vote")  # a word that may stand in any answer
    assert "I was asked with vote" in short.text


@both
def test_a_reply_carries_text_usage_and_model(server, through):
    reply = _send(through, server.url("ok"), times=2)[1]
    assert (reply.text, reply.finish_reason) == (VOTE, "stop")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (7, 3)
    assert reply.model_reported == "constructed-model"


@both
@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("byte_order_mark", VOTE, "stop"),
        ("half_surrogate", "cut ?", "stop"),
        ("thoughts", VOTE, "stop"),
        ("other_words", VOTE, "length"),
    ],
)
def test_ways_of_gateways_are_read(server, through, path, text, reason):
    (reply,) = _send(through, server.url(path))
    assert (reply.text, reply.finish_reason) == (text, reason)


def _outcome(through, url):
    try:
        (reply,) = _send(through, url)
    except TransportError as error:
        return (error.kind, error.status, error.retryable, error.may_be_billed)
    return reply


LENIENT = ("choices-0-index", "_id_", "created")


# The openai client that litellm uses grumbles where it passes on what does not fit its types.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("path", ODD)
def test_wrong_types_anywhere_in_an_answer_end_alike_in_both(server, path):
    litellm, direct = (_outcome(through, server.url(path)) for through in TRANSPORTS)
    assert direct == litellm
    assert isinstance(direct, tuple) or direct.text == VOTE
    if any(part in path for part in LENIENT):
        assert direct.usage.input_tokens == 7


def _answer(through, url):
    async def go():
        transport = TRANSPORTS[through](url, KEY)
        try:
            return (await judge(transport, route=Route("openai/m")).ask(question(), transport.send)).answer
        finally:
            await transport.aclose()

    return RUNNER.run(go())


@both
def test_a_server_without_schemas_is_asked_for_an_object(server, through):
    assert _answer(through, server.url("schema_rejected")).parse_rung == "json_object"


@both
@pytest.mark.parametrize(
    ("path", "outcome"),
    [("refusal", "refusal"), ("filtered", "refusal"), ("truncated", "truncated"), ("broken_json", "unparseable"),
     ("filtered_prompt", "refusal"), ("too_long", "too_long")],
)  # fmt: skip
def test_what_is_no_answer_stays_none_through_the_wire(server, through, path, outcome):
    assert _answer(through, server.url(path)).outcome == outcome


SHAPES = {
    "schema": {"response_schema": response_schema(label_codes(LABELS, False), False)},
    "tight": {"response_schema": response_schema(label_codes(LABELS, False), True), "temperature": 0.0},
    "object": {"response_mode": "json_object", "seed": None},
    "text": {"response_mode": "text", "temperature": 0.7, "top_p": 0.9},
    "two": {"n": 2, "temperature": 0.7, "top_p": 0.9, "response_mode": "json_object"},
    "logprobs": {"response_mode": "text", "logprobs": True, "top_logprobs": 20, "temperature": 0.0,
                 "messages": (Message("system", "é\u2028"), Message("user", "q"), Message("assistant", "I"))},
}  # fmt: skip


def _body(server, through, model, **shape):
    server.bodies.clear()
    _send(through, server.url("ok"), model=model, **shape)
    (body,) = server.bodies
    return body


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("prefix", SAME_BODIES)
def test_both_send_the_same_body(server, prefix, shape):
    through_litellm = _body(server, "litellm", f"{prefix}/org/m", **SHAPES[shape])
    through_direct = _body(server, "direct", f"{prefix}/org/m", **SHAPES[shape])
    assert through_direct == through_litellm
    if prefix == "openai":  # even in the order of keys, so that recordings are the same to the byte
        assert list(through_direct) == list(through_litellm)
    assert chat_body(_request(**SHAPES[shape]), "org/m") == through_litellm


@pytest.mark.parametrize(
    "name", ["gpt-4o-mini", "gpt-5-mini", "gpt-5.1", "gpt-5-chat-latest", "o1", "o3-mini", "o4-mini", "gpt-oss-20b"]
)
def test_reasoning_models_are_asked_in_their_dialect_by_both(server, name):
    messages = (Message("system", "s"), Message("user", "u"))
    litellm, direct = (_body(server, through, f"openai/{name}", messages=messages) for through in TRANSPORTS)
    assert direct == litellm


def test_a_cassette_miss_deep_in_the_chain_is_no_outage():
    class CannotOverwriteExistingCassetteException(Exception):
        pass

    outer = RuntimeError("Connection error.")
    outer.__context__ = ValueError("x")
    outer.__context__.__cause__ = CannotOverwriteExistingCassetteException("POST http://127.0.0.1/v1 not found")
    with pytest.raises(CassetteMissError, match=r"POST http://127\.0\.0\.1/v1"):
        transport_error(outer)


@pytest.mark.parametrize(
    "text", ["key sk-proj-abcDEF123456 is wrong", "Bearer abcdef123456789", "https://h/v1?key=AIzaabc&x=1",
             "AIzaSyA1234567890abcdefghijk", f"sent {KEY}", "from the-environment-key-1",
             r"line\nsk-proj-abcDEF123456", r"\x1b[2J\u202eAIzaSyA1234567890abcdefghijk"],
)  # fmt: skip
def test_no_key_survives_in_a_message(text, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "the-environment-key-1")
    cleaned = without_keys(text, [KEY])
    assert "[key]" in cleaned
    assert not any(part in cleaned for part in ("abcDEF", "abcdef1", "AIza", KEY, "environment-key"))


def test_every_constructed_answer_is_asked_for_somewhere():
    judged = {"refusal", "filtered", "truncated", "broken_json", "ok"}
    read = {"byte_order_mark", "half_surrogate", "thoughts", "other_words"}
    assert set(ANSWERS) - set(FAILURES) - set(ODD) - judged - read == set()


@pytest.mark.parametrize(
    ("model", "kind"),
    [("openai/m", "auth"), ("gemini/m", "auth"), ("anthropic/m", "auth"), ("nobody/m", "not_found")],
)
def test_what_litellm_cannot_send_is_fatal_and_bills_nothing(model, kind, monkeypatch):
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    async def go():
        transport = LiteLLMTransport()
        try:
            await transport.send(_request(model=model))
        finally:
            await transport.aclose()

    with pytest.raises(TransportError) as caught:  # nothing is sent; else the blocked socket would show
        RUNNER.run(go())
    error = caught.value
    found = (error.kind, error.retryable, error.fatal_for_judge, error.may_be_billed)
    assert found == (kind, False, True, False)


def test_a_missing_package_is_no_outage():
    error = RuntimeError("APIConnectionError: No module named 'google.auth'")
    error.__cause__ = ModuleNotFoundError("No module named 'google.auth'")
    found = transport_error(error)
    assert (found.kind, found.retryable, found.fatal_for_judge, found.may_be_billed) == (
        "bad_request",
        False,
        True,
        False,
    )
