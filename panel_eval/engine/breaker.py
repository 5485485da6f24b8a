"""When a judge that keeps failing is left alone for a while, and when it is given up.

Ten failed votes in a row open the circuit: nothing is sent to the judge for a pause, then one vote is tried. If it
fails, the next pause is twice as long; if it works, all goes on. An outage that outlasts the judge's patience, an
error that every later request would meet too, and a row of errors that waiting cannot mend end the judge.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from panel_eval.engine.retrying import LONGEST_HINT_S, hint_s
from panel_eval.judges.wire import RETRYABLE_KINDS, TransportError

Verdict = Literal["go_on", "pause", "give_up"]


@dataclass(frozen=True)
class BreakerPolicy:
    """How much failure is borne.

    Attributes:
        failures: failed votes in a row that open the circuit.
        first_pause_s: the first pause; doubles with every trial that fails.
        longest_pause_s: where the doubling stops.
        patience_s: longest outage, from the opening to the last trial; 0 = give up at once.
        longest_hint_s: a Retry-After longer than this opens the circuit by itself.
    """

    failures: int = 10
    first_pause_s: float = 15.0
    longest_pause_s: float = 300.0
    patience_s: float = 1800.0
    longest_hint_s: float = LONGEST_HINT_S


class Breaker:
    """The circuit to one judge.

    Args:
        policy: how much failure is borne.
        clock: seconds from any origin, never going back.

    Attributes:
        stopped_by: why the judge was given up, or None.
        outages: how often the circuit opened.
    """

    def __init__(self, policy: BreakerPolicy, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._clock = clock
        self.stopped_by: TransportError | None = None
        self.outages = 0
        self._failures = 0
        self._opened_at: float | None = None
        self._open_until = 0.0
        self._told_until = -math.inf
        self._pause_s = policy.first_pause_s
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether the judge is left alone, but for one vote that is tried after each pause."""
        return self._opened_at is not None

    def pause_left_s(self) -> float:
        """Seconds until a vote may be tried; 0 if the circuit is closed or the pause is over."""
        return max(0.0, self._open_until - self._clock()) if self.is_open else 0.0

    def begin_trial(self) -> bool:
        """Whether the caller may try a vote on an open circuit whose pause is over: one at a time."""
        if self._trying or self.pause_left_s() > 0.0:
            return False
        self._trying = True
        return True

    def end_trial(self) -> None:
        """The trial came to nothing: it was given up, not answered."""
        self._trying = False

    def success(self) -> None:
        """The judge replied: the circuit is closed, unless the provider itself has said for how long to keep away.

        The request may have gone out before it said so.
        """
        self._failures = 0
        self._trying = False
        if self._clock() < self._told_until:
            return
        self._opened_at = None
        self._pause_s = self._policy.first_pause_s

    def failure(self, error: TransportError, *, trial: bool = False) -> Verdict:
        """A vote failed for good. What is to be done about the judge?

        Args:
            error: the last failure.
            trial: whether the vote tried an open circuit. Others that fail while it is open went out before it
                opened: they tell of the outage that is known, and lengthen the pause only if the provider says so.
        """
        self._failures += 1
        if trial:
            self._trying = False
        if self.stopped_by is not None:
            return "give_up"
        if error.fatal_for_judge:
            return self._give_up(error)
        if self.is_open and not trial:
            return self._pause(error, hint_s(error))
        told_to_wait = hint_s(error) > self._policy.longest_hint_s
        if not self.is_open and self._failures < self._policy.failures and not told_to_wait:
            return "go_on"
        return self._open(error)

    def leave_alone(self, error: TransportError) -> None:
        """The provider asks to be left alone for longer than a vote waits, whatever becomes of the vote."""
        if self.stopped_by is None and not self.is_open:
            self._open(error)

    def _open(self, error: TransportError) -> Verdict:
        if self._opened_at is None:
            self._opened_at = self._open_until = self._clock()
            self.outages += 1
        if error.kind not in RETRYABLE_KINDS:
            return self._give_up(self._in_words(error))
        seconds = max(self._pause_s, hint_s(error))
        self._pause_s = min(2.0 * self._pause_s, self._policy.longest_pause_s)
        return self._pause(error, seconds)

    def _pause(self, error: TransportError, seconds: float) -> Verdict:
        assert self._opened_at is not None
        until = max(self._open_until, self._clock() + seconds)
        if until - self._opened_at > self._policy.patience_s:
            return self._give_up(self._in_words(error))
        self._open_until = until
        self._told_until = max(self._told_until, self._clock() + hint_s(error))
        return "pause"

    def _give_up(self, error: TransportError) -> Verdict:
        self.stopped_by = error
        return "give_up"

    def _in_words(self, error: TransportError) -> TransportError:
        return TransportError(
            error.kind,
            f"{self._why(error)}; the last: {error.message}",
            status=error.status,
            retryable=False,
            fatal_for_judge=True,
        )

    def _why(self, error: TransportError) -> str:
        if hint_s(error) > self._policy.longest_hint_s:
            return f"the provider asks to wait {hint_s(error):g} s, longer than an outage may last"
        now = self._clock()
        since = now - (self._opened_at or now)
        lasting = f" over {since:.0f} s" if since >= 1.0 else ""
        return f"{self._failures} votes in a row failed{lasting}"
