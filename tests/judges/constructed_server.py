"""A small OpenAI-like server on loopback. Its answers are constructed, not a model's; the URL's path picks one."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(content: str | None, finish_reason: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "constructed",
        "object": "chat.completion",
        "created": 1,
        "model": "constructed-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


def failure(status: int, message: str, code: str | None = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"error": {"message": message, "type": "constructed", "code": code}}, named


VOTE = '{"rationale": "a plain word", "label": "B", "confidence": 0.5}'

ANSWERS: dict[str, tuple[int, Any, dict[str, str]]] = {
    "ok": (200, completion(VOTE), {}),
    "rate_limited": failure(429, "slow down", retry_after="7"),
    "quota": failure(429, "You exceeded your current quota", code="insufficient_quota"),
    "broken": failure(500, "internal trouble"),
    "unavailable": failure(503, "try later", retry_after_ms="1500"),
    "key": failure(401, "Incorrect API key provided: sk-secretsecretsecret"),
    "absent": failure(404, "no such model"),
    "unpaid": failure(402, "pay first"),
    "too_long": failure(400, "This model's maximum context length is 8 tokens", code="context_length_exceeded"),
    "schema_rejected": failure(400, "response_format json_schema is not supported"),
    "refusal": (200, completion(None, refusal="I cannot judge this text."), {}),
    "filtered": (200, completion("", finish_reason="content_filter"), {}),
    "truncated": (200, completion('{"rationale": "The word is', finish_reason="length"), {}),
    "broken_json": (200, completion('{"rationale": "x", "label": "B", '), {}),
    "garbage": (200, "<html>not json</html>", {}),
    "no_choices": (200, {**completion(VOTE), "choices": []}, {}),
    "reset_hint": failure(429, "slow down", x_ratelimit_reset_requests="1s", x_ratelimit_reset_tokens="120ms"),
    "used_up": failure(429, "slow", x_ratelimit_reset_tokens="3s", x_ratelimit_reset_requests="1s",
                       x_ratelimit_remaining_requests="0", x_ratelimit_remaining_tokens="9"),
    "both_hints": failure(429, "slow down", retry_after="2", x_ratelimit_reset_requests="50s"),
    "forbidden": failure(403, "your country is not supported"),
    "too_many_at_403": failure(403, "Rate limit exceeded", retry_after="5"),
    "gateway": failure(504, "upstream took too long"),
    "overloaded": failure(529, "overloaded"),
    "conflict": failure(409, "try again"),
    "unfit": failure(422, "no such parameter"),
    "large": failure(413, "request entity too large"),
    "plain_words": (400, "no JSON here", {}),
    "flat": (400, {"object": "error", "message": "maximum context length is 8 tokens", "code": 400}, {}),
    "keyless": failure(401, "You did not provide an API key"),
    "filtered_prompt": failure(400, "the prompt was stopped", code="content_filter"),
    "no_such_model": failure(400, "The model does not exist", code="model_not_found"),
    "not_utf8": (200, json.dumps(completion(VOTE)).encode().replace(b"plain", b"pl\xff\xfe"), {}),
    "deep": (200, b'{"choices": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", {}),
    "after_the_end": (200, json.dumps(completion(VOTE)) + "}", {}),
    "empty": (200, b"", {}),
    "a_list": (200, [1], {}),
    "error_in_200": (200, {"error": {"message": "the provider behind the gateway is down", "code": 502}}, {}),
    "limit_in_200": (200, {"error": {"message": "slow down", "code": 429}}, {}),
    "byte_order_mark": (200, b"\xef\xbb\xbf" + json.dumps(completion(VOTE)).encode(), {}),
    "half_surrogate": (200, json.dumps(completion("cut \ud83d")), {}),
    "thoughts": (200, completion("<think>A or {B}?</think>" + VOTE), {}),
    "other_words": (200, completion(VOTE, finish_reason="max_tokens"), {}),
}  # fmt: skip


def odd(place: str, value: Any) -> dict[str, Any]:
    """A completion with something of another type at a dotted place."""
    answer = completion(VOTE)
    at: Any = answer
    *way, last = place.split(".")
    for name in way:
        at = at[int(name) if name.isdecimal() else name]
    at[last] = value
    return answer


ODD: dict[str, tuple[str, Any]] = {
    f"odd_{place}_{number}".replace(".", "-"): (place, value)
    for place, values in {
        "choices": ("x", {"0": 1}, [1], [None], None),
        "choices.0.message": (None, "x", []),
        "choices.0.message.content": (5, [{"type": "text", "text": VOTE}], {}, True),
        "choices.0.message.refusal": (5, ["no"], {}),
        "choices.0.finish_reason": (5, None, "eos"),
        "choices.0.index": ("x",),
        "choices.0.logprobs": ("x", [], {"content": "x"}, {"content": [1, None]}, {"content": []},
                               {"content": [{"token": 5, "logprob": "x"}]},
                               {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "B"}]}]}),
        "usage": ("x", [], None, {"prompt_tokens": "7", "completion_tokens": 3.0},
                  {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": "x"}),
        "model": (5, None, []),
        "id": (5, None),
        "created": ("x", None),
    }.items()
    for number, value in enumerate(values)
}  # fmt: skip
"""Wrong types everywhere in an answer, by path on the server."""

ANSWERS.update({name: (200, odd(*where), {}) for name, where in ODD.items()})

Answer = tuple[int, Any, dict[str, str]]


def refusing(setting: str, message: str) -> Callable[[dict[str, Any], int], Answer]:
    """An answer to requests without a setting, and a 400 to those with it."""
    return lambda body, count: failure(400, message) if setting in body else ANSWERS["ok"]


def with_logprobs(*alternatives: str) -> dict[str, Any]:
    """A completion whose one token weighed alternatives of probability 1/2, 1/4, 1/8 …"""
    top = [{"token": token, "logprob": math.log(0.5 / 2**place)} for place, token in enumerate(alternatives)]
    answer = odd("choices.0.message.content", "A")
    answer["choices"][0]["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    return answer


def two_choices(body: dict[str, Any]) -> dict[str, Any]:
    answer = completion(VOTE)
    answer["choices"] = answer["choices"] * body.get("n", 1)
    return {**answer, "system_fingerprint": "fp_1"}


ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202egnp\r\n"
HOSTILE = f"{ESCAPES}sk-hostilehostile12 " + "x" * 5000

BY_REQUEST: dict[str, Callable[[dict[str, Any], int], Answer]] = {
    "two": lambda body, count: (200, two_choices(body), {}),
    "one_only": refusing("n", "only one choice can be asked for"),
    "no_temperature": refusing("temperature", "'temperature' does not support 0.2 with this model"),
    "no_logprobs": refusing("logprobs", "You are not allowed to request logprobs from this model"),
    "logprobs": lambda body, count: (200, with_logprobs("A", "B", "C", "x"), {}),
    "few_logprobs": lambda body, count: (200, with_logprobs("A"), {}),
    "other_token": lambda body, count: (200, with_logprobs("x", "A", "y", "B"), {}),
    "unmetered": lambda body, count: (200, {**completion(VOTE), "usage": None}, {}),
    "chatter": lambda body, count: (200, completion(f"Here you are: {VOTE}"), {}),
    "busy_once": lambda body, count: failure(429, "slow", retry_after_ms="80") if count == 1 else ANSWERS["ok"],
    "hostile_error": lambda body, count: failure(401, HOSTILE),
    "hostile": lambda body, count: (
        200,
        {**completion(f"{HOSTILE} no JSON"), "model": HOSTILE, "system_fingerprint": HOSTILE},
        {},
    ),
}
"""Answers that depend on the request's body, or on how many came to the path so far."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = self.path.split("/")[1]
        self.server.counts[name] += 1  # type: ignore[attr-defined]
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        self.server.clients.add(self.client_address)  # type: ignore[attr-defined]
        self.server.headers.append(dict(self.headers))  # type: ignore[attr-defined]
        if name == "slow":
            time.sleep(1.0)
        if name in ("reset", "cut", "drip", "gibberish"):
            getattr(self, f"_{name}")()
            return
        if name == "echo":
            self._answer(*failure(400, f"what is {self.headers['authorization']} or sk-proj-abcdefgh12345678?"))
            return
        if name == "echo_in_200":
            self._answer(
                200, {"error": {"message": f"bad key {self.headers['authorization'][7:]}", "code": 401}}, {}
            )
            return
        if name == "echo_in_vote":
            words = f"I was asked with {self.headers['authorization'][7:]}"
            self._answer(200, completion(json.dumps({"rationale": words, "label": "B", "confidence": 0.5})), {})
            return
        if name == "redirect":
            self._answer(307, "", {"location": self.server.redirects_to})  # type: ignore[attr-defined]
            return
        if name == "schema_rejected" and body.get("response_format", {}).get("type") != "json_schema":
            name = "ok"
        if name in BY_REQUEST:
            self._answer(*BY_REQUEST[name](body, self.server.counts[name]))  # type: ignore[attr-defined]
            return
        self._answer(*ANSWERS["ok" if name == "slow" else name])

    def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        data = answer if isinstance(answer, bytes) else answer.encode() if isinstance(answer, str) else None
        data = json.dumps(answer).encode() if data is None else data
        self.send_response(status)
        for header, value in {"content-type": "application/json", **headers}.items():
            self.send_header(header, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _cut(self) -> None:
        """An answer that promises more than comes."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")

    def _drip(self) -> None:
        """An answer that comes byte by byte, each long before any timeout between bytes."""
        self.close_connection = True
        data = json.dumps(completion(VOTE)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(data))
        for byte in data[:40]:
            time.sleep(0.05)
            self.wfile.write(bytes([byte]))

    def _gibberish(self) -> None:
        self.close_connection = True
        self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        return None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.counts: Counter[str] = Counter()
        self.clients: set[tuple[str, int]] = set()
        self.headers: list[dict[str, str]] = []
        self.redirects_to = f"http://localhost:{self.server_port}/ok/v1/chat/completions"
        self.bodies: list[dict[str, Any]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        return None  # clients that gave up waiting

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}/v1"


@contextmanager
def constructed_server(port: int = 0) -> Iterator[Server]:
    server = Server(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
