"""Batches of OpenAI-compatible servers, spoken directly: the files and batches API over aiohttp."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from panel_eval.errors import shorten
from panel_eval.judges.batches.backend import (
    COMPLETION_WINDOW,
    ENDPOINT,
    TAG_KEY,
    BatchStatus,
    read_file_id,
    read_status,
)
from panel_eval.judges.http_errors import answer_error, check_cassette
from panel_eval.judges.openai_wire import chat_body
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, WireRequest
from panel_eval.version import __version__

if TYPE_CHECKING:
    import aiohttp

_CALL_S = 120.0
_CONNECT_S = 20.0
_TRANSFER_S = 1800.0
PAGE = 100
MOST_PAGES = 200
_LONGEST_ANSWER = 50_000_000
_CHUNK = 1 << 20


class DirectBatches:
    """The batch service of one OpenAI-compatible server.

    Args:
        model: the model as the server knows it.
        api_base: base URL, such as ``https://api.openai.com/v1``.
        api_key: the key; None = none is sent.
        headers: more headers, such as the organization that is billed.
    """

    def __init__(
        self, model: str, api_base: str, api_key: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        self._model = model
        self._base = api_base.rstrip("/")
        self._key = api_key
        self._headers = dict(headers or {})
        self._session: aiohttp.ClientSession | None = None

    async def begin(self) -> None:
        """Open a session."""
        import aiohttp

        if self._session is None:
            from panel_eval.judges.connections import proxy_for

            headers = {"User-Agent": f"panel-eval/{__version__}", **self._headers}
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key}"
            self._session = aiohttp.ClientSession(headers=headers, proxy=proxy_for(self._base))

    async def check_service(self) -> None:
        """List one batch: servers without batches answer 404. Errors as `TransportError`."""
        await self._json("GET", "/batches", params={"limit": "1"})

    def body(self, request: WireRequest) -> dict[str, Any]:
        """The body of the live request."""
        return chat_body(request, self._model)

    async def upload(self, requests: Path) -> str:
        """Upload a file of request lines. Errors as `TransportError`."""
        import aiohttp

        with requests.open("rb") as file:
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            form.add_field("file", file, filename=requests.name, content_type="application/jsonl")
            return read_file_id(await self._json("POST", "/files", timeout_s=_TRANSFER_S, data=form))

    async def create(self, file_id: str, tag: str) -> BatchStatus:
        """Submit an uploaded file as a batch. Errors as `TransportError`."""
        batch = {
            "input_file_id": file_id,
            "endpoint": ENDPOINT,
            "completion_window": COMPLETION_WINDOW,
            "metadata": {TAG_KEY: tag},
        }
        return read_status(await self._json("POST", "/batches", json=batch), [self._key])

    async def find(self, tag: str, file_id: str | None) -> list[BatchStatus]:
        """The batches with this tag, or made from this file, oldest first. Errors as `TransportError`."""
        found: list[BatchStatus] = []
        params = {"limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._json("GET", "/batches", params=params)
            data = page.get("data")
            some = [read_status(each, [self._key]) for each in data] if isinstance(data, list) else []
            found += [each for each in some if each.tag == tag or (file_id and each.input_file == file_id)]
            if not some or not page.get("has_more"):
                return found[::-1]
            params["after"] = some[-1].batch_id
        raise TransportError("server", f"the list of batches does not end after {MOST_PAGES} pages")

    async def status(self, batch_id: str) -> BatchStatus:
        """How far a batch is. Errors as `TransportError`."""
        return read_status(await self._json("GET", f"/batches/{in_path(batch_id)}"), [self._key])

    async def download(self, file_id: str, target: Path) -> None:
        """Write the content of a server's file to `target`. Errors as `TransportError`."""
        path = f"/files/{in_path(file_id)}/content"
        async with self._response("GET", path, timeout_s=_TRANSFER_S) as response:
            with target.open("wb") as file:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    await asyncio.to_thread(file.write, chunk)

    async def cancel(self, batch_id: str) -> None:
        """Ask for the end of a batch. Errors as `TransportError`."""
        await self._json("POST", f"/batches/{in_path(batch_id)}/cancel")

    async def aclose(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _json(self, method: str, path: str, timeout_s: float = _CALL_S, **more: Any) -> Mapping[str, Any]:
        async with self._response(method, path, timeout_s, **more) as response:
            answer = _object(await _limited(response))
        if answer is None:
            raise TransportError("server", f"the answer of {path} is no JSON object", may_be_billed=True)
        return answer

    @asynccontextmanager
    async def _response(
        self, method: str, path: str, timeout_s: float, **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A response with status 2xx; everything else that can happen becomes a `TransportError`."""
        import aiohttp

        assert self._session is not None, "begin() comes first"
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        try:
            async with self._session.request(
                method, self._base + path, timeout=timeout, allow_redirects=False, **more
            ) as response:
                if not 200 <= response.status < 300:
                    raise answer_error(response.status, response.headers, await _limited(response), [self._key])
                yield response
        except aiohttp.ClientConnectorError as error:
            raise TransportError("connection", self._words(error), may_be_billed=False) from None
        except TimeoutError:
            raise TransportError("timeout", f"no whole answer from {path} within {timeout_s:g} s") from None
        except aiohttp.ClientError as error:
            check_cassette(error, [self._key])
            raise TransportError("connection", self._words(error)) from None

    def _words(self, error: Exception) -> str:
        return shorten(without_keys(str(error) or type(error).__name__, [self._key]), 300)


def in_path(name: str) -> str:
    """A provider's name for a thing, as one step of a path: it cannot lead elsewhere."""
    return quote(name, safe="")


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The body, as far as it is worth reading. It comes in pieces, whatever its length."""
    data = bytearray()
    async for piece in response.content.iter_any():
        data += piece
        if len(data) > _LONGEST_ANSWER:
            break
    return bytes(data)


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
