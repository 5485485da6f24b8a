"""Forcing a growing file to the disk from a thread of its own, so that nobody waits for the disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

INTERVAL_S = 5.0
"""Longest time, apart from what `fsync` itself takes, that written bytes stay in the system's memory only."""


class BackgroundSync:
    """Calls `fsync` some seconds after the file was written to; while nothing is written it does nothing.

    Args:
        descriptor: the open file; it must stay open until `stop` returns.
        fsync: forces it to the disk; replaced in tests.
        interval_s: seconds from a write to the `fsync` that covers it.

    Attributes:
        error: why the disk failed, or None. What was written before may be lost then, though writing still works:
            a system that failed to write pages forgets about them.
    """

    def __init__(
        self, descriptor: int, *, fsync: Callable[[int], None] = os.fsync, interval_s: float = INTERVAL_S
    ) -> None:
        self.error: OSError | None = None
        self._descriptor = descriptor
        self._fsync = fsync
        self._interval_s = interval_s
        self._written = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def note_write(self) -> None:
        """Something was written."""
        if self._written.is_set():
            return
        self._written.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="panel-eval-fsync", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread. What was written last is not yet on the disk then."""
        self._stopped.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._written.wait() and not self._stopped.wait(self._interval_s):
            self._written.clear()
            try:
                self._fsync(self._descriptor)
            except OSError as error:
                self.error = error
                return
