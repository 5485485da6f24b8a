"""A real HTTP server on loopback that counts; its answers are made up."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COOKIE = "session=abcdefgh12345678"


def completion(content: str) -> dict[str, Any]:
    """An answer in OpenAI's shape."""
    message = {"role": "assistant", "content": content}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "small",
        "choices": choices,
        "usage": usage,
    }


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

    def _answer(self, body: bytes) -> None:
        self.server.asked += 1
        said: Any = {"n": self.server.asked, **self.server.extra}
        if self.path.endswith("/chat/completions"):
            said = completion('{"rationale": "plain", "label": "B", "confidence": 0.5}')
        data = json.dumps(said).encode()
        data = gzip.compress(data) if self.server.encoding == "gzip" else data
        self.send_response(200)
        if self.server.encoding:
            self.send_header("content-encoding", self.server.encoding)
        for name, value in {"content-type": "application/json", "set-cookie": COOKIE, "x-request-id": "r1"}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = 0
        self.extra: dict[str, Any] = {}
        self.encoding = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def small_server() -> Iterator[Server]:
    """A server that answers `{"n": how many requests it has had}`, or a chat completion."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
