"""Which judges have a batch service, whose account it is, and where keys go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import PROMPTS, RUNNER, question, rubric
from batch_server import BatchServer, batch_server

from panel_eval import schema
from panel_eval.judges import Judge, Route, TransportError, load_prompt
from panel_eval.judges.batches import BatchAccount, batches_of
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport

OWN, OPENAI = "sk-keyofmyownserver", "sk-keyforopenaionly"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "VERTEXAI_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OWN_KEY", OWN)
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    monkeypatch.setenv("MISTRAL_API_KEY", "mistral-key-of-some-length")


def judge(model: str, **settings: Any) -> Judge:
    config = schema.Judge.model_validate({"id": "j", "model": model, **settings})
    transport: Any = FakeTransport(lambda _request: "positive")
    if not model.startswith(("fake/", "local/")):
        transport = DirectTransport() if settings.get("transport") == "direct" else LiteLLMTransport()
    return Judge(config, rubric(), load_prompt(PROMPTS / "vote.j2"), transport, Route(model))


def account(model: str, **settings: Any) -> BatchAccount:
    found = batches_of(judge(model, **settings))
    assert isinstance(found, BatchAccount), found
    return found


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with batch_server() as running:
        yield running


@pytest.mark.parametrize(
    "model",
    ["fake/x.yaml", "local/smollm2", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "nobody/knows"],
)
def test_judges_without_a_batch_service_say_why(model):
    assert isinstance(batches_of(judge(model)), str)


@pytest.mark.parametrize(
    ("model", "name", "secret"),
    [
        ("openai/gpt-4o-mini", "openai, OPENAI_API_KEY", OPENAI),
        ("gpt-4o-mini", "openai, OPENAI_API_KEY", OPENAI),
        ("mistral/mistral-small-latest", "mistral, MISTRAL_API_KEY", "mistral-key-of-some-length"),
    ],
)
def test_a_providers_account_is_named_by_the_variable_of_its_key(model, name, secret):
    found = account(model)
    assert (found.name, found.secret, found.certain) == (name, secret, True)
    assert secret not in repr(found)


@pytest.mark.parametrize("settings", [{}, {"transport": "direct"}])
def test_another_server_is_never_sent_openais_key(server, settings):
    server.key = OWN
    found = account("openai/m", api_base=server.url, **settings)

    async def look() -> None:
        await found.backend.begin()
        try:
            await found.backend.check_service()
        finally:
            await found.backend.aclose()

    with pytest.raises(TransportError, match="401"):
        RUNNER.run(look())
    assert set(server.keys) == {"none-needed"}
    found = account("openai/m", api_base=server.url, api_key_env="OWN_KEY", **settings)
    RUNNER.run(look())
    assert (found.name, found.secret, found.certain) == (f"{server.url}, OWN_KEY", OWN, False)


def test_a_vllm_model_without_a_server_is_not_sent_to_openai():
    assert isinstance(batches_of(judge("hosted_vllm/m")), str)


@pytest.mark.parametrize("settings", [{}, {"transport": "direct"}])
def test_the_environment_may_name_another_server_for_openais_models(monkeypatch, settings):
    """As for live requests over both transports: a batch must go where the live request goes."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert account("openai/gpt-4o-mini", **settings).name == "http://127.0.0.1:9/v1, OPENAI_API_KEY"


def test_mistral_calls_the_seed_by_its_own_name():
    one = judge("mistral/mistral-small-latest")
    body = account("mistral/mistral-small-latest").backend.body(one.request(question()))
    assert body["model"] == "mistral-small-latest"
    assert "seed" not in body
    assert body["random_seed"] == one.request(question()).seed
