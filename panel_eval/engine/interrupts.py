"""Ctrl-C and SIGTERM become requests to stop while a run is under way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from panel_eval.engine.stop import StopSignal


@contextmanager
def stop_on_interrupt(stop: StopSignal) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `stop.request()` inside the block; earlier handlers are put back after it.

    A third signal, should even giving up take too long, raises KeyboardInterrupt. Signals can be handled in the
    main thread only; in any other thread the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: object) -> None:
        if stop.at_once:
            raise KeyboardInterrupt
        stop.request()

    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            # None: the handler was installed by C code and cannot be put back from Python.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
