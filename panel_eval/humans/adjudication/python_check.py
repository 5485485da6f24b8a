"""The check `python`: a function of the user's in a process of its own, with limits, killed with all it started.

The limits keep accidents small: endless loops, memory, floods of output, a crash. They are no sandbox: the function
may do whatever its user may do, which is why code is run only where somebody allows it.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans.adjudication.findings import CheckedItem, Finding
from panel_eval.schema.adjudication_policy import PythonCheck

START_S: Final = 30.0
"""Seconds that loading the user's module may take, or the limit of an item where that is longer."""
MOST_FAILURES: Final = 10
"""Items in a row that crash the function or take too long before the rest are given up."""
_MOST_BYTES: Final = 1 << 16
_WHY_CHARS: Final = 200
_CHILD: Final = Path(__file__).with_name("check_child.py")
_MARK: Final = "PANEL_EVAL_CHECK"
_SWEEPS: Final = 20
_SWEEP_S: Final = 0.01


class _FailedError(Exception):
    """The process did not answer as it should; says why in a few words."""


@contextmanager
def python_check(policy: PythonCheck, labels: Sequence[str], folder: Path) -> Iterator[PythonChecking]:
    """A check at work; its process is started with the first item and is gone afterwards.

    Args:
        policy: which function, and its limits.
        labels: of the rubric.
        folder: of the rubric: where files are looked for, and put first on the function's import path.

    Raises:
        InputError: with the first item: the function cannot be loaded.
    """
    checking = PythonChecking(policy, labels, folder)
    try:
        yield checking
    finally:
        checking.close()


