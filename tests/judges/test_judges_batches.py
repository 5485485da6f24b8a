"""Batch services over the wire, against a local server with the files and batches API of OpenAI, Azure and Mistral.

Three ways of speaking: OpenAI's API directly, Azure's through litellm, Mistral's directly.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import RUNNER, judge, question
from batch_server import BatchServer, batch_server

from panel_eval.judges import Route, TransportError
from panel_eval.judges.batches import BatchBackend, BatchStatus, request_line
from panel_eval.judges.batches.direct_batches import DirectBatches
from panel_eval.judges.batches.litellm_batches import LiteLLMBatches
from panel_eval.judges.batches.mistral_batches import MistralBatches
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport

# litellm's types, when pydantic first builds them
pytestmark = pytest.mark.filterwarnings("ignore:Item .* is using the `ReadOnly` qualifier:UserWarning")

KEY = "sk-batchtestbatchtest"


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with batch_server() as server:
        yield server


@pytest.fixture(params=["openai", "azure", "mistral"])
def speaking(request: pytest.FixtureRequest, server: BatchServer) -> Callable[..., Any]:
    """Runs a coroutine function on a backend of the kind, and returns what it returns."""

    def backend(key: str) -> BatchBackend:
        if request.param == "openai":
            return DirectBatches("m", server.url, key)
        if request.param == "mistral":
            return MistralBatches("m", server.url, key)
        return LiteLLMBatches("azure", "m", server.url.removesuffix("/v1"), key)

    def run(work: Callable[[BatchBackend], Awaitable[Any]], key: str = KEY) -> Any:
        async def whole() -> Any:
            one = backend(key)
            await one.begin()
            try:
                return await work(one)
            finally:
                await one.aclose()

        return RUNNER.run(whole())

    return run


def requests(folder: Path, keys: list[str]) -> Path:
    """A file of request lines, as a real judge asks."""
    asking = judge(FakeTransport(lambda _request: "positive"))
    body = DirectBatches("m", "http://127.0.0.1:9/v1", None).body
    path = folder / "requests.jsonl"
    path.write_bytes(b"".join(request_line(key, body(asking.request(question(key)))) for key in keys))
    return path


def test_a_batch_from_upload_to_results(speaking, server, tmp_path):
    path = requests(tmp_path, ["a", "b", "c"])

    async def work(backend: BatchBackend) -> tuple[BatchStatus, BatchStatus]:
        made = await backend.create(await backend.upload(path), "tag-1")
        while not (status := await backend.status(made.batch_id)).ended:
            pass
        await backend.download(status.output_file or "", tmp_path / "output.jsonl")
        return made, status

    made, status = speaking(work)
    assert (made.state, made.tag, made.ended) == ("validating", "tag-1", False)
    assert (status.state, status.total, status.error_file) == ("completed", 3, None)
    lines = (tmp_path / "output.jsonl").read_bytes()
    assert lines == server.files[status.output_file or ""]
    assert {json.loads(line)["custom_id"] for line in lines.splitlines()} == {"a", "b", "c"}
    assert server.files["file-1"] == path.read_bytes()  # byte for byte what was written


def test_a_batch_is_found_by_its_tag_among_pages_of_others(speaking, server, tmp_path):
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> list[BatchStatus]:
        file_id = await backend.upload(path)
        for tag in ("mine", "x", "mine", "y", "z"):
            await backend.create(file_id, tag)
        return await backend.find("mine", None)

    assert [status.batch_id for status in speaking(work)] == ["batch_1", "batch_3"]


def test_answers_that_come_in_pieces_are_read_whole(speaking, server, tmp_path):
    server.pieces_s = 0.02
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> tuple[list[BatchStatus], BatchStatus]:
        made = await backend.create(await backend.upload(path), "mine")
        return await backend.find("mine", None), await backend.status(made.batch_id)

    (found,), status = speaking(work)
    assert (found.batch_id, status.batch_id) == ("batch_1", "batch_1")


def test_a_cancelled_batch_ends_cancelled(speaking, server, tmp_path):
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> BatchStatus:
        made = await backend.create(await backend.upload(path), "t")
        await backend.cancel(made.batch_id)
        return await backend.status(made.batch_id)

    assert speaking(work).state == "cancelled"


def test_a_failed_batch_says_why_without_keys(speaking, server, tmp_path):
    server.ending, server.looks = "failed", 1
    server.trouble = f"no access for {KEY}"
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> BatchStatus:
        made = await backend.create(await backend.upload(path), "t")
        return await backend.status(made.batch_id)

    status = speaking(work)
    assert (status.state, status.trouble) == ("failed", "no access for [key]")


def test_a_key_of_no_known_shape_is_not_repeated_either(speaking, server, tmp_path):
    server.ending, server.looks, server.trouble = "failed", 1, "no access for no.shape.at.all"
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> BatchStatus:
        made = await backend.create(await backend.upload(path), "t")
        return await backend.status(made.batch_id)

    assert speaking(work, key="no.shape.at.all").trouble == "no access for [key]"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "auth"), (429, "rate_limit"), (500, "server"), (400, "bad_request")]
)
def test_a_refused_batch_is_asked_for_once_and_named_as_live(speaking, server, tmp_path, status, kind):
    server.refuse = [status, status]
    path = requests(tmp_path, ["a"])

    async def work(backend: BatchBackend) -> None:
        await backend.create(await backend.upload(path), "t")

    with pytest.raises(TransportError) as caught:
        speaking(work)
    assert (caught.value.kind, caught.value.status) == (kind, status)
    assert server.counts["create"] == 1


def test_a_broken_connection_is_not_tried_again(speaking, server, tmp_path):
    """The batch was made: a hidden second attempt would buy its lines twice."""
    server.lose = 1
    path = requests(tmp_path, ["a", "b"])

    async def work(backend: BatchBackend) -> None:
        await backend.create(await backend.upload(path), "t")

    with pytest.raises(TransportError) as caught:
        speaking(work)
    assert caught.value.retryable
    assert set(server.bought.values()) == {1}


def test_a_wrong_key_is_an_auth_error_that_hides_it(speaking, server, tmp_path):
    server.key = KEY

    async def work(backend: BatchBackend) -> None:
        await backend.status("batch_1")

    with pytest.raises(TransportError) as caught:
        speaking(work, key="sk-otherotherother")
    assert caught.value.kind == "auth"
    assert "otherother" not in str(caught.value)


def test_a_batch_id_cannot_lead_to_another_path(server):
    async def work() -> None:
        one = DirectBatches("m", server.url, None)
        await one.begin()
        try:
            await one.status("../files/file-1/content")
        finally:
            await one.aclose()

    with pytest.raises(TransportError, match="404"):
        RUNNER.run(work())
    assert server.counts["content"] == 0


@pytest.mark.parametrize("name", ["m", "o3-mini", "gpt-5-mini"])
@pytest.mark.parametrize("elicit", ["vote", "distribution", "logprobs"])
def test_a_line_holds_the_body_of_the_live_request(server, name, elicit, monkeypatch):
    """Oracle: the body that litellm really sends for the same question, as the server received it."""
    if elicit == "logprobs" and name != "m":
        pytest.skip("reasoning models refuse log-probabilities")
    asking = judge(FakeTransport(lambda _request: "positive"), elicit, Route(f"openai/{name}"))
    request = asking.request(question())
    live = LiteLLMTransport(server.url, KEY)

    async def send() -> None:
        await live.send(request)
        await live.aclose()

    RUNNER.run(send())
    line = json.loads(request_line("k", DirectBatches(name, server.url, KEY).body(request)))
    assert list(server.bodies) == [json.dumps(line["body"], sort_keys=True)]
