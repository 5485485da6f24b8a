"""Requests through litellm, to any provider it knows.

litellm is used as a codec and nothing else: it retries nothing, drops no parameter silently, and fetches nothing at
import. It is imported by the first request, since the import takes two seconds (PEERS 4).
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import os
from dataclasses import replace
from typing import Any

from panel_eval.judges.litellm_errors import transport_error
from panel_eval.judges.litellm_replies import read_reply
from panel_eval.judges.openai_wire import response_format
from panel_eval.judges.wire import TransportError, WireReply, WireRequest

NO_KEY = "none-needed"
"""Sent to a server of one's own that needs no key; litellm would else send it the provider's key."""

_open_adapters = 0


class LiteLLMTransport:
    """Carries requests through litellm; one request for each `send`.

    All requests must come from one event loop: litellm's clients are shared by the process and bound to a loop.

    Args:
        api_base: base URL of an OpenAI-compatible server; None = the provider's own.
        api_key: the key; None = the provider's environment variable, or no key if `api_base` is given.
        secret: the key that litellm finds there by itself, to be kept out of what comes back.
    """

    def __init__(
        self, api_base: str | None = None, api_key: str | None = None, *, secret: str | None = None
    ) -> None:
        self._api_base = api_base
        self._api_key = api_key or (NO_KEY if api_base else None)
        self._secrets = (api_key, secret)
        self._litellm: Any = None
        self._takes_seed: dict[str, bool] = {}

    async def send(self, request: WireRequest) -> WireReply:
        """Send one request, exactly once.

        Raises:
            TransportError: it brought no reply.
            CassetteMissError: a replayed test asked for a request that was not recorded.
        """
        await self.open()
        try:
            # litellm's own timeout starts anew with each byte: an answer that drips would never end.
            async with asyncio.timeout(request.timeout_s):
                answer = await self._litellm.acompletion(**self._arguments(request))
        except TimeoutError:
            raise TransportError("timeout", "no whole answer in time") from None
        except Exception as error:  # litellm passes on whatever its providers' code raises
            raise transport_error(error, self._secrets) from None
        reply = read_reply(answer).without(self._secrets)
        return reply if self._seed_is_taken(request.model) else replace(reply, seed_sent=False)

    async def aclose(self) -> None:
        """Close litellm's clients, if no other adapter is in use: they belong to the process."""
        global _open_adapters
        if self._litellm is None:
            return
        litellm, self._litellm = self._litellm, None
        _open_adapters -= 1
        if _open_adapters == 0:
            await _close_clients(litellm)

    async def open(self) -> None:
        """Import litellm, which takes two seconds, in a thread. Does nothing when that is done.

        Raises:
            TransportError: it cannot be imported.
        """
        global _open_adapters
        if self._litellm is not None:
            return
        litellm = await asyncio.to_thread(import_litellm)
        if self._litellm is None:
            self._litellm = litellm
            _open_adapters += 1

    def _arguments(self, request: WireRequest) -> dict[str, Any]:
        optional = {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed if self._seed_is_taken(request.model) else None,
            # A copy: litellm rewrites schemas in place for some providers, and requests share theirs.
            "response_format": copy.deepcopy(response_format(request)),
            "n": request.n,
            "logprobs": True if request.logprobs else None,
            "top_logprobs": request.top_logprobs,
            "api_base": self._api_base,
            "api_key": self._api_key,
        }
        return {
            "model": request.model,
            "messages": [{"role": each.role, "content": each.content} for each in request.messages],
            "max_tokens": request.max_tokens,
            "timeout": request.timeout_s,
            # Both zeros: either alone still lets the openai client send a request three times.
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": False,
            # No callbacks listen here; without this litellm prepares a log record of each answer all the same.
            "no-log": True,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def _seed_is_taken(self, model: str) -> bool:
        """Whether the provider takes a seed. Without one samples still differ, so nothing is lost."""
        if model not in self._takes_seed:
            try:
                parameters = self._litellm.get_supported_openai_params(model)
            except Exception:  # an unknown provider; the request itself will say so
                parameters = None
            self._takes_seed[model] = "seed" in (parameters or ())
        return self._takes_seed[model]


def import_litellm() -> Any:
    """The module litellm, made ready; takes two seconds the first time.

    Raises:
        TransportError: it cannot be imported.
    """
    # Read at import: without it litellm fetches a price list from the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    try:
        import litellm
    except ImportError as error:
        raise TransportError("bad_request", f"litellm cannot be imported: {error}", fatal_for_judge=True) from None
    litellm.suppress_debug_info = True
    with contextlib.suppress(Exception):  # what is not done here the first request does
        _warm_up(litellm)
    return litellm


@functools.cache
def _warm_up(litellm: Any) -> None:
    """Send a made-up request, once a process, to a client that answers from memory.

    The first request of a process makes litellm and openai import more of themselves and read their type hints, for
    .4 s and more. A request counts as sent from the moment it is allowed to go: nothing may hold it up after that.
    """
    import httpx
    import openai

    class Memory(httpx.Client):
        def send(self, request: httpx.Request, **_options: Any) -> httpx.Response:
            message = {"role": "assistant", "content": "ready"}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            reply = {"id": "0", "object": "chat.completion", "created": 0, "model": "none", "choices": [choice]}
            return httpx.Response(200, json={**reply, "usage": usage}, request=request)

    with Memory() as memory:
        client = openai.OpenAI(api_key=NO_KEY, base_url="http://nowhere.invalid", http_client=memory, max_retries=0)
        request = {"model": "openai/none", "messages": [{"role": "user", "content": "?"}], "client": client}
        litellm.completion(**request, api_key=NO_KEY, num_retries=0, max_retries=0, **{"no-log": True})


async def _close_clients(litellm: Any) -> None:
    """Close and forget litellm's clients; a closed one left in its cache would fail the next request."""
    worker = getattr(getattr(litellm, "litellm_core_utils", None), "logging_worker", None)
    if worker is not None:
        with contextlib.suppress(RuntimeError):  # its task belongs to a loop that is closed already
            await worker.GLOBAL_LOGGING_WORKER.stop()
    await litellm.close_litellm_async_clients()
    litellm.in_memory_llm_clients_cache.flush_cache()
