"""What an HTTP answer that is an error means. Both transports judge by it, so they agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from panel_eval.errors import CassetteMissError, shorten
from panel_eval.judges.retry_after import wait_hint_s
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, TransportErrorKind

_MESSAGE_CHARACTERS = 300
_READ_CHARACTERS = 4000
_CASSETTE_MISS = "CannotOverwriteExistingCassetteException"

_KINDS: Mapping[int, TransportErrorKind] = {
    401: "auth",
    402: "payment",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server",
    410: "not_found",
    413: "context_window",
    423: "server",
    425: "server",
    429: "rate_limit",
    504: "timeout",
}
"""By status. Other 4xx are bad requests, other 5xx server errors; 409, 423 and 425 may work a moment later."""

_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_POLICY = frozenset(
    {"content_policy_violation", "content_filter", "responsibleaipolicyviolation", "invalid_prompt"}
)
_TOO_LONG_WORDS = re.compile(
    r"maximum context length|maximum context limit|model's context length|exceed context limit"
    r"|available context size|exceeds the maximum number of tokens|input tokens exceed|prompt is too long"
)
_POLICY_WORDS = re.compile(
    r"violating our usage policy|result of (?:our|the) safety system|content management policy|content_policy_viol"
)
_RATE_WORDS = re.compile(r"rate[\s_-]?limit|too many requests")


@dataclass(frozen=True)
class _Said:
    """What an error's body says: its words in lower case, and its `code` and `type`."""

    message: str
    words: str
    names: frozenset[str]


def answer_error(
    status: int, headers: Mapping[str, str], body: bytes | str, keys: Iterable[str | None] = ()
) -> TransportError:
    """The error that an HTTP answer with an error status stands for. Nothing was billed: it is an answer.

    Args:
        status: HTTP status, 300 or more.
        headers: of the answer.
        body: as received, JSON or not.
        keys: keys to keep out of the message.
    """
    said = _read(body)
    return TransportError(
        _kind(status, said),
        shorten(without_keys(said.message, keys), _MESSAGE_CHARACTERS) or "no explanation given",
        status=status,
        retry_after_s=wait_hint_s(status, headers),
        may_be_billed=False,
    )


def error_in_answer(answer: Mapping[str, Any], keys: Iterable[str | None] = ()) -> TransportError | None:
    """The error that some gateways put into an answer with status 200, or None. It may be billed, being a 200."""
    error = answer.get("error")
    if not error or (isinstance(error, Mapping) and not error.get("message") and error.get("code") is None):
        return None
    said = _said(error)
    code = error.get("code") if isinstance(error, Mapping) else None
    status = code if isinstance(code, int) and 300 <= code <= 599 else None
    kind = _kind(status or 422, said)
    if status is None and (isinstance(code, str) or kind == "bad_request"):
        kind = "server"  # no status says whose fault it was; a gateway's trouble is likelier than ours
    message = shorten(without_keys(said.message, keys), _MESSAGE_CHARACTERS)
    return TransportError(kind, message, may_be_billed=True)


def check_cassette(error: BaseException, keys: Iterable[str | None] = ()) -> None:
    """Raise where an error says that a replayed test lacks the request.

    Raises:
        CassetteMissError: it does.
    """
    if isinstance(error, CassetteMissError):
        raise CassetteMissError(without_keys(str(error), keys)) from None
    if type(error).__name__ == _CASSETTE_MISS:
        raise CassetteMissError(f"request not in the cassette: {without_keys(str(error), keys)}") from None


def _kind(status: int, said: _Said) -> TransportErrorKind:
    """The provider's own word for what is wrong wins over the status: one status stands for too many things."""
    if said.names & _NO_MONEY or ("exceeded your current quota" in said.words and "retry in" not in said.words):
        return "payment"  # OpenAI answers 429 also to accounts without money, where waiting does not help
    if status not in (401, 429):
        if said.names & _TOO_LONG or _TOO_LONG_WORDS.search(said.words):
            return "context_window"
        if status < 500 and (said.names & _POLICY or _POLICY_WORDS.search(said.words)):
            return "content_policy"
        if "model_not_found" in said.names:
            return "not_found"
        if (status == 403 or status >= 500) and (_RATE_WORDS.search(said.words) or "rate_limit" in said.names):
            return "rate_limit"
    return _KINDS.get(status, "server" if status >= 500 else "not_found" if status < 400 else "bad_request")


def _read(body: bytes | str) -> _Said:
    try:
        value = from_json(body)
    except ValueError:
        value = None
    if isinstance(value, Mapping):
        return _said(value.get("error") or value)
    text = body if isinstance(body, str) else body[:_READ_CHARACTERS].decode("utf-8", "replace")
    return _said(text)


def _said(error: Any) -> _Said:
    """Of ``{"message": …, "code": …, "type": …}`` in OpenAI's shape; of anything else the whole text."""
    message, names = error, frozenset[str]()
    if isinstance(error, Mapping):
        names = frozenset(str(error.get(name)).casefold() for name in ("code", "type"))
        message = error.get("message") or error.get("detail") or dict(error)
    text = message if isinstance(message, str) else repr(message)
    text = text[:_READ_CHARACTERS]
    return _Said(text, text.casefold(), names)
