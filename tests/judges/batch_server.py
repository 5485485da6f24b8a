"""A small OpenAI-like files and batches server on loopback, with the ways in which a provider can misbehave.

Its answers are constructed, not a model's. A batch goes ``validating → in_progress → finalizing`` and then to its
end; every look at it moves it one step. What becomes of each line is decided by the server's `fate`. All requests
are counted, and every line of a created batch counts as bought.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from constructed_server import completion

STEPS = ("validating", "in_progress", "finalizing")
STALL_S = 20.0
MISTRAL = {
    "validating": "QUEUED", "in_progress": "RUNNING", "finalizing": "RUNNING", "completed": "SUCCESS",
    "failed": "FAILED", "expired": "TIMEOUT_EXCEEDED", "cancelling": "CANCELLATION_REQUESTED",
    "cancelled": "CANCELLED",
}  # fmt: skip


def failed(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """A result line's response for a request that the model did not answer."""
    return {"status_code": status, "request_id": "r", "body": {"error": {"message": message, "code": code}}}


FAILURES: dict[str, dict[str, Any]] = {
    "policy": failed(400, "rejected by our content policy", "content_policy_violation"),
    "too_long": failed(400, "maximum context length is 8 tokens", "context_length_exceeded"),
    "limited": failed(429, "slow down", "rate_limit_exceeded"),
    "broken": failed(500, "internal trouble", "server_error"),
    "key": failed(401, "Incorrect API key provided: sk-secretsecretsecret", "invalid_api_key"),
    "bad": failed(400, "temperature must not be odd", "invalid_value"),
    "schema": failed(400, "response_format json_schema is not supported", "invalid_value"),
}


@dataclass
class Batch:
    """One batch: its lines and how far it is."""

    batch_id: str
    key: str
    file_id: str
    metadata: dict[str, str]
    lines: list[dict[str, Any]]
    looks: int = 0
    state: str = "validating"
    output: str | None = None
    errors: str | None = None
    trouble: list[dict[str, Any]] = field(default_factory=list)


def chosen(body: dict[str, Any]) -> str:
    """The code that the constructed model answers with: it follows from the whole request and nothing else."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    allowed = schema.get("properties", {}).get("label", {}).get("enum", ["A"])
    text = json.dumps(body, sort_keys=True)
    return allowed[hashlib.sha256(text.encode()).digest()[0] % len(allowed)]


def answered(body: dict[str, Any]) -> dict[str, Any]:
    """The chat completion for a request: a function of its body."""
    said = {"rationale": "constructed", "label": chosen(body), "confidence": 0.5}
    return completion(json.dumps(said))


class BatchServer(ThreadingHTTPServer):
    """The server. Its attributes may be set while it runs.

    Attributes:
        fate: for each custom_id what becomes of it: ok, lost, expired or a name in `FAILURES`.
        ending: the state in which batches end.
        looks: how many looks at a batch it takes to end.
        page: most batches in one list.
        key: the key that is let in; None = any. Batches belong to the key that made them.
        stall: name of a step ("files", "batches", "content", each "before" or "after" it took effect) at which the
            server falls silent and `stalled` is set, once, until `go` is.
        noise: whether results carry duplicates, unknown ids, garbage and a huge line.
        refuse: HTTP status with which the next batches are refused, in order.
        lose: how many created batches are answered with a broken connection.
        garble: how many created batches are answered with something else than a batch.
        pieces_s: seconds between the two pieces in which every answer comes; 0 = it comes whole.
        twins: how many created batches are made twice and then answered so.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.RLock()
        self.counts: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.bought: Counter[str] = Counter()
        self.bodies: Counter[str] = Counter()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.fate: Callable[[str], str] = lambda _custom_id: "ok"
        self.ending = "completed"
        self.looks = 3
        self.page = 2
        self.key: str | None = None
        self.stall: str | None = None
        self.stalled = threading.Event()
        self.go = threading.Event()
        self.noise = False
        self.refuse: list[int] = []
        self.lose = 0
        self.garble = 0
        self.pieces_s = 0.0
        self.twins = 0
        self.trouble = "the file cannot be read"

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        return None  # clients that were killed

    def new_file(self, data: bytes) -> str:
        """Keep a file."""
        with self.lock:
            file_id = f"file-{len(self.files) + 1}"
            self.files[file_id] = data
            return file_id

    def new_batch(self, key: str, file_id: str, metadata: dict[str, str]) -> Batch:
        """Make a batch of an uploaded file: from here on its lines are bought."""
        with self.lock:
            lines = [json.loads(line) for line in self.files[file_id].splitlines()]
            batch = Batch(f"batch_{len(self.batches) + 1}", key, file_id, metadata, lines)
            self.batches[batch.batch_id] = batch
            self.bought.update(line["custom_id"] for line in lines)
            self.bodies.update(json.dumps(line["body"], sort_keys=True) for line in lines)
            return batch

    def look(self, batch: Batch) -> None:
        """Someone looks at a batch: it moves on."""
        with self.lock:
            batch.looks += 1
            if batch.state not in STEPS and batch.state != "cancelling":
                return
            if batch.looks >= self.looks or batch.state == "cancelling":
                self._end(batch, "cancelled" if batch.state == "cancelling" else self.ending)
            else:
                batch.state = STEPS[min(batch.looks, len(STEPS) - 1)]

    def _end(self, batch: Batch, state: str) -> None:
        batch.state = state
        if state == "failed":
            batch.trouble = [{"code": "invalid_file", "message": self.trouble, "line": 1}]
            return
        good, bad = [], []
        for line in batch.lines:
            fate = self.fate(line["custom_id"])
            if fate == "ok":
                good.append(_result(line, {"status_code": 200, "request_id": "r", "body": answered(line["body"])}))
            elif fate == "expired":
                error = {"code": "batch_expired", "message": "This request could not be executed in time."}
                bad.append({**_result(line, None), "error": error})
            elif fate != "lost":
                bad.append(_result(line, FAILURES[fate]))
        chance = random.Random(7)
        chance.shuffle(good)
        written = [json.dumps(line) for line in good]
        if self.noise and good:
            written += [written[0], "{torn", "[1, 2]", '"text"', "", json.dumps({"custom_id": "0" * 64})]
            written += [json.dumps({**good[0], "custom_id": "f" * 64}), json.dumps({**good[0], "custom_id": 7})]
            written += [json.dumps({"custom_id": good[0]["custom_id"], "padding": "x" * 20_000_000})]
            chance.shuffle(written)
        batch.output = self.new_file("\n".join(written).encode() + b"\n") if good else None
        batch.errors = self.new_file("\n".join(map(json.dumps, bad)).encode() + b"\n") if bad else None


