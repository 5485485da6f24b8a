"""The program that runs a user's check function, one item after another; started by `python_check`.

Imports nothing of ours and is run by path: what a user's module may do to this process stays in it. Lines of JSON
come in on standard input, answers go out on a descriptor of their own; whatever the function prints goes nowhere.

    in   {"n": 1, "item": {...}}
    out  {"ready": true} or {"unloadable": "..."}, then
         {"n": 1, "label": ..., "why": ...} or {"n": 1, "error": "..."}
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

_MOST_CHARS = 500
_DIE_WITH_PARENT, _ADOPT_ORPHANS = 1, 36  # PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER of <sys/prctl.h>


def main() -> None:
    """Read what to run from the first line, load it, then answer each line that follows."""
    lines, out = _own_channels()
    setup = json.loads(lines.readline())
    _limit(setup["memory_mb"])
    try:
        check = _load(setup["folder"], setup["source"], setup["function"])
    except BaseException as error:  # also sys.exit() at the top of a module
        _answer(out, {"unloadable": _told(error)})
        return
    _answer(out, {"ready": True})
    for line in lines:
        request = json.loads(line)
        try:
            answer = {"n": request["n"], **_as_answer(check(request["item"]))}
        except BaseException as error:
            answer = {"n": request["n"], "error": _told(error)}
        _answer(out, answer)


def _own_channels() -> tuple[Any, int]:
    """Standard input and output for ourselves alone; the user's code has empty ones."""
    lines = os.fdopen(os.dup(0), "rb")
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return lines, out


def _limit(memory_mb: int) -> None:
    size = memory_mb << 20
    for limited, most in ((resource.RLIMIT_AS, size), (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # where the system's own limit is lower
            resource.setrlimit(limited, (most, most))
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the closed pipe ends us
        prctl = ctypes.CDLL(None).prctl
        prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        prctl(_ADOPT_ORPHANS, 1)  # so that whatever is started can be found below us


def _load(folder: str, source: str, function: str) -> Callable[[Any], Any]:
    sys.path.insert(0, folder)
    module = _from_file(Path(folder, source)) if source.endswith(".py") else importlib.import_module(source)
    found = getattr(module, function, None)
    if not callable(found):
        raise LookupError(f"{source} has no function {function}")
    return found  # type: ignore[no-any-return]


def _from_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"there is no file {path.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _as_answer(returned: Any) -> dict[str, Any]:
    """A label, (label, why), or None, as JSON."""
    label, why = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, None)
    if not (isinstance(label, str | None) and isinstance(why, str | None)):
        kind = type(returned).__name__
        return {"error": f"returned {kind}; it must be a label, (label, why) or None"}
    return {
        "label": None if label is None else label[:_MOST_CHARS],
        "why": None if why is None else why[:_MOST_CHARS],
    }


def _told(error: BaseException) -> str:
    """The exception's name, text and last place outside this file, in one line."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    try:
        text = str(error)
    except BaseException:
        text = ""
    return f"{type(error).__name__}{': ' if text else ''}{text}"[:_MOST_CHARS] + where


def _answer(out: int, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode() + b"\n"
    while data:
        data = data[os.write(out, data) :]


if __name__ == "__main__":
    main()
