"""How many requests of one account may be under way: as many as the provider takes, found out by trying.

The limit starts low and doubles with every round that the provider took well (slow start), until it first says 429.
Each episode of 429s cuts the limit once; from then on it grows by a twentieth a round. A round is as many good
replies as the limit is high. A round in which the limit was not used proves nothing and grows nothing. Retry-After
closes the account to all its judges.

Server errors and lost connections cut nothing. When they are more than a twentieth of a round, growth pauses; fewer
are borne, or a provider that drops one request in a hundred would never be asked at full speed.

An episode is told by when requests were sent, not by a stopwatch: a 429 to a request that went out before the last
cut is news about the old limit.

References:
    Chiu and Jain (1989), additive increase, multiplicative decrease; RFC 5681, slow start.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

CUT = 0.7
GROWTH = 0.05
USED = 0.8  # part of the limit that must have been in use for a round to count
BORNE = 0.05  # part of a round that may be server errors


@dataclass(frozen=True)
class GovernorPolicy:
    """How the limit moves.

    Attributes:
        start: the first limit, if the account's ceiling is not lower.
        calm_after_429_s: seconds without growth after a 429, or after the time its Retry-After named.
        calm_after_5xx_s: seconds without growth after a round with more server errors and lost connections than are
            borne.
    """

    start: int = 16
    calm_after_429_s: float = 10.0
    calm_after_5xx_s: float = 5.0


DEFAULT_GOVERNOR = GovernorPolicy()


@dataclass(frozen=True)
class Pace:
    """An account at one moment.

    Attributes:
        limit: requests that may be under way at the moment.
        in_flight: requests that are.
        highest: the highest number that ever was.
        waiting: requests that wait for a slot.
        cuts: episodes of 429 so far.
        rate_limited: replies 429 so far.
        closed_for_s: seconds that the provider still wants to be left alone.
    """

    limit: int
    in_flight: int
    highest: int
    waiting: int
    cuts: int
    rate_limited: int
    closed_for_s: float


class Governor:
    """The slots of one account, shared by all judges that are counted against it.

    Args:
        ceiling: the limit never exceeds this.
        policy: how the limit moves.
        clock: seconds from any origin, never going back.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        policy: GovernorPolicy = DEFAULT_GOVERNOR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ceiling = ceiling
        self._policy = policy
        self._clock = clock
        self._limit = min(policy.start, ceiling)
        self._in_flight = 0
        self._highest = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._slow_start = True
        self._cuts = 0
        self._rate_limited = 0
        self._good_in_round = 0
        self._bad_in_round = 0
        self._most_in_round = 0
        self._calm_until = -math.inf
        self._closed_until = -math.inf

    def closed_for_s(self) -> float:
        """Seconds that the provider still wants to be left alone; 0 if it does not."""
        if self._closed_until == -math.inf:
            return 0.0
        return max(0.0, self._closed_until - self._clock())

    async def take(self) -> int:
        """Wait for a slot; those who came first are served first.

        Returns:
            A token to give to `note_rate_limit`: it says under which limit the request goes out.
        """
        if self._in_flight >= self._limit or self._waiters:
            turn = asyncio.get_running_loop().create_future()
            self._waiters.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():  # the slot was given, and nobody will use it
                    self.give_back()
                elif turn in self._waiters:  # `_admit` may have passed over it already
                    self._waiters.remove(turn)
                raise
        else:
            self._count_one_more()
        return self._cuts

    def give_back(self) -> None:
        """Free a slot, and hand it to whoever waits longest."""
        self._in_flight -= 1
        self._admit()

    def note_success(self) -> None:
        """A good reply came."""
        self._good_in_round += 1
        if self._good_in_round >= self._limit:
            if self._most_in_round >= USED * self._limit and self._clock() >= self._calm_until:
                self._grow()
            self._begin_round()

    def note_trouble(self, retry_after_s: float = 0.0) -> None:
        """A server error or a lost connection; if it is one of many, the limit stays as it is for a while.

        Args:
            retry_after_s: seconds the provider asks to wait; 0 if it does not say.
        """
        self._close_for(retry_after_s)
        self._bad_in_round += 1
        if self._bad_in_round > BORNE * self._limit:
            self._calm_until = max(self._calm_until, self._clock() + self._policy.calm_after_5xx_s)
            self._begin_round()

    def note_rate_limit(self, token: int, retry_after_s: float = 0.0) -> None:
        """The provider said 429.

        Args:
            token: what `take` gave for the request.
            retry_after_s: seconds the provider asks to wait; 0 if it does not say.
        """
        self._rate_limited += 1
        self._close_for(retry_after_s)
        calm_until = max(self._clock(), self._closed_until) + self._policy.calm_after_429_s
        self._calm_until = max(self._calm_until, calm_until)
        if token == self._cuts:
            self._cuts += 1
            self._slow_start = False
            self._limit = max(1, int(self._limit * CUT))
        self._begin_round()

    def pace(self) -> Pace:
        """The account as it stands now."""
        return Pace(
            self._limit,
            self._in_flight,
            self._highest,
            len(self._waiters),
            self._cuts,
            self._rate_limited,
            self.closed_for_s(),
        )

    def _close_for(self, seconds: float) -> None:
        if seconds > 0.0:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _grow(self) -> None:
        more = self._limit if self._slow_start else max(1, int(self._limit * GROWTH))
        self._limit = min(self._ceiling, self._limit + more)
        self._admit()

    def _begin_round(self) -> None:
        self._good_in_round = 0
        self._bad_in_round = 0
        self._most_in_round = self._in_flight

    def _admit(self) -> None:
        while self._waiters and self._in_flight < self._limit:
            turn = self._waiters.popleft()
            if not turn.done():
                self._count_one_more()
                turn.set_result(None)

    def _count_one_more(self) -> None:
        self._in_flight += 1
        self._most_in_round = max(self._most_in_round, self._in_flight)
        self._highest = max(self._highest, self._in_flight)
