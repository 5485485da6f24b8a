"""A small OpenAI-like server on loopback. Its answers are constructed, not a model's; the URL's path picks one."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
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
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = self.path.split("/")[1]
        self.server.counts[name] += 1  # type: ignore[attr-defined]
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        if name == "slow":
            time.sleep(1.0)
        if name == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if name == "schema_rejected" and body.get("response_format", {}).get("type") != "json_schema":
            name = "ok"
        status, answer, headers = ANSWERS["ok" if name == "slow" else name]
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        for header, value in {"content-type": "application/json", **headers}.items():
            self.send_header(header, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.counts: Counter[str] = Counter()
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
