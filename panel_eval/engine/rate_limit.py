"""Requests and tokens a minute, as the panel's `limits: {rpm, tpm}` state them.

No sixty seconds see more than the limit. Within them it is spread evenly, with a little slack: 60 a minute go out
as one a second, since providers also count in windows shorter than a minute. Tokens are not known before the
answer, so a request is charged what such requests took lately, and set right when its answer is there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

BURST_S = 3.0
"""What may be used at once after a pause, as seconds of the limit."""

WINDOW_S = 60.0
_ROUNDING = 1e-9


@dataclass
class Charge:
    """What one request is counted with.

    Attributes:
        at: when it went out.
        amount: tokens, or one request.
    """

    at: float
    amount: float


class _Allowance:
    """So much a minute. It may be overdrawn; then nobody gets anything until there is something again."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._per_minute = per_minute
        self._per_s = per_minute / WINDOW_S
        self._most = max(1.0, self._per_s * BURST_S)
        self._level = self._most
        self._level_at = now
        self._window: deque[Charge] = deque()
        self._used = 0.0

    def wait_s(self, now: float, amount: float) -> float:
        """Seconds until so much may be taken."""
        self._level = min(self._most, self._level + max(0.0, now - self._level_at) * self._per_s)
        self._level_at = now
        lacking = 1.0 - self._level
        evenly = lacking / self._per_s if lacking > _ROUNDING else 0.0
        return max(evenly, self._window_s(now, min(amount, self._per_minute)))

    def take(self, now: float, amount: float) -> Charge:
        charge = Charge(now, amount)
        self._window.append(charge)
        self._used += amount
        self._level -= amount
        return charge

    def correct(self, charge: Charge, amount: float) -> None:
        """It took so much in truth."""
        self._level += charge.amount - amount
        if self._window and charge.at >= self._window[0].at:
            self._used += amount - charge.amount
        charge.amount = amount

    def _window_s(self, now: float, amount: float) -> float:
        """Seconds until so much fits into the minute before."""
        while self._window and self._window[0].at <= now - WINDOW_S:
            self._used -= self._window.popleft().amount
        if not self._window:
            self._used = 0.0  # sums of many small numbers do not cancel exactly
        over = self._used + amount - self._per_minute
        if over <= _ROUNDING:
            return 0.0
        for charge in self._window:
            over -= charge.amount
            if over <= _ROUNDING:
                return charge.at + WINDOW_S - now
        return 0.0


class RateLimit:
    """The stated limits of one model on one account.

    Args:
        rpm: requests a minute; None = no limit.
        tpm: tokens a minute, in and out; None = no limit.
        clock: seconds from any origin, never going back.
    """

    def __init__(
        self, rpm: int | None = None, tpm: int | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._requests = None if rpm is None else _Allowance(rpm, clock())
        self._tokens = None if tpm is None else _Allowance(tpm, clock())
        self._usual_tokens: float | None = None

    def wait_s(self) -> float:
        """Seconds until a request may go out; 0 = now."""
        if self._requests is None and self._tokens is None:
            return 0.0
        now = self._clock()
        requests = 0.0 if self._requests is None else self._requests.wait_s(now, 1.0)
        tokens = 0.0 if self._tokens is None else self._tokens.wait_s(now, self._usual_tokens or 1.0)
        return max(requests, tokens)

    def take(self, tokens: float) -> Charge | None:
        """Count a request that goes out now.

        Args:
            tokens: a guess of its tokens, used until answers have shown what is usual.

        Returns:
            The tokens charged, to be given to `correct` or `refund`; None without a limit of tokens.
        """
        now = self._clock()
        if self._requests is not None:
            self._requests.take(now, 1.0)
        if self._tokens is None:
            return None
        return self._tokens.take(now, tokens if self._usual_tokens is None else self._usual_tokens)

    def correct(self, charge: Charge | None, tokens: int) -> None:
        """The request charged so much was answered, and took so many tokens."""
        if self._tokens is None or charge is None:
            return
        self._tokens.correct(charge, tokens)
        usual = float(tokens) if self._usual_tokens is None else self._usual_tokens
        self._usual_tokens = 0.9 * usual + 0.1 * tokens

    def refund(self, charge: Charge | None) -> None:
        """The request was refused before any work was done. What is usual is not learnt from it."""
        if self._tokens is not None and charge is not None:
            self._tokens.correct(charge, 0.0)