def _result(line: dict[str, Any], response: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": "result", "custom_id": line["custom_id"], "response": response, "error": None}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BatchServer

    def do_GET(self) -> None:
        url = self._url
        if not self._let_in():
            return
        if match := re.fullmatch(r"/v1/files/([^/]+)/content", url.path):
            self._content(match[1])
        elif match := re.fullmatch(r"/v1/(?:batches|batch/jobs)/([^/]+)", url.path):
            self._batch(match[1], "retrieve")
        elif url.path in ("/v1/batches", "/v1/batch/jobs"):
            self._list({name: values[0] for name, values in parse_qs(url.query).items()})
        else:
            self._fail(404, "no such path")

    def do_POST(self) -> None:
        path = self._url.path
        data = self.rfile.read(int(self.headers["content-length"] or 0))
        if not self._let_in():
            return
        if path == "/v1/files":
            self._upload(data)
        elif path in ("/v1/batches", "/v1/batch/jobs"):
            self._create(json.loads(data))
        elif match := re.fullmatch(r"/v1/(?:batches|batch/jobs)/([^/]+)/cancel", path):
            self._batch(match[1], "cancel")
        elif path == "/v1/chat/completions":
            self._chat(json.loads(data))
        else:
            self._fail(404, "no such path")

    @property
    def _url(self) -> SplitResult:
        """The path asked for, Azure's ``/openai`` being OpenAI's ``/v1``."""
        url = urlsplit(self.path)
        return url._replace(path=re.sub(r"^/openai/", "/v1/", url.path))

    @property
    def _mistral(self) -> bool:
        return "/batch/jobs" in self.path

    @property
    def _key(self) -> str:
        """The key sent, in Azure's header or everybody's."""
        return self.headers.get("api-key") or (self.headers.get("authorization") or "").removeprefix("Bearer ")

    def _let_in(self) -> bool:
        self.server.keys[self._key] += 1
        if self.server.key is not None and self._key != self.server.key:
            self.server.counts["turned away"] += 1
            self._fail(401, f"Incorrect API key provided: {self._key}")
            return False
        return True

    def _stall(self, step: str) -> None:
        if self.server.stall == step:
            self.server.stall = None
            self.server.stalled.set()
            self.server.go.wait(STALL_S)

    def _upload(self, data: bytes) -> None:
        self.server.counts["upload"] += 1
        self._stall("before files")
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in BytesParser(policy=HTTP).parsebytes(head + data).iter_parts()
        }
        if parts.get("purpose") != b"batch":
            self._fail(400, "purpose must be batch")
            return
        file_id = self.server.new_file(parts["file"])
        self._stall("after files")
        self._send({
            "id": file_id, "object": "file", "bytes": len(parts["file"]), "created_at": 1, "filename": "b.jsonl",
            "purpose": "batch", "status": "processed",
        })  # fmt: skip

    def _create(self, body: dict[str, Any]) -> None:
        self.server.counts["create"] += 1
        if self.server.refuse:
            self._fail(self.server.refuse.pop(0), "not now")
            return
        file_id = body["input_files"][0] if self._mistral else body["input_file_id"]
        if file_id not in self.server.files:
            self._fail(404, "no such file")
            return
        self._stall("before batches")
        batch = self.server.new_batch(self._key, file_id, body.get("metadata") or {})
        self._stall("after batches")
        if self.server.twins:
            self.server.twins -= 1
            self.server.lose += 1
            self.server.new_batch(self._key, file_id, body.get("metadata") or {})
        if self.server.lose:
            self.server.lose -= 1
            self.close_connection = True
            self.connection.close()
            return
        if self.server.garble:
            self.server.garble -= 1
            self._send_bytes(200, b"<html>try later</html>")
            return
        self._send(self._shown(batch))

    def _batch(self, batch_id: str, doing: str) -> None:
        self.server.counts[doing] += 1
        batch = self.server.batches.get(batch_id)
        if batch is None or batch.key != self._key:
            self._fail(404, f"No batch found with id '{batch_id}'.")
            return
        if doing == "cancel" and batch.state in STEPS:
            batch.state = "cancelling"
        elif doing == "retrieve":
            self.server.look(batch)
        self._send(self._shown(batch))

    def _list(self, query: dict[str, str]) -> None:
        self.server.counts["list"] += 1
        mine = [batch for batch in reversed(self.server.batches.values()) if batch.key == self._key]
        if self._mistral:
            size = int(query["page_size"])
            some = mine[int(query["page"]) * size :][:size]
            self._send({"object": "list", "data": [self._shown(batch) for batch in some], "total": len(mine)})
            return
        if "after" in query:
            ids = [batch.batch_id for batch in mine]
            mine = mine[ids.index(query["after"]) + 1 :]
        page = mine[: min(self.server.page, int(query.get("limit", 20)))]
        self._send({
            "object": "list", "data": [self._shown(batch) for batch in page], "has_more": len(page) < len(mine),
            "first_id": page[0].batch_id if page else None, "last_id": page[-1].batch_id if page else None,
        })  # fmt: skip

    def _content(self, file_id: str) -> None:
        self.server.counts["content"] += 1
        data = self.server.files.get(file_id)
        if data is None:
            self._fail(404, "no such file")
            return
        self._stall("before content")
        self._send_bytes(200, data)

    def _chat(self, body: dict[str, Any]) -> None:
        self.server.counts["chat"] += 1
        with self.server.lock:
            self.server.bodies[json.dumps(body, sort_keys=True)] += 1
        self._send(answered(body))

    def _shown(self, batch: Batch) -> dict[str, Any]:
        if self._mistral:
            return {
                "id": batch.batch_id, "object": "batch", "errors": batch.trouble,
                "input_files": [batch.file_id], "status": MISTRAL[batch.state], "output_file": batch.output,
                "error_file": batch.errors, "created_at": 1, "metadata": batch.metadata,
                "total_requests": len(batch.lines), "succeeded_requests": 0, "failed_requests": 0,
            }  # fmt: skip
        return {
            "id": batch.batch_id, "object": "batch", "endpoint": "/v1/chat/completions", "errors":
            {"object": "list", "data": batch.trouble} if batch.trouble else None, "input_file_id": batch.file_id,
            "completion_window": "24h", "status": batch.state, "output_file_id": batch.output,
            "error_file_id": batch.errors, "created_at": 1, "metadata": batch.metadata,
            "request_counts": {"total": len(batch.lines), "completed": 0, "failed": 0},
        }  # fmt: skip

    def _fail(self, status: int, message: str) -> None:
        self._send_bytes(status, json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode())

    def _send(self, answer: dict[str, Any]) -> None:
        self._send_bytes(200, json.dumps(answer).encode())

    def _send_bytes(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.server.pieces_s:
            self.wfile.write(data[:9])
            self.wfile.flush()
            time.sleep(self.server.pieces_s)
            data = data[9:]
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return None


@contextmanager
def batch_server() -> Iterator[BatchServer]:
    """A server for the length of a block."""
    server = BatchServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
