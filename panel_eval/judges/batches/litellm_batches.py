"""Batches through litellm, for services with a way of their own: Azure, Vertex AI.

litellm is a codec here as it is for live requests: imported late, told to retry nothing, the key passed on so that
no other provider's key is sent. OpenAI's own API is not spoken through it: for each of these calls it opens a
client that it never closes, and it reads whole files into memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, TypeVar

from panel_eval.judges.batches.backend import (
    COMPLETION_WINDOW,
    ENDPOINT,
    TAG_KEY,
    BatchStatus,
    field,
    read_file_id,
    read_status,
)
from panel_eval.judges.litellm_errors import transport_error
from panel_eval.judges.litellm_transport import import_litellm
from panel_eval.judges.openai_wire import chat_body
from panel_eval.judges.wire import TransportError, WireRequest

T = TypeVar("T")

_CALL_S = 120.0
_TRANSFER_S = 1800.0
_PAGE = 100
_MOST_PAGES = 200


class LiteLLMBatches:
    """The batch service of one account, through litellm.

    Args:
        provider: litellm's name for the provider.
        model: the model as the provider knows it.
        api_base: base URL of a server of one's own; None = the provider's.
        api_key: the key; None = the provider's environment variable.
    """

    def __init__(self, provider: str, model: str, api_base: str | None, api_key: str | None) -> None:
        self._provider = provider
        self._model = model
        self._place = {"api_base": api_base, "api_key": api_key}
        self._litellm: Any = None

    async def begin(self) -> None:
        """Import litellm."""
        if self._litellm is None:
            self._litellm = await asyncio.to_thread(import_litellm)

    async def check_service(self) -> None:
        """Azure and Vertex AI have one."""

    def body(self, request: WireRequest) -> dict[str, Any]:
        """The chat request as litellm would send it live; litellm translates the lines for Vertex AI itself."""
        return chat_body(request, self._model)

    async def upload(self, requests: Path) -> str:
        """Upload a file of request lines. Errors as `TransportError`."""
        data = await asyncio.to_thread(requests.read_bytes)
        call = self._litellm.acreate_file(
            file=(requests.name, data), purpose="batch", **self._options(timeout_s=_TRANSFER_S)
        )
        return read_file_id(await self._answer(call))

    async def create(self, file_id: str, tag: str) -> BatchStatus:
        """Submit an uploaded file as a batch. Errors as `TransportError`."""
        call = self._litellm.acreate_batch(
            completion_window=COMPLETION_WINDOW,
            endpoint=ENDPOINT,
            input_file_id=file_id,
            metadata={TAG_KEY: tag},
            **self._options(),
        )
        made = self._read(await self._answer(call))
        if self._provider == "vertex_ai":
            await self._cancel_twins(made, file_id)
        return made

    async def _cancel_twins(self, made: BatchStatus, file_id: str) -> None:
        """End batches that litellm made besides: its HTTP client sends a request again when a connection breaks."""
        for twin in await self.find("", file_id):
            if twin.batch_id != made.batch_id and not twin.ended:
                await self.cancel(twin.batch_id)

    async def find(self, tag: str, file_id: str | None) -> list[BatchStatus]:
        """The batches with this tag, or made from this file, oldest first.

        Vertex AI keeps no tags; its batches are found by their file. Errors as `TransportError`.
        """
        found: list[BatchStatus] = []
        async for said in self._all():
            each = self._read(said)
            if each.tag == tag or (file_id and each.input_file == file_id):
                found.append(each)
        return found[::-1]

    async def _all(self) -> AsyncIterator[Any]:
        """Every batch of the account, newest first."""
        after: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._answer(self._litellm.alist_batches(after=after, limit=_PAGE, **self._options()))
            if hasattr(page, "__aiter__"):  # Azure's: it ignores `after`, but fetches its further pages itself
                async for each in self._further(page):
                    yield each
                return
            data = field(page, "data") or []
            for each in data:
                yield each
            if not data or not field(page, "has_more"):
                return
            after = field(page, "next_page_token") or field(data[-1], "id")
        raise TransportError("server", f"the list of batches does not end after {_MOST_PAGES} pages")

    async def _further(self, page: Any) -> AsyncIterator[Any]:
        try:
            async for each in page:
                yield each
        except Exception as error:
            raise self._translate(error) from None

    async def status(self, batch_id: str) -> BatchStatus:
        """How far a batch is. Errors as `TransportError`."""
        return self._read(await self._answer(self._litellm.aretrieve_batch(batch_id=batch_id, **self._options())))

    async def download(self, file_id: str, target: Path) -> None:
        """Write the content of a provider's file to `target`. Errors as `TransportError`."""
        call = self._litellm.afile_content(file_id=file_id, **self._options(timeout_s=_TRANSFER_S))
        answer = await self._answer(call)
        content = field(answer, "content")
        if not isinstance(content, bytes):
            raise TransportError("server", "the provider's answer holds no file")
        await asyncio.to_thread(target.write_bytes, content)

    async def cancel(self, batch_id: str) -> None:
        """Ask for the end of a batch. Errors as `TransportError`."""
        await self._answer(self._litellm.acancel_batch(batch_id=batch_id, **self._options()))

    async def aclose(self) -> None:
        """Nothing to close: litellm's clients belong to the process and are closed with its transports."""

    def _options(self, timeout_s: float = _CALL_S) -> dict[str, Any]:
        place = {name: value for name, value in self._place.items() if value is not None}
        return {"custom_llm_provider": self._provider, "timeout": timeout_s, "max_retries": 0, **place}

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except Exception as error:  # litellm passes on whatever its providers' code raises
            raise self._translate(error) from None

    def _read(self, said: Any) -> BatchStatus:
        return read_status(said, [self._place["api_key"]])

    def _translate(self, error: Exception) -> TransportError:
        if isinstance(error, TransportError):
            return error
        return transport_error(error, [self._place["api_key"]])
