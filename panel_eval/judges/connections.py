"""The HTTP connections of this process: one pool for each event loop, shared by all transports that run on it."""

from __future__ import annotations

import asyncio
import urllib.request
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from panel_eval.judges.wire import TransportError

KEEP_ALIVE_S = 4.0
"""Idle connections are closed before the server does it (uvicorn and node wait 5 s): a request sent into a closing
connection is lost, and nobody knows whether it was worked on."""

_SPARE_FILES = 128
_FEWEST_CONNECTIONS = 64


class Pool:
    """The connections of one event loop.

    Attributes:
        loop: the event loop they belong to.
        session: opens and keeps them.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        import aiohttp

        self.loop = loop
        connector = aiohttp.TCPConnector(limit=most_connections(), keepalive_timeout=KEEP_ALIVE_S, ttl_dns_cache=60)
        # No netrc and no proxy looked up for each request, which trust_env would do; see `proxy_for`.
        self.session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        self._users = 0

    def enter(self) -> Pool:
        """Count one more transport that uses the pool."""
        self._users += 1
        return self

    async def leave(self) -> None:
        """One transport less; with the last one the connections are closed."""
        self._users -= 1
        if self._users == 0 and not self.session.closed:
            _pools.pop(self.loop, None)
            await self.session.close()


_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()


def running_pool() -> Pool:
    """The pool of the running event loop, made at the first call."""
    loop = asyncio.get_running_loop()
    pool = _pools.get(loop)
    if pool is None or pool.session.closed:
        pool = _pools[loop] = Pool(loop)
    return pool


def most_connections() -> int:
    """Most connections open at once: what the process's limit of open files leaves; 0 = any number."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 0 if soft == resource.RLIM_INFINITY else max(soft - _SPARE_FILES, _FEWEST_CONNECTIONS)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for a URL (``HTTPS_PROXY``, ``NO_PROXY`` …). Loopback never has one.

    Raises:
        TransportError: the proxy is of a kind that cannot be used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127."):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    if urlsplit(proxy).scheme not in {"http", "https"}:
        message = "only HTTP proxies can be used by transport: direct; name one in HTTPS_PROXY, or use litellm"
        raise TransportError("connection", message, retryable=False, fatal_for_judge=True, may_be_billed=False)
    return proxy
