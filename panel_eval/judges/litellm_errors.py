"""What litellm's exceptions mean. Knows them by class name, so it needs no litellm to be imported or tested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from panel_eval.errors import shorten
from panel_eval.judges.http_errors import answer_error, check_cassette
from panel_eval.judges.retry_after import retry_after_s
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import UNCERTAIN_KINDS, TransportError, TransportErrorKind

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
_FOUND_BEFORE_SENDING: Mapping[re.Pattern[str], TransportErrorKind] = {
    re.compile(r"Missing (?:credentials|\w+ API key)|The api_key client option must be set", re.I): "auth",
    re.compile(r"LLM Provider NOT provided", re.I): "not_found",
}
"""What litellm and the openai client say of a request that they cannot send; litellm calls most of it a 500."""

_NEVER_SENT = frozenset({"ConnectTimeout", "ClientConnectorError", "ConnectionRefusedError", "gaierror"})
_LITELLMS_OWN_WORDS: frozenset[str] = frozenset({"context_window", "content_policy", "payment"})
_PREFIX = re.compile(r"^(?:litellm\.)?\w+(?:Error|Timeout): (?=\S)")
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
        check_cassette(link, keys)
    kind, known = _kind(error, chain)
    judged = _judged_by_answer(chain, keys)
    if judged is not None:
        if kind not in _LITELLMS_OWN_WORDS or kind == judged.kind:
            return judged
        # litellm knows the words of many providers for these.
        return TransportError(
            kind, judged.message, status=judged.status, retry_after_s=judged.retry_after_s, may_be_billed=False
        )
    message = shorten(without_keys(_words(error), keys), _MESSAGE_CHARACTERS)
    unsent = _why_unsent(chain)
    if unsent is not None:
        return TransportError(unsent, message, fatal_for_judge=True, may_be_billed=False)
    return TransportError(
        kind,
        message,
        retry_after_s=retry_after_s(_headers(chain)),
        retryable=None if known else False,
        fatal_for_judge=True if _is_fatal_setting(error, message) else None,
        may_be_billed=_may_be_billed(kind, chain),
    )


def _judged_by_answer(chain: list[BaseException], keys: Iterable[str | None]) -> TransportError | None:
    """What the provider's answer itself says, if one came: litellm's classes lump many statuses together."""
    for link in chain:
        response = getattr(link, "response", None)
        status = getattr(response, "status_code", None)
        if type(link).__name__ == "HTTPStatusError" and isinstance(status, int) and status >= 300:
            try:
                body = str(response.text)  # type: ignore[union-attr]
            except RuntimeError:  # httpx: a streamed body that nobody has read
                body = _words(chain[0])
            return answer_error(status, dict(response.headers), body, keys)  # type: ignore[union-attr]
    return None


def _why_unsent(chain: list[BaseException]) -> TransportErrorKind | None:
    """The kind of an error that was found before anything was sent: no key, no such provider, no package."""
    if any(isinstance(link, ImportError) for link in chain):
        return "bad_request"
    words = [_words(link) for link in chain]
    return next(
        (kind for said, kind in _FOUND_BEFORE_SENDING.items() if any(said.match(each) for each in words)), None
    )


def _may_be_billed(kind: TransportErrorKind, chain: list[BaseException]) -> bool:
    """Whether a request without an error status may be billed: it went out, or its answer could not be read."""
    names = {name for link in chain for name in _class_names(link)}
    if kind in UNCERTAIN_KINDS:
        return not names & _NEVER_SENT
    error_in_a_200 = any(type(link) is Exception and hasattr(link, "status_code") for link in chain)
    return kind == "server" or error_in_a_200


def _kind(error: Exception, chain: list[BaseException]) -> tuple[TransportErrorKind, bool]:
    """The kind, and whether the error is one we know; an unknown one is a defect somewhere and not retried."""
    named = next((KIND_BY_CLASS[name] for name in _class_names(error) if name in KIND_BY_CLASS), None)
    if named in (None, "server", "connection"):
        for link in chain[1:]:
            for name in _class_names(link):
                if name in _KIND_BY_CAUSE:
                    return _KIND_BY_CAUSE[name], True
    if named == "connection" and not _is_from_below(chain):
        return "server", True  # litellm's wrapper for anything it could not read, such as a garbage body
    return named or "server", named is not None


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


def _words(error: BaseException) -> str:
    """The message without litellm's class names in front and without the traceback it may hold."""
    text = (str(error) or type(error).__name__).partition("Traceback (most recent call last)")[0].strip()
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    return text
