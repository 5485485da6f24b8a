"""Requests to an OpenAI-compatible server without litellm: the same bodies and the same errors, for less work.

aiohttp is imported by the first request.
"""

from __future__ import annotations

import asyncio
import functools
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pydantic_core import PydanticSerializationError, from_json, to_json

from panel_eval.errors import JudgeSetupError, shorten
from panel_eval.judges.http_errors import answer_error, check_cassette
from panel_eval.judges.instrument import public_url
from panel_eval.judges.openai_wire import chat_body, read_completion
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, WireReply, WireRequest
from panel_eval.version import __version__

if TYPE_CHECKING:
    import aiohttp

    from panel_eval.judges.connections import Pool

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none-needed"
"""Sent to a server that needs no key: some insist on being sent one."""

LARGEST_ANSWER = 16 << 20
"""Bytes of the largest answer that is read; a vote has a few thousand."""

_LARGEST_ERROR = 1 << 20
_LONGEST_CONNECT_S = 10.0
_LARGE_BODY = 1 << 20  # aiohttp wants larger ones as a stream


class DirectTransport:
    """Carries requests to an OpenAI-compatible server; one request for each `send`.

    Args:
        api_base: base URL, such as ``http://127.0.0.1:8000/v1``; None = OpenAI's.
        api_key: the key; None = the server needs none.
        headers: sent with each request.

    Raises:
        JudgeSetupError: the key holds what no HTTP header can hold.
    """

    def __init__(
        self, api_base: str | None = None, api_key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        key = api_key or NO_KEY
        if not (key.isascii() and key.isprintable()):
            raise JudgeSetupError("the key holds a line break or a character that no HTTP header can hold")
        self._url = f"{(api_base or OPENAI).rstrip('/')}/chat/completions"
        self._key = key
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # answers are small; unpacking costs more than it saves
            "User-Agent": f"panel-eval/{__version__}",
            **(headers or {}),
        }
        self._pool: Pool | None = None
        self._options: dict[str, Any] = {}

    async def send(self, request: WireRequest) -> WireReply:
        """Send one request, exactly once.

        Raises:
            TransportError: it brought no reply.
            CassetteMissError: a replayed test asked for a request that was not recorded.
        """
        pool = self._pool
        if pool is None or pool.loop is not asyncio.get_running_loop():
            pool = self._begin()
        body = request_bytes(request)
        try:
            status, headers, data = await self._post(pool, body, request.timeout_s)
        except TransportError:
            raise
        except Exception as error:  # what aiohttp, TLS and the resolver raise
            raise _failure(error, self._key) from None
        if not 200 <= status < 300:
            raise self._error(status, headers, data)
        return read_completion(_parsed(data), [self._key])

    async def aclose(self) -> None:
        """Close the connections, if no other transport on this event loop is in use."""
        pool, self._pool = self._pool, None
        if pool is not None and pool.loop is asyncio.get_running_loop():
            await pool.leave()

    def _begin(self) -> Pool:
        from panel_eval.judges.connections import proxy_for, running_pool

        self._options = {"headers": self._headers, "allow_redirects": False, "proxy": proxy_for(self._url)}
        self._pool = running_pool().enter()
        return self._pool

    async def _post(self, pool: Pool, body: bytes, timeout_s: float) -> tuple[int, Mapping[str, str], bytes]:
        """One request: status, headers and body of the answer."""
        data = body if len(body) <= _LARGE_BODY else io.BytesIO(body)
        response = await pool.session.post(self._url, data=data, timeout=_timeout(timeout_s), **self._options)
        try:
            if 200 <= response.status < 300:
                return response.status, response.headers, await _answer(response)
            return response.status, response.headers, await _explanation(response)
        except BaseException:
            response.close()
            raise

    def _error(self, status: int, headers: Mapping[str, str], data: bytes) -> TransportError:
        if status >= 400:
            return answer_error(status, headers, data, [self._key])
        if status < 300:  # 101: whatever comes then is not HTTP
            return TransportError("server", f"HTTP status {status} is no answer", may_be_billed=True)
        # The prompt and the key are for the server that was named, not for where it points.
        place = shorten(without_keys(_target(self._url, headers.get("location", "")), [self._key]), 200)
        message = (
            f"the server sends requests on to {place!r}, which is not followed; if it is right, make it api_base"
        )
        return TransportError("not_found", message, status=status, may_be_billed=False)


def _target(url: str, location: str) -> str:
    """Where a redirect points, without what may be a key."""
    try:
        return public_url(urljoin(url, location))
    except ValueError:  # no URL at all
        return "nowhere"


def request_bytes(request: WireRequest) -> bytes:
    """A request's body as JSON.

    Raises:
        TransportError: it holds half a surrogate pair, which has no UTF-8.
    """
    prefix, _, name = request.model.partition("/")
    try:
        return to_json(chat_body(request, name or prefix))
    except (PydanticSerializationError, UnicodeEncodeError):
        message = "the request holds text that is not valid Unicode"
        raise TransportError("bad_request", message, may_be_billed=False) from None


@functools.lru_cache(maxsize=64)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    """The whole request in so many seconds; connecting is given up earlier, so that the two can be told apart."""
    import aiohttp

    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(0.9 * seconds, _LONGEST_CONNECT_S))


async def _answer(response: aiohttp.ClientResponse) -> bytes:
    data = await _read(response, LARGEST_ANSWER)
    if len(data) > LARGEST_ANSWER:
        message = f"the answer is larger than {LARGEST_ANSWER >> 20} MB"
        raise TransportError("server", message, retryable=False, may_be_billed=True)
    return data


async def _explanation(response: aiohttp.ClientResponse) -> bytes:
    """The body of an error, as far as it comes: the status says enough."""
    try:
        return await _read(response, _LARGEST_ERROR)
    except Exception:
        response.close()
        return b""


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, or a little more than `most` bytes of it; then the connection is closed."""
    content = response.content
    data = await content.readany()
    if content.at_eof():
        return data
    parts, size = [data], len(data)
    while size <= most and (data := await content.readany()):
        parts.append(data)
        size += len(data)
    if size > most:
        response.close()
    return b"".join(parts)


def _parsed(data: bytes) -> Any:
    """The JSON of an answer.

    Raises:
        TransportError: it is none.
    """
    try:
        return from_json(data)
    except ValueError as error:
        try:
            # The slow reader knows byte order marks and halves of surrogate pairs, which some servers send.
            return json.loads(data)
        except (ValueError, RecursionError):
            message = f"the provider's answer is not JSON: {shorten(str(error), 120)}"
        raise TransportError("server", message, may_be_billed=True) from None


def _failure(error: Exception, key: str) -> TransportError:
    """What went wrong below HTTP, and whether the request had gone out by then."""
    import aiohttp

    check_cassette(error, [key])
    words = shorten(without_keys(str(error) or type(error).__name__, [key]), 300)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return TransportError("timeout", "no connection in time", may_be_billed=False)
    if isinstance(error, TimeoutError):
        return TransportError("timeout", "no whole answer in time")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError):
        return TransportError("connection", words, may_be_billed=False)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return TransportError("not_found", f"not a URL of a server: {words}", may_be_billed=False)
    if isinstance(error, aiohttp.ClientResponseError):
        return TransportError("server", f"the server does not speak HTTP: {words}", may_be_billed=True)
    if isinstance(error, aiohttp.ClientError | OSError):
        return TransportError("connection", words)
    return TransportError("server", words, retryable=False, may_be_billed=True)
