"""Requests and tokens a minute, as the panel's `limits: {rpm, tpm}` state them.

A limit of 60 a minute is kept as one a second with a little slack, not as 60 at once: providers count in windows
shorter than a minute. Tokens are not known before the answer, so a request is charged what such requests took
lately, and the difference when its answer is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable

BURST_S = 3.0
"""What may be used at once after a pause, as seconds of the limit."""

_ROUNDING = 1e-9


class _Bucket:
    """A budget that fills steadily. It may be overdrawn; then nobody gets anything until it is positive again."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._per_s = per_minute / 60.0
        self._most = max(1.0, self._per_s * BURST_S)
        self._level = self._most
        self._at = now

    def wait_s(self, now: float) -> float:
        """Seconds until something may be taken."""
        self._fill(now)
        lacking = 1.0 - self._level
        return lacking / self._per_s if lacking > _ROUNDING else 0.0

    def take(self, amount: float) -> None:
        self._level -= amount

    def _fill(self, now: float) -> None:
        self._level = min(self._most, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = now


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
        self._requests = None if rpm is None else _Bucket(rpm, clock())
        self._tokens = None if tpm is None else _Bucket(tpm, clock())
        self._usual_tokens: float | None = None

    def wait_s(self) -> float:
        """Seconds until a request may go out; 0 = now."""
        if self._requests is None and self._tokens is None:
            return 0.0
        now = self._clock()
        return max((bucket.wait_s(now) for bucket in (self._requests, self._tokens) if bucket), default=0.0)

    def take(self, tokens: float) -> float:
        """Count a request that goes out now.

        Args:
            tokens: a guess of its tokens, used until answers have shown what is usual.

        Returns:
            The tokens charged, to be given to `correct` with what it really took.
        """
        if self._requests is not None:
            self._requests.take(1.0)
        if self._tokens is None:
            return 0.0
        charged = tokens if self._usual_tokens is None else self._usual_tokens
        self._tokens.take(charged)
        return charged

    def correct(self, charged: float, tokens: int) -> None:
        """The request charged so much took so many tokens."""
        if self._tokens is None:
            return
        self._tokens.take(tokens - charged)
        usual = float(tokens) if self._usual_tokens is None else self._usual_tokens
        self._usual_tokens = 0.9 * usual + 0.1 * tokens
