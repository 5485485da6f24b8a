"""What litellm's exceptions mean. Knows them by class name, so it needs no litellm to be imported or tested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from panel_eval.errors import CassetteMissError, shorten
from panel_eval.judges.retry_after import retry_after_s
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, TransportErrorKind

KIND_BY_CLASS: Mapping[str, TransportErrorKind] = {
    "ContextWindowExceededError": "context_window",
    "ContentPolicyViolationError": "content_policy",
    "PaymentRequiredError": "payment",
    "BudgetExceededError": "payment",
    "LiteLLMUnknownProvider": "not_found",
    "UnsupportedParamsError": "bad_request",
    "RateLimitError": "rate_limit",
    "Timeout": "timeout",
    "APITimeoutError": "timeout",
    "AuthenticationError": "auth",
    "PermissionDeniedError": "auth",
    "NotFoundError": "not_found",
    "UnprocessableEntityError": "bad_request",
    "BadRequestError": "bad_request",
    "APIConnectionError": "connection",
    "InternalServerError": "server",
    "ServiceUnavailableError": "server",
    "BadGatewayError": "server",
    "APIResponseValidationError": "server",
    "APIError": "server",
}
"""First match along the class's bases wins; litellm's classes derive from openai's of the same names."""

_KIND_BY_CAUSE: Mapping[str, TransportErrorKind] = {
    "ConnectTimeout": "timeout",
    "ReadTimeout": "timeout",
    "WriteTimeout": "timeout",
    "PoolTimeout": "timeout",
    "ServerTimeoutError": "timeout",
    "ConnectError": "connection",
    "ReadError": "connection",
    "WriteError": "connection",
    "RemoteProtocolError": "connection",
    "ClientConnectorError": "connection",
    "ClientOSError": "connection",
    "ServerDisconnectedError": "connection",
    "ConnectionResetError": "connection",
    "ConnectionRefusedError": "connection",
}
_STATUSLESS = frozenset({"timeout", "connection"})
_PREFIX = re.compile(r"^(?:litellm\.)?\w+(?:Error|Timeout): (?=\S)")
_CASSETTE_MISS = "CannotOverwriteExistingCassetteException"
_MESSAGE_CHARACTERS = 300


def transport_error(error: Exception, keys: Iterable[str | None] = ()) -> TransportError:
    """What a failed litellm call means.

    Args:
        error: what litellm raised.
        keys: keys to keep out of the message.

    Raises:
        CassetteMissError: behind the error stands a recorded test that lacks the request. litellm reports it as
            a connection error with status 500, which would be retried.
    """
    chain = list(_chain(error))
    for link in chain:
        if type(link).__name__ == _CASSETTE_MISS:
            raise CassetteMissError(f"request not in the cassette: {without_keys(str(link), keys)}") from None
    kind, known = _kind(error, chain)
    message = shorten(without_keys(_words(error), keys), _MESSAGE_CHARACTERS)
    return TransportError(
        kind,
        message,
        status=None if kind in _STATUSLESS else _status(error),
        retry_after_s=retry_after_s(_headers(chain)),
        retryable=None if known else False,
        fatal_for_judge=True if _is_fatal_setting(error, message) else None,
    )


def _kind(error: Exception, chain: list[BaseException]) -> tuple[TransportErrorKind, bool]:
    """The kind, and whether the error is one we know; an unknown one is a defect somewhere and not retried."""
    named = next((KIND_BY_CLASS[name] for name in _class_names(error) if name in KIND_BY_CLASS), None)
    if named == "rate_limit" and any(_quota_is_used_up(link) for link in chain):
        return "payment", True
    if named in (None, "server", "connection"):
        for link in chain[1:]:
            for name in _class_names(link):
                if name in _KIND_BY_CAUSE:
                    return _KIND_BY_CAUSE[name], True
    if named == "connection" and not _is_from_below(chain):
        return "server", True  # litellm's wrapper for anything it could not read, such as a garbage body
    return named or "server", named is not None


def _quota_is_used_up(error: BaseException) -> bool:
    """OpenAI says 429 also to accounts without money, where waiting does not help."""
    return getattr(error, "code", None) == "insufficient_quota" or "exceeded your current quota" in str(error)


def _is_from_below(chain: list[BaseException]) -> bool:
    """Whether the openai client itself reported a connection error, or nothing more is known."""
    return len(chain) == 1 or any(type(link).__name__ == "APIConnectionError" for link in chain[1:])


def _is_fatal_setting(error: Exception, message: str) -> bool:
    """A sampling setting that the model does not take fails every request; a response format has other rungs."""
    return "UnsupportedParamsError" in _class_names(error) and "response_format" not in message


def _class_names(error: BaseException) -> list[str]:
    return [base.__name__ for base in type(error).__mro__]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that stand behind it, causes and contexts both, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]


def _headers(chain: list[BaseException]) -> dict[str, str]:
    """The provider's headers: litellm leaves `exc.response.headers` empty and keeps them elsewhere."""
    for link in chain:
        headers = getattr(link, "litellm_response_headers", None)
        if headers:
            return {str(name): str(value) for name, value in dict(headers).items()}
    return {}


def _status(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _words(error: Exception) -> str:
    """The message without litellm's class names in front."""
    text = str(error) or type(error).__name__
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    return text
