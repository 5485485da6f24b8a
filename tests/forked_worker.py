"""Another process that does what it is told, each time in a fork of its own that is killed when its time is up.

A fork starts in no time, so that several can be made to work at the same moment, and killed at a chosen one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_PROGRAM = """
import json, os, signal, sys, time
{work}
for line in sys.stdin:
    order = json.loads(line)
    seconds = order.pop("killed_after_s")
    heard, said = os.pipe()
    began, child = time.monotonic(), os.fork()
    if child == 0:
        os.write(said, str(work(**order)).encode())
        os._exit(0)
    os.close(said)
    killed = False
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if killed := time.monotonic() - began > seconds:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.001)
    print(json.dumps([time.monotonic() - began, killed, os.read(heard, 10000).decode()]), flush=True)
    os.close(heard)
"""
_LONGEST_S = 60.0


class ForkedWorker:
    """The process.

    Args:
        work: Python source that defines `work(**order)`; what it returns comes back as text.
        environment: what stands in its environment beside what stands here.
    """

    def __init__(self, work: str, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.replace("{work}", work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def start(self, *, killed_after_s: float = _LONGEST_S, **order: Any) -> None:
        """Begin to work, and do not wait for the end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**order, "killed_after_s": killed_after_s}) + "\n")
        self._process.stdin.flush()

    def end(self) -> tuple[float, bool, str]:
        """Seconds that the work took, whether it was killed, and what it returned."""
        assert self._process.stdout is not None
        lived, killed, said = json.loads(self._process.stdout.readline())
        return lived, killed, said

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)
