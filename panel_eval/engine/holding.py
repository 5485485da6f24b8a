"""``ledger.jsonl``: how much money and how many tokens may be out and not yet in the journal.

A killed process leaves requests that the provider may bill and that no vote tells of. So the ledger writes down,
before such a request goes out, a sum that covers all of them; it is written ahead in steps, so that a line is
needed now and then and not for every request. The next session takes the last sum as lost: spent, uncertainly.

Each line is one ``write()``: ``{"held_usd", "held_tokens"}`` while a session works (0 at its end), and
``{"lost_usd", "lost_tokens"}`` when a later session finds that one ended without closing. A torn last line is a
sum that covered nothing yet, since the request goes out only after the write.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panel_eval.errors import IncompleteError, InputError, Problem

LEDGER_NAME = "ledger.jsonl"

STEP = 1.5
"""How far ahead a sum is written: fewer lines, at the price of more money taken as lost after a kill."""

LOWER_EVERY_S = 1.0
_DUST_USD = 1e-12  # what is left when sums of many small numbers are taken apart again


class Holding:
    """The file, open for one session under the run directory's lock.

    Args:
        path: the file; made by the first sum.
        clock: seconds from any origin, never going back.

    Raises:
        InputError: the file cannot be opened, or holds a line that is no such sum.

    Attributes:
        lost_usd, lost_tokens: what sessions that ended without closing may have spent at most beyond their votes.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self.lost_usd, self.lost_tokens, held = _read(path)
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            _end_line(path, self._descriptor)
        except OSError as error:
            raise InputError(Problem(f"cannot be opened for writing: {error.strerror}", path=path)) from None
        self._held_usd, self._held_tokens = 0.0, 0
        self._lowered_at = clock()
        if held != (0.0, 0):
            self.lost_usd += held[0]
            self.lost_tokens += held[1]
            self._write(lost_usd=held[0], lost_tokens=held[1])

    def cover(self, usd: float, tokens: int, most_usd: float = math.inf, most_tokens: float = math.inf) -> None:
        """See to it that the file's sum is no less than this.

        Args:
            usd: the sum to cover, in US dollars.
            tokens: the same in tokens.
            most_usd: no more than this can ever be out, so no more is written ahead.
            most_tokens: the same in tokens.

        Raises:
            IncompleteError: it cannot be written, so no further request may go out.
        """
        usd = max(usd, 0.0)  # sums of many small numbers, taken apart again, may end a little below nothing
        ahead_usd = max(usd, min(STEP * usd, most_usd))
        ahead_tokens = max(tokens, int(min(STEP * tokens + 1, most_tokens)))
        if usd > self._held_usd or tokens > self._held_tokens:
            self._hold(max(self._held_usd, ahead_usd), max(self._held_tokens, ahead_tokens))
            return
        too_high = self._held_usd > min(STEP * STEP * usd, most_usd) or (
            self._held_tokens > min(STEP * STEP * (tokens + 1), most_tokens)
        )
        if too_high and self._clock() - self._lowered_at > LOWER_EVERY_S:
            self._lowered_at = self._clock()
            self._hold(ahead_usd, ahead_tokens)

    def close(self, usd: float, tokens: int) -> None:
        """The session ends with so much out that no vote tells of. Closing twice does nothing."""
        if self._descriptor < 0:
            return
        try:
            if usd > _DUST_USD or tokens > 0:
                self._write(lost_usd=usd, lost_tokens=tokens)
            if (self._held_usd, self._held_tokens) != (0.0, 0):
                self._write(held_usd=0.0, held_tokens=0)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _hold(self, usd: float, tokens: int) -> None:
        self._write(held_usd=usd, held_tokens=tokens)
        self._held_usd, self._held_tokens = usd, tokens

    def _write(self, **sums: float) -> None:
        line = json.dumps(sums).encode() + b"\n"
        size = os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):
                os.ftruncate(self._descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            why = f"{self._path} can no longer be written: {error.strerror}"
            raise IncompleteError(f"{why}. All votes so far are kept; free space and run again") from None


def read_lost(path: Path) -> tuple[float, int]:
    """USD and tokens that a new session would take as lost; nothing is written.

    Raises:
        InputError: the file holds a line that is no such sum.
    """
    lost_usd, lost_tokens, held = _read(path)
    return lost_usd + held[0], lost_tokens + held[1]


def _read(path: Path) -> tuple[float, int, tuple[float, int]]:
    """Lost USD and tokens of earlier sessions, and what the last one held when it ended."""
    lost_usd, lost_tokens, held = 0.0, 0, (0.0, 0)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0.0, 0, (0.0, 0)
    except OSError as error:
        fix = "make it readable; it says what earlier sessions may have spent"
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path, fix=fix)) from None
    for number, line in enumerate(lines, start=1):
        sums = _sums(line)
        if sums is None:
            if line and number < len(lines):
                fix = "restore the file; it says what earlier sessions may have spent"
                raise InputError(Problem("is not a line of the ledger", path=path, line=number, fix=fix))
            continue
        if "lost_usd" in sums:
            lost_usd, lost_tokens, held = (
                lost_usd + sums["lost_usd"],
                lost_tokens + int(sums["lost_tokens"]),
                (0.0, 0),
            )
        else:
            held = sums["held_usd"], int(sums["held_tokens"])
    return lost_usd, lost_tokens, held


def _sums(line: bytes) -> dict[str, float] | None:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return None
    for kind in ("lost", "held"):
        names = {f"{kind}_usd", f"{kind}_tokens"}
        if isinstance(found, dict) and set(found) == names and all(_is_sum(found[name]) for name in names):
            return found
    return None


def _is_sum(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value < float("inf")


def _end_line(path: Path, descriptor: int) -> None:
    """End a torn last line, so that the next one stands alone. The torn one is read as no line."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)
