"""How a run is asked to end early: once politely, twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class StopSignal:
    """Counts requests to stop. The first lets calls in flight finish, the second gives them up.

    `request` may be called from any thread and from a signal handler: it takes no lock (a handler that waits for a
    lock held by the code it interrupted would hang).
    """

    def __init__(self) -> None:
        self._requests = 0
        self._listeners: tuple[Callable[[], None], ...] = ()

    def request(self) -> None:
        """Ask the run to stop; the second call asks it to give up what is in flight."""
        self._requests += 1
        for listener in self._listeners:
            listener()

    @property
    def requested(self) -> bool:
        """No new questions are to be put."""
        return self._requests >= 1

    @property
    def at_once(self) -> bool:
        """Calls in flight are to be given up."""
        return self._requests >= 2

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` at every request, in the thread that makes it."""
        self._listeners = (*self._listeners, listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Stop calling `listener`."""
        self._listeners = tuple(known for known in self._listeners if known is not listener)


class StopWatch:
    """A `StopSignal` as seen from one event loop, where it can be waited for.

    Use as a context manager inside the loop.
    """

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._requested = asyncio.Event()
        self._at_once = asyncio.Event()

    def __enter__(self) -> StopWatch:
        self._stop.listen(self._wake)
        self._note()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.unlisten(self._wake)

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        if self._stop.requested:
            self._requested.set()
        if self._stop.at_once:
            self._at_once.set()

    @property
    def requested(self) -> bool:
        """No new questions are to be put."""
        return self._stop.requested

    async def at_once(self) -> None:
        """Wait until calls in flight are to be given up."""
        await self._at_once.wait()

    async def pause(self, sleeping: Awaitable[object]) -> None:
        """Wait for `sleeping`, or until a stop is requested, whichever comes first."""
        sleeper = asyncio.ensure_future(sleeping)
        waiter = asyncio.ensure_future(self._requested.wait())
        try:
            await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeper, waiter):
                task.cancel()
            await asyncio.gather(sleeper, waiter, return_exceptions=True)
