"""Requests to a local judge: the server starts at the first one, then a transport of the usual kind talks to it."""

from __future__ import annotations

import asyncio
from typing import Literal

from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.local.server import server_for
from panel_eval.judges.local.weights import Weights
from panel_eval.judges.wire import WireReply, WireRequest, get_ready


class LocalTransport:
    """Carries requests to the llama.cpp server of some weights, in this process.

    Args:
        weights: what the server serves.
        by: what talks to it.
    """

    def __init__(self, weights: Weights, by: Literal["litellm", "direct"] = "direct") -> None:
        self.weights = weights
        self._by = DirectTransport if by == "direct" else LiteLLMTransport
        self._adapter: DirectTransport | LiteLLMTransport | None = None
        self._starting = asyncio.Lock()

    async def send(self, request: WireRequest) -> WireReply:
        """Send one request, exactly once.

        Raises:
            TransportError: it brought no reply.
            JudgeSetupError: the server cannot be started.
        """
        return await (await self._ready()).send(request)

    async def open(self) -> None:
        """Start the server, which loads the weights. Does nothing when that is done.

        Raises:
            JudgeSetupError: the server cannot be started.
        """
        await get_ready(await self._ready())

    async def _ready(self) -> DirectTransport | LiteLLMTransport:
        async with self._starting:
            if self._adapter is None:
                server = await asyncio.to_thread(server_for, self.weights)
                self._adapter = self._by(server.base_url, server.api_key)
            return self._adapter

    async def aclose(self) -> None:
        """Close connections; the server stays for other judges with the same weights."""
        if self._adapter is not None:
            await self._adapter.aclose()
            self._adapter = None
