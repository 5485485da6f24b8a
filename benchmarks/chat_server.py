"""A fast OpenAI-compatible chat server on loopback: what the benchmarks ask instead of a provider.

The reply is a pure function of the request's body: a vote for one of the label codes that the body offers,
drawn by its checksum, and usage counts from its length. `/DELAY/NAME/v1/chat/completions` answers after about
DELAY milliseconds and counts under NAME. It reads HTTP/1.1 by hand (keep-alive, pipelined requests in turn, bodies
with a length), since a web framework would be slower than what it is to measure.

    python benchmarks/chat_server.py        prints its port, serves until its standard input is closed
    GET /count/NAME                         {"requests": those of NAME so far, "at": seconds on the system's clock}
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from typing import ClassVar

_HEAD_END = b"\r\n\r\n"
_NO_CODES = (b"A",)
_WORDS = ("plain", "warm", "sharp", "odd", "calm", "long", "short", "clear")
LARGEST = 4 << 20
"""Bytes of the largest request taken; a client that sends more is cut off."""


def offered_codes(body: bytes) -> tuple[bytes, ...]:
    """The label codes in the first `enum` of the body's response schema; A if there is none."""
    start = body.find(b'"enum"')
    if start < 0:
        return _NO_CODES
    start = body.find(b"[", start)
    inside = body[start + 1 : body.find(b"]", start)]
    return tuple(part.strip(b' "') for part in inside.split(b",")) or _NO_CODES


def vote_text(body: bytes) -> str:
    """The vote on a request, as JSON text."""
    draw = zlib.crc32(body)
    codes = offered_codes(body)
    said = f"The text sounds {_WORDS[(draw >> 8) % 8]} and {_WORDS[(draw >> 16) % 8]} to a careful reader."
    vote = {"rationale": said, "label": codes[draw % len(codes)].decode(), "confidence": (draw >> 4) % 101 / 100}
    return json.dumps(vote)


def completion(body: bytes) -> bytes:
    """The chat completion for a request's body, as JSON bytes."""
    text = json.dumps(vote_text(body))
    tokens_in, tokens_out = len(body) // 4, len(text) // 4
    total = tokens_in + tokens_out
    return (
        f'{{"id": "chatcmpl-{zlib.crc32(body):08x}", "object": "chat.completion", "created": 1700000000, '
        f'"model": "benchmark-model", "choices": [{{"index": 0, "message": {{"role": "assistant", '
        f'"content": {text}}}, "logprobs": null, "finish_reason": "stop"}}], "usage": {{'
        f'"prompt_tokens": {tokens_in}, "completion_tokens": {tokens_out}, "total_tokens": {total}}}}}'
    ).encode()


def response(status: str, body: bytes) -> bytes:
    """A whole HTTP response with a JSON body."""
    return b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body),
        body,
    )


class Connection(asyncio.Protocol):
    """One client connection; its requests are answered one after the other."""

    requests: ClassVar[Counter[bytes]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._buffer = b""
        self._waiting = False

    def data_received(self, data: bytes) -> None:
        """Take in bytes of requests."""
        self._buffer += data
        if not self._waiting:
            self._serve()

    def _serve(self) -> None:
        """Answer every whole request in the buffer, up to one that has to wait."""
        while (end := self._buffer.find(_HEAD_END)) >= 0:
            head = self._buffer[:end]
            length = content_length(head)
            if length is None or length > LARGEST:
                self.transport.close()
                return
            stop = end + 4 + length
            if len(self._buffer) < stop:
                return
            body, self._buffer = self._buffer[end + 4 : stop], self._buffer[stop:]
            method, path, _ = head.split(b" ", 2)
            if not self.answer(method, path, body):
                self._waiting = True
                return

    def answer(self, method: bytes, path: bytes, body: bytes) -> bool:
        """Answer a request now, or see to it that it is answered later, and call `go_on` then.

        Returns:
            Whether it has been answered.
        """
        if method != b"POST":
            self.transport.write(response("200 OK", count(path.rpartition(b"/")[2])))
            return True
        _, delay_ms, name, _ = path.split(b"/", 3)
        self.requests[name] += 1
        if delay_ms != b"0":
            asyncio.get_running_loop().call_later(delay_s(int(delay_ms), body), self._answer_late, body)
            return False
        self.transport.write(response("200 OK", completion(body)))
        return True

    def _answer_late(self, body: bytes) -> None:
        self.transport.write(response("200 OK", completion(body)))
        self.go_on()

    def go_on(self) -> None:
        """Take up the next request, once the last one has been answered."""
        self._waiting = False
        self._serve()


def delay_s(mean_ms: int, body: bytes) -> float:
    """Seconds until the answer: the mean give or take a quarter, so that requests do not all move in step."""
    return mean_ms / 1000 * (0.75 + (zlib.crc32(body) >> 3) % 1000 / 2000)


def count(name: bytes) -> bytes:
    """How many chat requests have been read for a name, and when this was said."""
    return json.dumps({"requests": Connection.requests[name], "at": time.monotonic()}).encode()


def content_length(head: bytes) -> int | None:
    """The content length in a request's head; 0 if it names none, None if it cannot be read."""
    start = head.lower().find(b"\r\ncontent-length:")
    if start < 0:
        return None if b"\r\ntransfer-encoding:" in head.lower() else 0
    value = head[start + 17 :].split(b"\r\n", 1)[0].strip()
    return int(value) if value.isdigit() else None


async def serve(protocol: Callable[[], asyncio.Protocol]) -> None:
    """Serve on a free loopback port, printed first, until standard input is closed (the parent is gone)."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Connection))
