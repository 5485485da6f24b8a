"""One event loop for the life of the process, in a thread of its own.

litellm and its HTTP clients keep connections bound to the loop that opened them, so several runs in one process
must share one loop; and a notebook already runs a loop in its main thread, where `asyncio.run` is refused. Both are
served by a loop that nobody else uses.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent import futures
from typing import Any, TypeVar

T = TypeVar("T")

_CANCEL_S = 5.0  # longest wait for cancelled work to end

_WAKE_S = 0.2
"""How often a waiting thread wakes up by itself. Handlers of signals run in the main thread, but a signal does not
always wake it: a thread that is just being started may take it first."""


class _LoopThread:
    """A daemon thread that runs one event loop until the process ends."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop: asyncio.AbstractEventLoop
        self._ready = threading.Event()
        self.thread = threading.Thread(target=self._run, name="panel-eval-loop", daemon=True)
        self.thread.start()
        self._ready.wait()
        atexit.register(self._end)

    def _run(self) -> None:
        # Runner cancels what is left and closes the loop when the block ends.
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            self._ready.set()
            self.loop.run_forever()

    def _end(self) -> None:
        if self.pid == os.getpid() and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(timeout=_CANCEL_S)


_starting = threading.Lock()
_current: _LoopThread | None = None


def _loop_thread() -> _LoopThread:
    """The process's loop thread; a forked child starts its own, since threads do not survive a fork."""
    global _current
    with _starting:
        if _current is None or _current.pid != os.getpid():
            _current = _LoopThread()
        return _current


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the process's one loop and wait for its result.

    Works with and without a running loop in the calling thread (a notebook), any number of times.

    Raises:
        RuntimeError: called on the loop's own thread, which would wait for itself for ever.
        KeyboardInterrupt: Ctrl-C while waiting; the coroutine is cancelled and has ended. Inside
            `interrupts.stop_on_interrupt` Ctrl-C asks the run to stop instead.
    """
    owner = _loop_thread()
    if threading.current_thread() is owner.thread:
        coroutine.close()
        raise RuntimeError("run_async was called from the loop it runs on; await the coroutine instead")
    ended = threading.Event()

    async def work() -> T:
        try:
            return await coroutine
        finally:
            ended.set()

    future = asyncio.run_coroutine_threadsafe(work(), owner.loop)
    try:
        while not futures.wait((future,), _WAKE_S).done:
            pass
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        # The caller will close files that the coroutine may still write to.
        ended.wait(_CANCEL_S)
        raise
