"""Sending one judge's requests: when the account, the limits and the budget allow it, repeated where that may help.

Only a `TransportError` that says it is retryable is retried. While a vote waits, for its next attempt or for the
provider, it holds no slot and reserves no money, so others can go on.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from panel_eval.engine.breaker import Breaker, BreakerPolicy
from panel_eval.engine.governor import Governor
from panel_eval.engine.ledger import Ledger, Reservation, VoteBill
from panel_eval.engine.rate_limit import RateLimit
from panel_eval.engine.retrying import DEFAULT_RETRIES, Pause, RetryPolicy, hint_s, retrying
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import RETRYABLE_KINDS, Transport, TransportError, WireReply, WireRequest

_TOO_LATE = "no reply before the vote's deadline"
_TROUBLE = frozenset({"server", "timeout", "connection"})


class Abandoned(Exception):
    """A vote was given up before its next request, because a stop was requested. It is not stored."""


class Postponed(Exception):
    """A vote was put back before its next request, because its judge is left alone for a while."""


def _never() -> bool:
    return False


@dataclass
class Traffic:
    """What a judge's requests have come to.

    Attributes:
        requests: requests sent.
        failures: requests that brought no reply, by kind.
        waited_s: seconds that votes spent waiting for the provider or for their next attempt, added up.
    """

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    waited_s: float = 0.0


class Sender:
    """Sends the requests of one judge.

    Args:
        judge: whose requests.
        governor: the slots of its account; default one of its own.
        rate: the stated limits of its model; default none.
        ledger: the run's account book; default one without a limit.
        breaker: whether the judge is to be left alone; default one that gives it up at the first outage.
        policy: when to try again.
        pause: waits so many seconds; raises `Abandoned` when a stop is requested meanwhile.
        stopping: whether a stop was requested; then no vote sends its first request.
        clock: seconds from any origin, never going back.

    Attributes:
        traffic: what has been sent.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        governor: Governor | None = None,
        rate: RateLimit | None = None,
        ledger: Ledger | None = None,
        breaker: Breaker | None = None,
        policy: RetryPolicy = DEFAULT_RETRIES,
        pause: Pause = asyncio.sleep,
        stopping: Callable[[], bool] = _never,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.judge = judge
        self.policy = policy
        self.clock = clock
        self.traffic = Traffic()
        self.ledger = ledger or Ledger()
        self.breaker = breaker or Breaker(BreakerPolicy(patience_s=0.0), clock=clock)
        self._governor = governor or Governor(judge.concurrency, clock=clock)
        self._rate = rate or RateLimit(clock=clock)
        self._slots = asyncio.Semaphore(judge.concurrency)
        self._pause = pause
        self._stopping = stopping

    def vote(self, *, trial: bool = False) -> VoteSending:
        """What one vote sends through; a `trial` may pass an open circuit."""
        return VoteSending(self, trial)

    async def pause(self, seconds: float) -> None:
        """Wait, and count it.

        Raises:
            Abandoned: a stop was requested meanwhile.
        """
        began = self.clock()
        try:
            await self._pause(seconds)
        finally:
            self.traffic.waited_s += self.clock() - began

    async def send_once(self, request: WireRequest, vote: VoteSending) -> WireReply:
        """One attempt, as soon as there is a slot, money, and the provider wants requests.

        Raises:
            TransportError: there was no reply, or the judge was given up meanwhile.
            Abandoned: a stop was requested before the vote's first request.
            Postponed: the judge is left alone for a while.
            OverBudget: the budget has no room for the request.
        """
        most = self.judge.worst_case(request)
        came = self.clock()
        while True:
            # No slot is held while the provider wants to be left alone; others may close it while we queue.
            while (seconds := self._wait_s()) > 0.0:
                await self.pause(seconds)
            async with self._slots:
                token = await self._governor.take()
                try:
                    self._check_may_send(vote)
                    if self._wait_s() > 0.0:
                        continue
                    reservation = self.ledger.reserve(self.judge.price, most.input_tokens, most.output_tokens)
                    if reservation is not None:
                        vote.put_off(self.clock() - came)
                        return await self._attempt(request, vote, token, reservation)
                finally:
                    self._governor.give_back()
            await self.ledger.room(self.judge.price, most.input_tokens, most.output_tokens)

    async def _attempt(
        self, request: WireRequest, vote: VoteSending, token: int, reservation: Reservation
    ) -> WireReply:
        charged = self._rate.take(reservation.tokens)
        self.traffic.requests += 1
        try:
            reply = await vote.attempt(self.judge.transport, request)
        except TransportError as error:
            self._note_failure(error, token)
            if error.may_be_billed:
                self.ledger.settle_unknown(reservation, vote.bill)
            else:
                self._rate.refund(charged)
                self.ledger.settle_unbilled(reservation)
            raise
        except BaseException:  # given up under way: the provider may go on working on it
            self.ledger.settle_unknown(reservation, vote.bill)
            raise
        self._governor.note_success()
        self.ledger.settle(reservation, vote.bill, self.judge.price, reply.usage)
        self._rate.correct(charged, reply.usage.input_tokens + reply.usage.output_tokens)
        return reply

    def _wait_s(self) -> float:
        return max(self._governor.closed_for_s(), self._rate.wait_s())

    def _check_may_send(self, vote: VoteSending) -> None:
        if self.breaker.stopped_by is not None:
            raise self.breaker.stopped_by
        if self.breaker.is_open and not vote.trial:
            raise Postponed
        if self._stopping() and not vote.replies:  # a vote that has its answer may still mend it
            raise Abandoned

    def _note_failure(self, error: TransportError, token: int) -> None:
        self.traffic.failures[error.kind] += 1
        seconds = hint_s(error)
        if seconds > self.policy.longest_hint_s:
            self.breaker.leave_alone(error)  # also where the vote lives on, since only its repair failed
            seconds = 0.0
        if error.kind == "rate_limit":
            self._governor.note_rate_limit(token, seconds)
        elif error.kind in _TROUBLE:
            self._governor.note_trouble(seconds)


