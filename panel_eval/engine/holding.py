"""``ledger.jsonl``: how much money and how many tokens may be out and not yet in the journal.

A killed process leaves requests that the provider may bill and that no vote tells of. So the ledger writes down,
before such a request goes out, a sum that covers all of them; it is written ahead in steps, so that a line is
needed now and then and not for every request. The next session takes the last sum as lost: spent, uncertainly.

Each line is one ``write()``: ``{"held_usd", "held_tokens", "limit_usd", "limit_tokens"}`` while a session works (0
at its end; the limits are its budget's), and ``{"lost_usd", "lost_tokens"}`` when a later session finds that one
ended without closing. Votes stored since a sum was written are in the journal, too, so no more was lost than the
limit left beside them. A torn last line is a sum that covered nothing yet, since the request goes out only after
the write.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel_eval.engine.journal_lines import Spent
from panel_eval.errors import IncompleteError, InputError, Problem
from panel_eval.schema import Budget

LEDGER_NAME = "ledger.jsonl"

STEP = 1.5
"""How far ahead a sum is written: fewer lines, at the price of more money taken as lost after a kill."""

LOWER_EVERY_S = 1.0
_LIMITS = frozenset({"limit_usd", "limit_tokens"})
_DUST_USD = 1e-12  # what is left when sums of many small numbers are taken apart again


class Holding:
    """The file, open for one session under the run directory's lock.

    Args:
        path: the file; made by the first sum.
        told: what the run has spent as its other files tell it.
        budget: the session's limits.
        clock: seconds from any origin, never going back.

    Raises:
        InputError: the file cannot be opened, or holds a line that is no such sum.

    Attributes:
        lost_usd, lost_tokens: what sessions that ended without closing may have spent at most beyond their votes.
    """

    def __init__(
        self,
        path: Path,
        told: Spent | None = None,
        budget: Budget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._budget = budget or Budget()
        self._clock = clock
        found = _read(path)
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            _end_line(path, self._descriptor)
        except OSError as error:
            raise InputError(Problem(f"cannot be opened for writing: {error.strerror}", path=path)) from None
        self._held_usd, self._held_tokens = 0.0, 0
        self._lowered_at = clock()
        usd, tokens = found.lost_last(told or Spent())
        self.lost_usd, self.lost_tokens = found.lost_usd + usd, found.lost_tokens + tokens
        if found.held:
            self._write(lost_usd=usd, lost_tokens=tokens)

    def cover(self, usd: float, tokens: int, stored_usd: float = 0.0, stored_tokens: int = 0) -> None:
        """See to it that the file's sum is no less than this.

        Args:
            usd: the sum to cover, in US dollars.
            tokens: the same in tokens.
            stored_usd: what else is spent, and told of elsewhere; more than the limit leaves beside it can never be
                out, so no more is written ahead.
            stored_tokens: the same in tokens.

        Raises:
            IncompleteError: it cannot be written, so no further request may go out.
        """
        limit = self._budget
        most_usd = math.inf if limit.usd is None else limit.usd - stored_usd
        most_tokens = math.inf if limit.tokens is None else limit.tokens - stored_tokens
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
                self._hold(0.0, 0)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _hold(self, usd: float, tokens: int) -> None:
        limit = self._budget
        self._write(held_usd=usd, held_tokens=tokens, limit_usd=limit.usd, limit_tokens=limit.tokens)
        self._held_usd, self._held_tokens = usd, tokens

    def _write(self, **sums: float | None) -> None:
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


def read_lost(path: Path, told: Spent | None = None) -> tuple[float, int]:
    """USD and tokens that a new session would take as lost; nothing is written.

    Args:
        path: the file; a missing one tells of nothing.
        told: what the run has spent as its other files tell it.

    Raises:
        InputError: the file holds a line that is no such sum.
    """
    found = _read(path)
    usd, tokens = found.lost_last(told or Spent())
    return found.lost_usd + usd, found.lost_tokens + tokens


@dataclass
class _Found:
    """What the file says.

    Attributes:
        lost_usd, lost_tokens: lost by sessions before the last one.
        held: what the last one held when it ended, its limits beside it; empty if nothing.
    """

    lost_usd: float = 0.0
    lost_tokens: int = 0
    held: dict[str, Any] = field(default_factory=dict)

    def add(self, line: dict[str, Any]) -> None:
        if "lost_usd" in line:
            self.lost_usd += line["lost_usd"]
            self.lost_tokens += int(line["lost_tokens"])
            self.held = {}
        else:
            self.held = line if line["held_usd"] or line["held_tokens"] else {}

    def lost_last(self, told: Spent) -> tuple[float, int]:
        """What the last session may have lost, no more than its limits left beside what is told of."""
        if not self.held:
            return 0.0, 0
        usd, tokens = float(self.held["held_usd"]), int(self.held["held_tokens"])
        limit_usd, limit_tokens = self.held.get("limit_usd"), self.held.get("limit_tokens")
        if limit_usd is not None:
            usd = min(usd, max(0.0, limit_usd - told.usd - told.uncertain_usd - self.lost_usd))
        if limit_tokens is not None:
            tokens = min(tokens, max(0, limit_tokens - told.tokens - told.uncertain_tokens - self.lost_tokens))
        return usd, tokens


def _read(path: Path) -> _Found:
    found = _Found()
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return found
    except OSError as error:
        fix = "make it readable; it says what earlier sessions may have spent"
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path, fix=fix)) from None
    for number, line in enumerate(lines, start=1):
        sums = _sums(line)
        if sums is not None:
            found.add(sums)
        elif line and number < len(lines):
            fix = "restore the file; it says what earlier sessions may have spent"
            raise InputError(Problem("is not a line of the ledger", path=path, line=number, fix=fix))
    return found


_KINDS = ({"lost_usd", "lost_tokens"}, {"held_usd", "held_tokens"}, {"held_usd", "held_tokens", *_LIMITS})


def _sums(line: bytes) -> dict[str, Any] | None:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or set(found) not in _KINDS:
        return None
    right = all(_is_sum(value) or (value is None and name in _LIMITS) for name, value in found.items())
    return found if right else None


def _is_sum(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value < float("inf")


def _end_line(path: Path, descriptor: int) -> None:
    """End a torn last line, so that the next one stands alone. The torn one is read as no line."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)
