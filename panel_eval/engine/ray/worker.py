"""What runs on a node: the judges' real transports, and the requests they are carrying."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.metadata
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panel_eval.engine.ray.records import Record, error_record, outcome_size, reply_record, request_of
from panel_eval.judges.assembly import judge_transport
from panel_eval.judges.judge import Account
from panel_eval.judges.local import LocalTransport, close_servers
from panel_eval.judges.wire import Transport, get_ready
from panel_eval.schema import Judge
from panel_eval.version import __version__

HEARTBEAT_S = 5.0
"""A worker that has nothing to tell says so after so long."""

LARGEST_BATCH = 64_000
"""Bytes of requests or replies that go at once. From 100 kB on Ray takes them through its object store and disk."""

_PACKAGES = ("litellm", "xllamacpp")


def wire_versions() -> dict[str, str]:
    """Versions of what words requests or answers them; run.json names only one of each."""
    versions = {"panel-eval": __version__}
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def account_mark(account: Account | None, salt: str) -> str:
    """Tells on two machines whether they hold the same key for the same place, and nothing about the key."""
    secret = "" if account is None else f"{account.name}\n{account.key_digest}"
    return hashlib.sha256(f"{salt}\n{secret}".encode()).hexdigest()[:16]


class Worker:
    """Carries requests for the judges of one run. Lives in an actor's event loop; made of plain values only.

    Args:
        judges: each judge's settings in the panel file, as JSON.
        folder: folder of the panel file on the driver's machine; weights named by a path are sought there.
        salt: random text of the run, mixed into `account_mark`.
    """

    def __init__(self, judges: Sequence[str], folder: str, salt: str) -> None:
        self._judges = tuple(judges)
        self._folder = Path(folder)
        self._salt = salt
        self._transports: list[Transport] = []
        self._carrying: dict[int, asyncio.Task[None]] = {}
        self._done: deque[tuple[int, Record]] = deque()
        self._news = asyncio.Event()

    async def versions(self) -> dict[str, str]:
        """Versions of the packages here that word requests."""
        return wire_versions()

    async def prepare(self) -> list[dict[str, Any]]:
        """Build the transports and get them ready, but for local weights, which are loaded when they are needed.

        Returns:
            For each judge what it would be asked for and with which key, or a `problem` in words.
        """
        facts = [await asyncio.to_thread(self._prepared, text) for text in self._judges]
        for transport in self._transports:
            if not isinstance(transport, LocalTransport):
                await get_ready(transport)
        return facts

    def _prepared(self, text: str) -> dict[str, Any]:
        config = Judge.model_validate_json(text)
        try:
            transport, route = judge_transport(config, self._folder)
        except Exception as error:  # a missing key, package or file: the driver is to hear of it
            return {"problem": f"judge {config.id!r}: {error_record(error)[1]}"}
        self._transports.append(transport)
        return {
            "instrument": {"model": route.model, **route.identity},
            "account": account_mark(route.account, self._salt),
        }

    async def take(self, requests: Sequence[tuple[int, int, Record]], dropped: Sequence[int]) -> None:
        """Begin to carry requests, and stop carrying others.

        Args:
            requests: (number, index of the judge, record) of each.
            dropped: numbers of requests that nobody waits for any more.
        """
        for number in dropped:
            if (task := self._carrying.pop(number, None)) is not None:
                task.cancel()
        for number, judge, record in requests:
            self._carrying[number] = asyncio.create_task(self._carry(number, judge, record))

    async def _carry(self, number: int, judge: int, record: Record) -> None:
        try:
            outcome = reply_record(await self._transports[judge].send(request_of(record)))
        except Exception as error:  # told to the driver, which knows what it means
            outcome = error_record(error)
        if self._carrying.pop(number, None) is not None:
            self._done.append((number, outcome))
            self._news.set()

    async def finished(self) -> list[tuple[int, Record]]:
        """Outcomes not told yet, as soon as there is one; none if there is none for `HEARTBEAT_S` seconds."""
        if not self._done:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._news.wait()
        told, size = [], 0
        while self._done and size < LARGEST_BATCH:
            told.append(self._done.popleft())
            size += outcome_size(told[-1][1])
        return told

    async def leave(self) -> None:
        """Give up what is being carried, close connections and local servers."""
        for task in self._carrying.values():
            task.cancel()
        self._carrying.clear()
        await asyncio.gather(*(transport.aclose() for transport in self._transports), return_exceptions=True)
        await asyncio.to_thread(close_servers)