class VoteSending:
    """Sends the requests of one vote (an answer, perhaps one repair), and counts what it took.

    Attributes:
        sender: the judge's sender.
        trial: whether the vote tries out a judge that is left alone otherwise.
        attempts: requests sent, failed ones included.
        wire_s: seconds that requests were under way; waiting for slots and retries is left out.
        replies: what came back.
        heard: whether the provider answered the last request, if only with a refusal.
        bill: what it has cost.
    """

    def __init__(self, sender: Sender, trial: bool = False) -> None:
        self.sender = sender
        self.trial = trial
        self.attempts = 0
        self.wire_s = 0.0
        self.replies: list[WireReply] = []
        self.heard = False
        self.bill = VoteBill()
        self._deadline: float | None = None

    async def __call__(self, request: WireRequest) -> WireReply:
        """Send a request, again and again as the policy allows.

        Raises:
            TransportError: it failed for good.
            Abandoned, Postponed, OverBudget: it was not sent, or not again; see `Sender.send_once`.
        """
        try:
            return await self.sender.send_once(request, self)
        except TransportError as error:
            if not error.retryable:
                raise
            return await self._again(request, error)

    async def _again(self, request: WireRequest, failure: TransportError) -> WireReply:
        """Go on after a first failure. Most requests work at once, so tenacity is built only here.

        Each call gets an object of its own: tenacity keeps the state of a call in it.
        """
        known = [failure]

        async def attempt() -> WireReply:
            if known:  # the first attempt, already made
                raise known.pop()
            return await self.sender.send_once(request, self)

        try:
            return await retrying(self.sender.policy, lambda: self.time_left(request), self.sender.pause)(attempt)
        except TransportError as error:
            raise self._final(error) from None

    def time_left(self, request: WireRequest) -> float:
        """Seconds until the vote's deadline, which is set by its first attempt."""
        now = self.sender.clock()
        if self._deadline is None:
            # A judge that is allowed long calls (a slow local model) needs time for more than one of them.
            policy = self.sender.policy
            self._deadline = now + max(policy.deadline_s, policy.whole_calls * request.timeout_s)
        return self._deadline - now

    def put_off(self, seconds: float) -> None:
        """It waited so long for its turn: behind other votes, for limits or for the provider."""
        if self._deadline is not None:
            self._deadline += seconds

    async def attempt(self, transport: Transport, request: WireRequest) -> WireReply:
        """One request. The deadline holds even if the transport forgets its own timeout.

        Raises:
            TransportError: there was no reply.
        """
        left = self.time_left(request)
        if left <= 0.0:
            raise TransportError("timeout", _TOO_LATE, retryable=False, may_be_billed=False)
        self.attempts += 1
        self.heard = False
        began = self.sender.clock()
        try:
            async with asyncio.timeout(left) as limit:
                reply = await transport.send(request)
        except TimeoutError:
            if not limit.expired():
                raise
            raise TransportError("timeout", _TOO_LATE, retryable=False) from None
        except TransportError as error:
            self.heard = error.kind not in RETRYABLE_KINDS
            raise
        finally:
            self.wire_s += self.sender.clock() - began
        self.heard = True
        self.replies.append(reply)
        return reply

    def _final(self, error: TransportError) -> TransportError:
        """The last error, in words that say why there is no further attempt."""
        if not error.retryable:
            return error
        limit = self.sender.policy.longest_hint_s
        if hint_s(error) > limit:
            why = f"the provider asks to wait {error.retry_after_s:g} s, longer than {limit:g} s"
        else:
            why = f"given up after {self.attempts} attempts"
        return TransportError(
            error.kind,
            f"{error.message} ({why})",
            status=error.status,
            retry_after_s=error.retry_after_s,
            retryable=False,
            fatal_for_judge=error.fatal_for_judge,
        )
