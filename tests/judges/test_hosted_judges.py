"""From a judge's settings to its transport, its server and its account."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from asking import question, rubric
from constructed_server import constructed_server

from panel_eval.errors import JudgeSetupError
from panel_eval.judges import build_judges, close_judges
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.schema import Panel

KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_ORG_ID",
    "KEY_ONE",
    "KEY_TWO",
)
SERVER = "http://127.0.0.1:8000/v1"


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one-one-one-one")
    monkeypatch.setenv("KEY_ONE", "sk-one-one-one-one")
    monkeypatch.setenv("KEY_TWO", "sk-two-two-two-two")


def _judges(*settings):
    judges = [{"id": f"j{number}", **each} for number, each in enumerate(settings)]
    panel = Panel.model_validate({"panel": "p", "rubric": "r", "labels": "l", "judges": judges})
    return build_judges(panel, rubric(), Path())


def _judge(model, **more):
    return _judges({"model": model, **more})[0]


@pytest.mark.parametrize(
    ("settings", "transport"),
    [
        ({"model": "openai/m"}, LiteLLMTransport),
        ({"model": "openai/m", "transport": "litellm"}, LiteLLMTransport),
        ({"model": "openai/m", "transport": "direct"}, DirectTransport),
        ({"model": "openai/m", "transport": "direct", "api_base": SERVER}, DirectTransport),
        ({"model": "hosted_vllm/org/m", "transport": "direct", "api_base": SERVER}, DirectTransport),
        ({"model": "openai/m", "api_base": SERVER}, LiteLLMTransport),
    ],
)
def test_the_panel_chooses_the_transport(settings, transport):
    assert type(_judge(**settings).transport) is transport


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "anthropic/claude-x"}, "write model: openai/claude-x and the server's api_base"),
        ({"model": "gpt-4o-mini"}, "write model: openai/gpt-4o-mini"),
        ({"model": "mistral/m", "api_base": SERVER}, "write model: openai/m"),
        ({"model": "hosted_vllm/m"}, "write api_base: http://HOST:PORT/v1"),
        ({"model": "fake/s.yaml"}, "leave transport out"),
        ({"model": "replay/v.jsonl"}, "leave transport out"),
        ({"model": "openai/m", "api_key_env": "KEY_THREE"}, "KEY_THREE is not set"),
    ],
)
def test_what_direct_cannot_do_is_refused_with_what_to_write_instead(settings, words):
    with pytest.raises(JudgeSetupError) as caught:
        _judge(**settings, transport="direct")
    assert words in str(caught.value)


def test_direct_needs_openais_key_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(JudgeSetupError, match="OPENAI_API_KEY is not set"):
        _judge("openai/m", transport="direct")


@pytest.mark.parametrize("transport", ["litellm", "direct"])
@pytest.mark.parametrize("key", ["a.secret.of.mine\n", "a.secret.of\tmine", "a.sécret.of.mine"])
def test_a_key_that_cannot_be_sent_is_named_by_its_variable_and_not_shown(monkeypatch, transport, key):
    monkeypatch.setenv("KEY_TWO", key)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    own = {"api_base": SERVER, "api_key_env": "KEY_TWO"}
    with pytest.raises(JudgeSetupError) as caught:
        _judges({"model": "openai/m", "transport": transport}, {"model": "openai/m", "transport": transport, **own})
    said = str(caught.value)
    assert "the key in OPENAI_API_KEY holds a line break" in said
    assert "the key in KEY_TWO holds a line break" in said
    assert "cret.of" not in said


def test_the_transport_is_no_part_of_a_votes_identity():
    settings = {"model": "openai/m", "api_base": SERVER}
    litellm, direct = (_judge(**settings, transport=name) for name in ("litellm", "direct"))
    assert litellm.instrument == direct.instrument
    assert litellm.vote_key(question(), "r") == direct.vote_key(question(), "r")
    assert litellm.request(question()) == direct.request(question())


def test_judges_of_one_place_and_key_share_an_account():
    same = _judges(
        {"model": "openai/a"},
        {"model": "openai/b", "transport": "direct"},
        {"model": "gpt-4o-mini"},
        {"model": "openai/c", "api_key_env": "KEY_ONE"},
        {"model": "openai/d", "api_base": "https://api.openai.com/v1", "api_key_env": "KEY_ONE"},
    )
    assert len({judge.account for judge in same}) == 1
    assert same[0].account.name == "openai (OPENAI_API_KEY)"
    there = _judges(
        {"model": "openai/a", "api_base": SERVER},
        {"model": "hosted_vllm/b", "api_base": SERVER + "/", "transport": "direct"},
    )
    assert len({judge.account for judge in there}) == 1
    assert there[0].account.name == f"{SERVER} (no key)"


def test_another_key_server_or_provider_is_another_account(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-one-one-one-one")
    judges = _judges(
        {"model": "openai/a"},
        {"model": "openai/a", "api_key_env": "KEY_TWO"},
        {"model": "openai/a", "api_base": SERVER},
        {"model": "openai/a", "api_base": "http://127.0.0.1:8001/v1"},
        {"model": "openai/a", "api_base": SERVER, "api_key_env": "KEY_ONE"},
        {"model": "anthropic/a"},
    )
    assert len({judge.account for judge in judges}) == len(judges)


def test_an_account_shows_no_key_and_hosted_judges_begin_with_more_calls_than_scripted_ones(tmp_path):
    judge = _judge("openai/a")
    assert "one-one" not in repr(judge.account)
    assert judge.account.key_digest not in repr(judge.account)
    assert judge.concurrency == 64
    assert _judge("openai/a", limits={"concurrency": 3}).concurrency == 3
    (tmp_path / "s.yaml").write_text("default: neutral\n", encoding="utf-8")
    assert _judge(f"fake/{tmp_path / 's.yaml'}").concurrency == 8


def test_openais_address_in_the_environment_is_obeyed_with_its_organisation(monkeypatch):
    with constructed_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url("ok"))
        monkeypatch.setenv("OPENAI_ORG_ID", "org-of-mine")
        judge = _judge("openai/m", transport="direct")

        async def go():
            try:
                return await judge.ask(question(), judge.transport.send)
            finally:
                await close_judges([judge])

        assert asyncio.run(go()).answer.label == "neutral"
        (headers,) = server.headers
        assert (headers["OpenAI-Organization"], headers["Authorization"]) == (
            "org-of-mine",
            "Bearer sk-one-one-one-one",
        )
    assert judge.account.name == f"{server.url('ok')} (OPENAI_API_KEY)"
    assert judge.instrument["base_url"] is None
