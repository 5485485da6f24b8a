"""A chat server that has bad nights, for `faults.py`: it fails as providers do, and writes down what it did.

After `GET /calm` every request is answered well. After `GET /hostile` each meets a fate drawn from the seed:

429            an episode for the whole server: for 0.1 to 0.5 s everything is refused, with Retry-After in
               seconds or as a date (then up to a whole second), or with retry-after-ms
500, 503       an error with a JSON body, or with HTML
hang           no answer; the connection is closed after some seconds
reset_before   the connection is reset instead of an answer
reset_after    the work is done, half of the answer is sent, the connection is reset
truncated      content-length is longer than the body, the connection is closed
garbage        status 200 and HTML, broken UTF-8, deep JSON, wrong types, nothing, or no HTTP at all
unusable       a good completion whose text is no vote (prose, a cut-off object, an unknown label)
no_usage       a good completion without, or with nonsense for, token counts
drip           the answer comes in small pieces, in time
slow_drip      the answer comes in small pieces, too slowly for the client's patience
ok             the answer

Each request's line in the log has: `at` (seconds since the epoch), `conn` (which connection), `item`, `judge`,
`first` (the label listed first: with balanced orders it tells samples apart), `repair`, `kind`, `tokens_in`
and `tokens_out` as billed (also for answers that never arrived whole; 0 where no work was done), and for a 429
`until`, when it may be asked again.

    python benchmarks/hostile_server.py SEED LOG PATIENCE_S      prints its port, serves until stdin is closed
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any, ClassVar, TextIO

from chat_server import Connection, response, serve, vote_text

BYTES_PER_TOKEN = {"judge-a": 4, "judge-b": 2, "judge-c": 1}
"""How a judge's tokenizer cuts text; one token a byte is the most there is."""

WEIGHTS = {
    "ok": 60, "429": 2, "500": 6, "503": 2, "hang": 2, "reset_before": 4, "reset_after": 4, "truncated": 4,
    "garbage": 5, "unusable": 3, "no_usage": 3, "drip": 4, "slow_drip": 1,
}  # fmt: skip
UNBILLED = frozenset({"429", "500", "503", "reset_before"})

_ITEM = re.compile(rb"item-\d+")
_FIRST = re.compile(rb"A = (\w+):")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fate:
    """What becomes of a request.

    Attributes:
        kind: its name in the log.
        pieces: (seconds to wait, bytes to send after it).
        end: what happens then: ``keep`` the connection, ``close`` or ``reset`` it.
        until: for a 429, when the server may be asked again, seconds since the epoch.
    """

    kind: str
    pieces: tuple[tuple[float, bytes], ...]
    end: str = "keep"
    until: float | None = None


@dataclass
class Night:
    """Draws fates and keeps the log.

    Args:
        draw: where fates come from.
        patience_s: how long the clients wait for an answer.
        log: takes one line a request.
    """

    draw: random.Random
    patience_s: float
    log: TextIO
    refusing_until: float = 0.0
    refusing_form: str = "seconds"
    connections: int = 0
    calm: bool = True

    def fate(self, body: bytes, tokens: tuple[int, int]) -> Fate:
        """The fate of a request."""
        now = time.time()
        kind = "ok" if self.calm else self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if not self.calm and now < self.refusing_until:
            return self._refusal(now)
        if kind == "429":
            self.refusing_form = self.draw.choice(("seconds", "milliseconds", "date"))
            until = now + self.draw.uniform(0.1, 0.5)
            self.refusing_until = math.ceil(until) if self.refusing_form == "date" else until
            return self._refusal(now)
        wait = self.draw.uniform(0.002, 0.03)
        good = response("200 OK", completion(body, vote_text(body), tokens))
        return Fate(kind, *self._course(kind, wait, good, body, tokens))

    def _refusal(self, now: float) -> Fate:
        left = self.refusing_until - now
        header = {
            "seconds": f"retry-after: {math.ceil(left * 1000) / 1000:.3f}",
            "milliseconds": f"retry-after-ms: {math.ceil(left * 1000)}",
            "date": f"retry-after: {formatdate(self.refusing_until, usegmt=True)}",
        }[self.refusing_form]
        answer = failure("429 Too Many Requests", "slow down", header)
        return Fate("429", ((0.0, answer),), until=self.refusing_until)

    def _course(
        self, kind: str, wait: float, good: bytes, body: bytes, tokens: tuple[int, int]
    ) -> tuple[tuple[tuple[float, bytes], ...], str]:
        """The pieces sent and the end, by kind."""
        half = len(good) // 2
        if kind == "hang":
            return ((3.0 * self.patience_s, b""),), "close"
        if kind == "reset_before":
            return ((wait, b""),), "reset"
        if kind == "reset_after":
            return ((wait, good[:half]), (0.005, b"")), "reset"
        if kind == "truncated":
            return ((wait, good[:-40]),), "close"
        if kind in ("500", "503"):
            return ((wait, self._server_error(kind)),), "keep"
        if kind == "garbage":
            answer, end = self._garbage()
            return ((wait, answer),), end
        if kind == "unusable":
            text = self.draw.choice(_UNUSABLE)
            return ((wait, response("200 OK", completion(body, text, tokens))),), "keep"
        if kind == "no_usage":
            return ((wait, response("200 OK", self._without_usage(body))),), "keep"
        if kind in ("drip", "slow_drip"):
            return _dripping(good, 0.3 if kind == "drip" else 2.0 * self.patience_s), "keep"
        return ((wait, good),), "keep"

    def _server_error(self, kind: str) -> bytes:
        status = {"500": "500 Internal Server Error", "503": "503 Service Unavailable"}[kind]
        if self.draw.random() < 0.5:
            return failure(status, "internal trouble", "x-trouble: yes")
        return response(status, b"<html><body>Bad gateway</body></html>")

    def _garbage(self) -> tuple[bytes, str]:
        if self.draw.random() < 0.1:
            return b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "close"
        return response("200 OK", self.draw.choice(_GARBAGE)), "keep"

    def _without_usage(self, body: bytes) -> bytes:
        answer = json.loads(completion(body, vote_text(body), (1, 1)))
        del answer["usage"]
        nonsense = self.draw.choice((None, "many", {"prompt_tokens": -5, "completion_tokens": "few"}, {}))
        return json.dumps(answer if nonsense is None else {**answer, "usage": nonsense}).encode()

    def note(self, connection: int, body: bytes, fate: Fate, tokens: tuple[int, int]) -> None:
        """Write a request's line."""
        item, first = _ITEM.search(body), _FIRST.search(body)
        billed = (0, 0) if fate.kind in UNBILLED else tokens
        line: dict[str, Any] = {
            "at": time.time(),
            "conn": connection,
            "item": item and item[0].decode(),
            "judge": judge_of(body),
            "first": first and first[1].decode(),
            "repair": b'"role":"assistant"' in body.replace(b" ", b""),
            "kind": fate.kind,
            "tokens_in": billed[0],
            "tokens_out": billed[1],
            "until": fate.until,
        }
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()


