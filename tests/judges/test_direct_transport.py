"""What only the direct transport promises: where it goes, what it keeps open, how much it reads."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest
from asking import wire_request
from constructed_server import ANSWERS, VOTE, completion, constructed_server

from panel_eval.errors import JudgeSetupError
from panel_eval.judges import TransportError, direct_transport
from panel_eval.judges.connections import most_connections, proxy_for
from panel_eval.judges.direct_transport import LARGEST_ANSWER, DirectTransport
from panel_eval.judges.wire import Message

KEY = "a-key-that-must-not-be-seen"
REQUEST = replace(wire_request(), model="openai/m", messages=(Message("user", "hi"),))


@pytest.fixture(scope="module")
def server():
    with constructed_server() as running:
        yield running


def _with(transports, work):
    async def go():
        try:
            return await work()
        finally:
            await asyncio.gather(*(transport.aclose() for transport in transports))

    return asyncio.run(go())


def _failure(url):
    transport = DirectTransport(url, KEY)
    with pytest.raises(TransportError) as caught:
        _with([transport], lambda: transport.send(REQUEST))
    return caught.value


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (None, "http://localhost:{port}/ok/v1/chat/completions"),
        ("/elsewhere", "http://127.0.0.1:{port}/elsewhere"),
        ("https://me:secret@evil.example/x?key=abcdefgh", "https://evil.example/x"),
        ("http://evil.example:99999999/", "nowhere"),
        ("", "http://127.0.0.1:{port}/redirect/v1/chat/completions"),
    ],
)
def test_a_redirect_is_not_followed_and_says_where_it_points(server, monkeypatch, location, shown):
    if location is not None:
        monkeypatch.setattr(server, "redirects_to", location)
    before = server.counts["ok"]
    error = _failure(server.url("redirect"))
    assert (error.kind, error.status, error.fatal_for_judge, error.may_be_billed) == ("not_found", 307, True, False)
    assert f"'{shown.format(port=server.server_port)}'" in error.message
    assert "secret" not in error.message
    assert server.counts["ok"] == before


def test_what_does_not_speak_http_is_a_server_error(server):
    error = _failure(server.url("gibberish"))
    assert (error.kind, error.may_be_billed) == ("server", True)


def test_an_answer_without_end_is_left_after_so_many_bytes(server, monkeypatch):
    large = completion("x" * (LARGEST_ANSWER // 16))
    monkeypatch.setitem(ANSWERS, "huge", (200, large, {}))
    transport = DirectTransport(server.url("huge"), KEY)
    reply = _with([transport], lambda: transport.send(REQUEST))
    assert len(reply.text) == LARGEST_ANSWER // 16
    monkeypatch.setattr(direct_transport, "LARGEST_ANSWER", 1 << 20)
    error = _failure(server.url("huge"))
    assert (error.kind, error.retryable, error.may_be_billed) == ("server", False, True)
    assert "larger than 1 MB" in error.message


def test_an_error_with_a_body_without_end_keeps_its_status(server, monkeypatch):
    monkeypatch.setitem(ANSWERS, "loud", (429, "x" * (3 << 20), {"retry-after": "3"}))
    error = _failure(server.url("loud"))
    assert (error.kind, error.status, error.retry_after_s) == ("rate_limit", 429, 3.0)
    assert len(error.message) <= 300


def test_a_prompt_of_megabytes_arrives_whole(server):
    text = "é" * (1 << 20)
    transport = DirectTransport(server.url("ok"), KEY)
    request = replace(REQUEST, messages=(Message("user", text),), timeout_s=20.0)
    assert _with([transport], lambda: transport.send(request)).text == VOTE
    assert server.bodies.pop()["messages"][0]["content"] == text


def test_a_prompt_with_half_a_surrogate_pair_is_a_bad_request_that_is_not_sent(server):
    before = sum(server.counts.values())
    transport = DirectTransport(server.url("ok"), KEY)
    request = replace(REQUEST, messages=(Message("user", "\ud800"),))
    with pytest.raises(TransportError, match="not valid Unicode") as caught:
        _with([transport], lambda: transport.send(request))
    assert (caught.value.kind, caught.value.may_be_billed) == ("bad_request", False)
    assert sum(server.counts.values()) == before


def test_requests_one_after_the_other_share_a_connection_and_so_do_transports(server):
    server.clients.clear()
    first, second = DirectTransport(server.url("ok"), KEY), DirectTransport(server.url("ok"), "another-key")

    async def work():
        return [await transport.send(REQUEST) for transport in (first, second, first, second)]

    assert [reply.text for reply in _with([first, second], work)] == [VOTE] * 4
    assert len(server.clients) == 1


def test_closing_one_transport_leaves_the_connections_of_the_other(server):
    first, second = DirectTransport(server.url("ok"), KEY), DirectTransport(server.url("ok"), KEY)

    async def work():
        await asyncio.gather(first.send(REQUEST), second.send(REQUEST))
        await first.aclose()
        return await second.send(REQUEST)

    assert _with([second], work).text == VOTE


def test_a_transport_serves_one_event_loop_after_the_other(server):
    transport = DirectTransport(server.url("ok"), KEY)
    for _ in range(2):
        assert _with([transport], lambda: transport.send(REQUEST)).text == VOTE


def test_a_send_that_is_cancelled_takes_its_connection_along(server):
    transport = DirectTransport(server.url("slow"), KEY)
    other = DirectTransport(server.url("ok"), KEY)

    async def work():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await transport.send(REQUEST)
        return await other.send(REQUEST)

    # Had the connection gone back to the pool, the late answer of the first request would be read as the second's.
    server.clients.clear()
    assert _with([transport, other], work).text == VOTE
    assert len(server.clients) == 2


@pytest.mark.parametrize("key", ["sk-with-a-newline\n", "sk-ключ", "a\rb"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key):
    with pytest.raises(JudgeSetupError) as caught:
        DirectTransport("http://127.0.0.1:1/v1", key)
    assert key.strip() not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"https_proxy": "http://proxy.example:3128"}, "https://api.example/v1", "http://proxy.example:3128"),
        ({"https_proxy": "http://proxy.example:3128"}, "http://api.example/v1", None),
        ({"http_proxy": "http://proxy.example:3128"}, "http://127.0.0.1:8000/v1", None),
        ({"all_proxy": "http://proxy.example:1"}, "http://localhost:8000/v1", None),
        ({"all_proxy": "http://proxy.example:1"}, "https://api.example/v1", "http://proxy.example:1"),
        ({"https_proxy": "http://proxy.example:1", "no_proxy": "api.example"}, "https://api.example/v1", None),
        ({}, "https://api.example/v1", None),
    ],
)
def test_the_proxy_of_the_environment_is_used_but_never_for_this_machine(monkeypatch, environment, url, proxy):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy


def test_a_proxy_of_another_kind_is_an_error_and_not_gone_around(monkeypatch):
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(TransportError, match="HTTP proxies") as caught:
        proxy_for("https://api.example/v1")
    assert (caught.value.fatal_for_judge, caught.value.may_be_billed) == (True, False)


def test_the_login_of_a_proxy_is_in_no_message(server, monkeypatch):
    # The server takes no CONNECT, so it stands for a proxy that declines.
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:passphrase@127.0.0.1:{server.server_port}")
    error = _failure("https://models.invalid/v1")
    assert (error.kind, error.may_be_billed) == ("connection", False)
    assert f"http://[key]@127.0.0.1:{server.server_port}" in error.message


@pytest.mark.parametrize("base", ["127.0.0.1:8000/v1", "ftp://127.0.0.1/v1", "http://127.0.0.1:99999/v1"])
def test_what_the_environment_names_as_a_server_may_be_no_url(base):
    error = _failure(base)
    assert (error.kind, error.fatal_for_judge, error.may_be_billed) == ("not_found", True, False)
    assert "not a URL of a server" in error.message


def test_a_change_of_protocols_is_no_redirect(server, monkeypatch):
    monkeypatch.setitem(ANSWERS, "switched", (101, "", {"upgrade": "h2c", "connection": "Upgrade"}))
    error = _failure(server.url("switched"))
    assert (error.kind, error.fatal_for_judge, error.may_be_billed) == ("server", False, True)


def test_connections_leave_room_for_other_files():
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most_connections() == 0 or most_connections() <= max(soft - 128, 64)


def test_a_login_file_of_the_machine_is_not_sent(server, tmp_path, monkeypatch):
    login = tmp_path / "netrc"
    login.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    login.chmod(0o600)
    monkeypatch.setenv("NETRC", str(login))
    transport = DirectTransport(server.url("echo"), "sk-abcdefgh12345678")
    with pytest.raises(TransportError) as caught:
        _with([transport], lambda: transport.send(REQUEST))
    assert "Basic" not in caught.value.message
    assert "Bearer [key]" in caught.value.message
