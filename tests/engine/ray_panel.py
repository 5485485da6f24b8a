"""A panel that asks a counting server on loopback, and how it is run in a Ray cluster of two nodes.

The server's answers are constructed: which label is a function of the request's body, so any run of the panel
stores the same labels. It counts what it was asked by item, and can be slow.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine_panel import PROMPT, RUBRIC, items, labels

from panel_eval import schema
from panel_eval.engine import Plan, make_plan
from panel_eval.judges import Judge, build_judges

_ITEM = re.compile(rb"text number (\d+)")


class CountingServer:
    """An OpenAI-like chat server on a thread and event loop of its own.

    Attributes:
        asked: (item number, body checksum) to how often that was asked.
        keys: authorization headers seen.
        delay_s: seconds before each answer.
    """

    def __init__(self, delay_s: float) -> None:
        self.asked: Counter[tuple[int, int]] = Counter()
        self.keys: set[str] = set()
        self.delay_s = delay_s
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """Base URL for panels."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
                body = await reader.readexactly(length)
                self.keys.update(re.findall(r"(?i)authorization: (.+)\r", head.decode()))
                number = int(_ITEM.search(body)[1])  # type: ignore[index]
                self.asked[number, zlib.crc32(body)] += 1
                await asyncio.sleep(self.delay_s)
                data = json.dumps(_completion("ABC"[zlib.crc32(body) % 3])).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
                writer.write(b"content-length: %d\r\n\r\n" % len(data) + data)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def _completion(code: str) -> dict[str, object]:
    message = {"role": "assistant", "content": json.dumps({"rationale": "plain", "label": code, "confidence": 0.5})}
    return {
        "id": "constructed",
        "object": "chat.completion",
        "created": 1,
        "model": "constructed",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


@contextmanager
def counting_server(delay_s: float = 0.0) -> Iterator[CountingServer]:
    """A server for the length of the block."""
    server = CountingServer(delay_s)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wired_panel(folder: Path, url: str, count: int, **settings: object) -> tuple[Plan, list[Judge]]:
    """The plan of one judge on `count` items, which asks the server at `url` directly."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prompt.j2").write_text(PROMPT)
    judge = {
        "id": "a",
        "model": "openai/constructed",
        "api_base": url,
        "transport": "direct",
        "prompt": "prompt.j2",
    }
    panel = schema.Panel.model_validate(
        {"panel": "ray", "rubric": "-", "labels": "-", "judges": [{**judge, **settings}], "seed": 7}
    )
    judges = build_judges(panel, RUBRIC, folder)
    return make_plan(judges, labels(folder, items(count)), RUBRIC, 7), judges
