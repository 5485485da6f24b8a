"""A user's suite of tests: its conftest, clients that ask a server, and recording its cassettes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_server import small_server

RECORD = "--panel-record=all"
QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:xdist")

CONFTEST = """
    import pytest
    pytest_plugins = ["panel_eval.pytest_plugin"]
"""

CLIENTS = """
    import asyncio, json, urllib.request

    def by_urllib(url, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        sent = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})})
        with urllib.request.urlopen(sent, timeout=5) as answer:
            return json.loads(answer.read())

    def by_httpx(url, body=None, headers=None):
        import httpx
        with httpx.Client(timeout=5) as client:
            answer = client.get(url) if body is None else client.post(url, json=body, headers=headers)
        return answer.json()

    def by_aiohttp(url, body=None, headers=None):
        import aiohttp
        method = "GET" if body is None else "POST"
        async def go():
            async with aiohttp.ClientSession() as session:
                async with session.request(method, url, json=body, headers=headers) as answer:
                    return await answer.json()
        return asyncio.run(go())

    ask = by_urllib
"""


@dataclass
class Suite:
    """A suite of one file.

    Attributes:
        folder: where it lies.
        run: runs pytest there.
    """

    folder: Path
    run: Callable[..., Any]

    @property
    def tapes(self) -> Path:
        return self.folder / "cassettes" / "test_mine"

    def write(self, body: str, url: str = "http://127.0.0.1:1") -> None:
        (self.folder / "conftest.py").write_text(textwrap.dedent(CONFTEST))
        whole = textwrap.dedent(CLIENTS) + f"URL = {url!r}\n" + textwrap.dedent(body)
        (self.folder / "test_mine.py").write_text(whole)

    def __call__(self, *args: str) -> Any:
        return self.run(*QUICK, *args)


def recorded(suite: Suite, body: str, *args: str) -> Path:
    """A suite whose cassettes were recorded from a server that is gone now."""
    with small_server() as server:
        suite.write(body, server.url)
        suite(RECORD, *args).assert_outcomes(passed=1)
    return next(suite.tapes.rglob("*.yaml"))


ONE = """
    def test_one(panel_cassette):
        assert ask(URL + "/a", {"q": 1}, {"Authorization": "Bearer 1234567890abcdef"})["n"] == 1
"""
