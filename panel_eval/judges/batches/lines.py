"""The lines of a batch: one request a line on the way out, one result a line on the way back.

References:
    The OpenAI batch format, https://platform.openai.com/docs/guides/batch; Azure, Mistral and others took it over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from panel_eval.errors import shorten
from panel_eval.judges.batches.backend import ENDPOINT
from panel_eval.judges.http_errors import answer_error
from panel_eval.judges.openai_wire import read_completion
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, WireReply

_WORDS = 300


@dataclass(frozen=True)
class LineResult:
    """What a batch says of one request.

    Attributes:
        custom_id: the vote key it was sent with, as the provider repeats it.
        reply: the answer, if there is one.
        error: why there is none.
    """

    custom_id: str
    reply: WireReply | None = None
    error: TransportError | None = None


def request_line(vote_key: str, body: Mapping[str, Any]) -> bytes:
    """The line that asks for one vote, newline included."""
    line = {"custom_id": vote_key, "method": "POST", "url": ENDPOINT, "body": body}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def read_result(line: bytes, keys: Iterable[str | None] = ()) -> LineResult | None:
    """Read a line of an output or error file; None if it names no request.

    A request that the provider did not come to (expired, cancelled) has a retryable error.

    Args:
        line: the line.
        keys: keys to keep out of an error's message.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    custom_id = said.get("custom_id") if isinstance(said, dict) else None
    if not isinstance(custom_id, str):
        return None
    try:
        return LineResult(custom_id, reply=_reply(said, keys))
    except TransportError as error:
        return LineResult(custom_id, error=error)


def _reply(said: Mapping[str, Any], keys: Iterable[str | None]) -> WireReply:
    response = said.get("response")
    if not isinstance(response, Mapping):
        raise _not_run(said.get("error"), keys)
    status, body = response.get("status_code"), response.get("body")
    if isinstance(body, Mapping) and status in (200, None):
        return read_completion(body, keys)
    raise answer_error(status if isinstance(status, int) and status >= 300 else 500, {}, json.dumps(body), keys)


def _not_run(error: Any, keys: Iterable[str | None]) -> TransportError:
    """The error of a request without a response: batch_expired, batch_cancelled and the like."""
    said = error if isinstance(error, Mapping) else {"message": error}
    words = next((said[name] for name in ("message", "code") if isinstance(said.get(name), str)), "no reason given")
    message = f"not answered: {shorten(without_keys(words, keys), _WORDS)}"
    return TransportError("server", message, retryable=True, may_be_billed=False)
