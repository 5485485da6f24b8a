"""The benchmark of the engine: its server, its arithmetic, and contenders that do what they are said to do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import chat_server  # noqa: E402
import engine  # noqa: E402
import engine_watch  # noqa: E402
from engine_panel_files import write_items, write_requests  # noqa: E402
from engine_watch import Turn  # noqa: E402
from server_process import server_process  # noqa: E402

BODY = json.dumps({"model": "m", "schema": {"label": {"enum": ["A", "B", "C"]}}}).encode()


def test_pipelined_requests_are_answered_in_turn_with_a_code_that_was_offered():
    request = b"POST /%d/me/v1 HTTP/1.1\r\ncontent-length: %d\r\n\r\n%s"

    async def ask():
        server = await asyncio.get_running_loop().create_server(chat_server.Connection, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        other = BODY.replace(b"m", b"n", 1)
        writer.write(request % (20, len(BODY), BODY) + request % (0, len(other), other))
        heads = []
        answers = []
        for _ in range(2):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            length = chat_server.content_length(heads[-1][:-4])
            answers.append(json.loads(await reader.readexactly(length)))
        writer.close()
        await writer.wait_closed()
        server.close()
        return heads, answers, other

    heads, answers, other = asyncio.run(ask())
    assert all(head.startswith(b"HTTP/1.1 200 OK\r\n") for head in heads)
    texts = [answer["choices"][0]["message"]["content"] for answer in answers]
    assert texts == [chat_server.vote_text(BODY), chat_server.vote_text(other)]  # the slow one came first
    assert {json.loads(text)["label"] for text in texts} <= {"A", "B", "C"}
    assert answers[0]["usage"]["prompt_tokens"] == len(BODY) // 4


def test_a_ratio_counts_only_rounds_in_which_both_had_a_turn():
    ours = [Turn(1, 50, 0.5, 0.4), Turn(2, 30, 0.5, 0.4), Turn(3, 500, 0.5, 0.4)]
    theirs = [Turn(1, 25, 0.5, 0.4), Turn(2, 15, 0.25, 0.2)]
    assert engine_watch.ratio(ours, theirs) == pytest.approx((80 / 1.0) / (40 / 0.75))
    assert engine_watch.ratio(ours, []) is None
    assert engine_watch.cpu_ms_per_vote(theirs) == pytest.approx(600 / 40)


def test_the_figures_have_the_names_that_others_rely_on():
    figures = engine.speed_figures(
        {("panel_litellm", 0): [Turn(1, 90, 1.0, 0.3)], ("bare_litellm", 0): [Turn(1, 100, 1.0, 0.3)]}
    )
    assert figures["ratio_litellm_0ms"] == 0.9
    assert figures["cpu_ms_per_vote"] == pytest.approx(3.333, abs=5e-4)
    missing = ("ratio_litellm_200ms", "ratio_direct_0ms", "ratio_direct_200ms", "ratio_inspect_0ms")
    assert {name: figures[name] for name in missing} == dict.fromkeys(missing)


@pytest.mark.slow
def test_contenders_send_the_same_requests_and_panel_eval_stores_every_vote(tmp_path):
    write_items(tmp_path, 60)
    write_requests(tmp_path)
    reports = {}
    with server_process("chat_server.py") as server:
        for name in ("bare_litellm", "bare_aiohttp", "panel_litellm", "panel_direct"):
            program = [sys.executable, str(ROOT / "benchmarks/engine_contenders.py"), name]
            command = [*program, str(tmp_path), server.url(f"0/{name}/v1"), "8"]
            said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
            reports[name] = json.loads(said.splitlines()[-1])
            assert server.read(f"count/{name}")["requests"] == reports[name]["votes"] == 60
    # The server's answer is a checksum of the request's bytes: equal sums, equal bytes.
    assert reports["panel_litellm"]["replies"] == reports["bare_litellm"]["replies"]
    assert reports["panel_direct"]["replies"] == reports["bare_litellm"]["replies"]