_GARBAGE = (
    b"<!doctype html><title>Welcome</title>", b'{"choices": [{"message": {"content": "\xff\xfe\xc3\x28"}}]}', b"",
    b"[" * 50_000, b'{"choices": ' * 3_000, b"null", b"12", b'"no"', b"[]", b"{}", b'{"choices": "yes"}',
    b'{"choices": []}', b'{"choices": [7]}', b'{"choices": [{"message": null}]}', b'{"choices": {"0": {}}}',
    b'{"choices": [{"message": {"content": [1, {"a": 2}]}, "finish_reason": 9}], "usage": [1]}',
    b'{"error": "in a good status"}', b'{"choices": [{"message": {"content": "x"}}], "choices": 1e999}',
)  # fmt: skip
_UNUSABLE = (
    "I would say it is rather positive.",
    '{"rationale": "cut off in the mid',
    '{"rationale": "x", "label": "Z", "confidence": 0.9}',
    '{"rationale": "x", "label": ["A"], "confidence": "high"}',
)


def judge_of(body: bytes) -> str:
    """The judge a request is for: the panel gives each its own model name."""
    named = re.search(rb'"model": ?"(?:openai/)?([\w-]+)"', body)
    return named[1].decode() if named else ""


def tokens_of(body: bytes) -> tuple[int, int]:
    """Tokens that a request is billed with: its text by its judge's tokenizer, and what was said."""
    messages = json.loads(body)["messages"]
    text = "".join(each["content"] for each in messages).encode()
    per_token = BYTES_PER_TOKEN.get(judge_of(body), 4)
    return len(text) // per_token + 8, len(vote_text(body)) // 4 + 1


def completion(body: bytes, text: str, tokens: tuple[int, int]) -> bytes:
    """A chat completion that says `text`."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    named = {"id": "chatcmpl-hostile", "object": "chat.completion", "created": 1, "model": judge_of(body)}
    return json.dumps({**named, "choices": [choice], "usage": usage}).encode()


def failure(status: str, message: str, header: str) -> bytes:
    """An error as OpenAI words it, with one more header."""
    body = json.dumps({"error": {"message": message, "type": "constructed", "code": None}}).encode()
    return response(status, body).replace(b"\r\n", b"\r\n" + header.encode() + b"\r\n", 1)


def _dripping(good: bytes, seconds: float, pieces: int = 10) -> tuple[tuple[float, bytes], ...]:
    size = -(-len(good) // pieces)
    return tuple((seconds / pieces, good[start : start + size]) for start in range(0, len(good), size))


class HostileConnection(Connection):
    """A connection to the hostile server."""

    night: ClassVar[Night]
    number = 0

    def answer(self, method: bytes, path: bytes, body: bytes) -> bool:
        """Let a request meet its fate."""
        if not self.number:
            self.night.connections += 1
            self.number = self.night.connections
        if method == b"GET":
            self.night.calm = path == b"/calm"
            self.transport.write(response("200 OK", json.dumps({"calm": self.night.calm}).encode()))
            return True
        tokens = tokens_of(body)
        fate = self.night.fate(body, tokens)
        self.night.note(self.number, body, fate, tokens)
        self._follow(iter(fate.pieces), fate)
        return False

    def _follow(self, pieces: Iterator[tuple[float, bytes]], fate: Fate) -> None:
        piece = next(pieces, None)
        if piece is None:
            self._end(fate.end)
            return
        asyncio.get_running_loop().call_later(piece[0], self._send, piece[1], pieces, fate)

    def _send(self, data: bytes, pieces: Iterator[tuple[float, bytes]], fate: Fate) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(data)
        self._follow(pieces, fate)

    def _end(self, end: str) -> None:
        if end == "keep":
            self.go_on()
        elif end == "close":
            self.transport.close()
        else:
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()


def main(seed: int, log: Path, patience_s: float) -> None:
    with log.open("a") as file:
        HostileConnection.night = Night(random.Random(seed), patience_s, file)
        asyncio.run(serve(HostileConnection))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