class PythonChecking:
    """Hands items to the user's function and reads its answers; starts its process anew after a crash or a hang."""

    def __init__(self, policy: PythonCheck, labels: Sequence[str], folder: Path) -> None:
        self._policy = policy
        self._labels = tuple(labels)
        self._folder = folder
        self._process: _Process | None = None
        self._started = False
        self._in_a_row = 0

    def __call__(self, item: CheckedItem) -> Finding:
        """What the function says of an item; its own failures are findings without a label."""
        if self._in_a_row >= MOST_FAILURES:
            return Finding(None, f"not tried: the check failed on {MOST_FAILURES} items in a row", failed=True)
        try:
            answer = self._running().ask(self._request(item), self._policy.timeout_s)
        except _FailedError as failure:
            self.close()
            self._in_a_row += 1
            return Finding(None, f"the check {failure}", failed=True)
        found = self._finding(answer)
        self._in_a_row = 0
        return found

    def close(self) -> None:
        """End the process and all that it started."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _running(self) -> _Process:
        if self._process is None:
            self._process = _Process()
            setup = {
                "folder": str(self._folder.resolve()),
                "source": self._policy.entry.rpartition(":")[0],
                "function": self._policy.entry.rpartition(":")[2],
                "memory_mb": self._policy.memory_mb,
            }
            self._start(self._process, setup)
        return self._process

    def _start(self, process: _Process, setup: dict[str, Any]) -> None:
        """Have the function loaded.

        Raises:
            InputError: it cannot be, the first time.
            _FailedError: it cannot be any more.
        """
        try:
            answer = process.ask(setup, max(START_S, self._policy.timeout_s))
            if "unloadable" in answer:
                raise _FailedError(f"cannot be loaded: {_text(answer['unloadable'])}")
            if answer.get("ready") is not True:
                raise _FailedError("did not start as it should")
        except _FailedError as failure:
            if self._started:
                raise
            fix = "file.py is looked for beside the rubric; a module must be installed or stand there"
            key, value = "adjudication.verify.entry", shorten(self._policy.entry)
            raise InputError(Problem(f"the check {failure}", "the rubric", None, key, value, fix)) from None
        self._started = True

    def _request(self, item: CheckedItem) -> dict[str, Any]:
        record = item.record
        told = {
            "item_id": record.item_id,
            "task": record.task,
            "content": record.content or {},
            "metadata": record.metadata,
            "gold_label": record.gold_label,
            "answers": dict(item.answers),
            "labels": list(self._labels),
        }
        return {"item": told}

    def _finding(self, answer: dict[str, Any]) -> Finding:
        if "error" in answer:
            return Finding(None, f"the check failed: {_text(answer['error'])}", failed=True)
        label, why = answer.get("label"), answer.get("why")
        told = _text(why) if why else None
        if label is None:
            return Finding(None, told or f"{self._policy.entry} cannot tell")
        if label not in self._labels:
            return Finding(None, f"the check returned {_text(label)!r}, which is no label", failed=True)
        return Finding(label, told or f"{self._policy.entry} says so")


class _Process:
    """One run of `check_child.py`: a session of its own, an empty folder of its own, no environment but ours."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(16)
        self._folder = tempfile.TemporaryDirectory(prefix="panel-eval-check-", ignore_cleanup_errors=True)
        self._asked = 0
        self._unread = b""
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-s", "-B", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env=self._environment(),
            start_new_session=True,
        )
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    def _environment(self) -> dict[str, str]:
        """What a Python process needs, and nothing that may be a secret."""
        own = self._folder.name
        return {
            "PATH": os.environ.get("PATH", os.defpath), "HOME": own, "TMPDIR": own, "LANG": "C.UTF-8", "TZ": "UTC",
            "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", _MARK: self._mark,
        }  # fmt: skip

    def ask(self, request: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            _FailedError: none came in time, or none that can be read.
        """
        self._asked += 1
        data = json.dumps({"n": self._asked, **request}).encode() + b"\n"
        answer = _parsed(self._exchange(data, time.monotonic() + limit_s, limit_s))
        if "n" in answer and answer["n"] != self._asked:
            raise _FailedError("answered out of turn")
        return answer

    def _exchange(self, data: bytes, until: float, limit_s: float) -> bytes:
        """Write all of `data` and read one line, whichever is possible at the moment."""
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None and stdout is not None  # noqa: PT018 - both are pipes
        with selectors.DefaultSelector() as ready:
            ready.register(stdout, selectors.EVENT_READ)
            ready.register(stdin, selectors.EVENT_WRITE)
            while b"\n" not in self._unread:
                events = ready.select(max(0.0, until - time.monotonic()))
                if not events:
                    raise _FailedError(f"took longer than {limit_s:g} s")
                for key, _ in events:
                    if key.fileobj is stdout:
                        self._read(stdout.fileno())
                    elif data := _rest_after_writing(stdin.fileno(), data):
                        continue
                    else:
                        ready.unregister(stdin)
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _read(self, descriptor: int) -> None:
        with suppress(BlockingIOError):
            got = os.read(descriptor, _MOST_BYTES)
            if not got:
                raise _FailedError(f"ended{_how(self._child)}")
            self._unread += got
        if len(self._unread) > _MOST_BYTES:
            raise _FailedError("answered more than can be meant")

    def kill(self) -> None:
        """End the process, its group, and whatever it started that left the group.

        While it is held still it starts nothing more, and adopts what its descendants leave behind.
        """
        own = self._child.pid
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(own, signal.SIGSTOP)
        for _ in range(_SWEEPS):
            if not (left := {*_below(own), *_marked(self._mark)} - {own}):
                break
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_SWEEP_S)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(own, signal.SIGKILL)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._folder.cleanup()


def _rest_after_writing(descriptor: int, data: bytes) -> bytes:
    try:
        return data[os.write(descriptor, data) :]
    except BlockingIOError:
        return data
    except BrokenPipeError:  # it ended; reading says how
        return b""


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise _FailedError("answered nonsense")
    return answer


def _how(child: subprocess.Popen[bytes]) -> str:
    try:
        code = child.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        return " its answers"
    if code >= 0:
        return f" with exit code {code}"
    return f" by signal {-code}"


def _text(value: object) -> str:
    return shorten(" ".join(str(value)[: 2 * _WHY_CHARS].split()), _WHY_CHARS)


def _below(ancestor: int) -> set[int]:
    """Living descendants of a process. Linux only."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state not in "ZX":
                children.setdefault(int(parent), []).append(int(stat.parent.name))
    found: set[int] = set()
    wave = [ancestor]
    while wave:
        wave = [child for parent in wave for child in children.get(parent, ()) if child not in found]
        found.update(wave)
    return found


def _marked(mark: str) -> list[int]:
    """Processes with our mark in their environment: also those that outlived a check which crashed. Linux only."""
    wanted = f"{_MARK}={mark}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found
