"""The lock that keeps two processes out of one run directory.

It is the operating system's (`flock`), so it ends with the process that holds it, however that ends. What stands in
the lock file is only for people: who holds it, and since when.
"""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from panel_eval.errors import InputError, Problem

LOCK_NAME = "run.lock"


def take_lock(path: Path) -> int:
    """Take the lock of a run directory.

    Args:
        path: the directory.

    Returns:
        A file descriptor; closing it gives up the lock.

    Raises:
        InputError: another process holds it (the message names it), or the directory cannot be used.
    """
    try:
        descriptor = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(Problem(f"cannot be used as a run directory: {error.strerror}", path=path)) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 300).decode("utf-8", "replace").strip() or "another process"
        os.close(descriptor)
        what = f"another run works in this directory: {owner}"
        raise InputError(Problem(what, path=path, fix="wait for it, or stop it first")) from None
    except OSError as error:
        os.close(descriptor)
        raise InputError(Problem(f"cannot be locked: {error.strerror}", path=path)) from None
    with suppress(OSError):  # on a full disk the lock holds without a name
        _sign(descriptor)
    return descriptor


def _sign(descriptor: int) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode(), 0)
