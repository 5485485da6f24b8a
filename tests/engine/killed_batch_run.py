"""Takes single steps of a batch run in child processes, and kills them at a chosen write to the disk.

Reads commands from stdin, one a line, as JSON: ``[folder, url, step, at, how]``. A child takes the step (submit or
collect); at its `at`-th `os.write` or `os.fsync` it is killed (SIGKILL): `before` the call or `after` it, or
at its `at`-th `os.write` with half of the bytes written (`torn`). Prints whether it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_REAL = {"write": os.write, "fsync": os.fsync}
_plan = {"at": 0, "how": "", "seen": 0}


def _watched(name: str) -> Callable[..., Any]:
    real = _REAL[name]

    def call(descriptor: int, *rest: bytes) -> Any:
        if _plan["how"] == "torn" and name == "fsync":
            return real(descriptor)
        _plan["seen"] += 1
        due = _plan["seen"] == _plan["at"]
        if due and _plan["how"] == "torn":
            real(descriptor, rest[0][: len(rest[0]) // 2])
        if due and _plan["how"] != "after":
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(descriptor, *rest)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return call


os.write, os.fsync = _watched("write"), _watched("fsync")

from batch_panel import BatchRun  # noqa: E402  (it takes os.write as it stands at import)


def take_step(folder: str, url: str, step: str) -> None:
    """One step, as a process of its own would take it."""
    run = BatchRun(Path(folder), url, n_items=2, judges=("a",))
    if step == "submit":
        run.submit()
    else:
        run.collect()


def main() -> None:
    """Serve commands until stdin ends."""
    import aiohttp  # noqa: F401  (once, not in each child)

    for line in sys.stdin:
        folder, url, step, at, how = json.loads(line)
        child = os.fork()
        if child == 0:
            _plan.update(at=at, how=how, seen=0)
            try:
                take_step(folder, url, step)
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print({0: "false", -signal.SIGKILL: "true"}.get(ended, "null"), flush=True)


if __name__ == "__main__":
    main()
