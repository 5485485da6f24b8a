"""Sending one judge's requests: so many at once, repeated where that may help, never sooner than the provider asks.

Only a `TransportError` that says it is retryable is retried. While a vote waits for its next attempt it holds no
slot, so others can go on. A provider's Retry-After holds back all requests of the judge, not only the one that was
told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from panel_eval.engine.retrying import DEFAULT_RETRIES, Pause, RetryPolicy, hint_s, retrying
from panel_eval.judges.wire import Transport, TransportError, WireReply, WireRequest


class Abandoned(Exception):
    """A vote was given up before its next request, because a stop was requested. It is not stored."""


def _never() -> bool:
    return False


class Sender:
    """Sends the requests of one judge.

    Args:
        transport: what carries a request.
        concurrency: most requests in flight at once.
        policy: when to try again.
        pause: waits so many seconds; raises `Abandoned` when a stop is requested meanwhile.
        stopping: whether a stop was requested; then no vote sends its first request.
        clock: seconds from any origin, never going back.

    Attributes:
        stopped_by: why this judge is not asked any more, or None.
    """

    def __init__(
        self,
        transport: Transport,
        concurrency: int,
        *,
        policy: RetryPolicy = DEFAULT_RETRIES,
        pause: Pause = asyncio.sleep,
        stopping: Callable[[], bool] = _never,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.policy = policy
        self.clock = clock
        self.stopped_by: TransportError | None = None
        self._transport = transport
        self._slots = asyncio.Semaphore(concurrency)
        self.pause = pause
        self._stopping = stopping
        self._closed_until = clock()

    def vote(self) -> VoteSending:
        """What one vote sends through."""
        return VoteSending(self)

    async def send_once(self, request: WireRequest, vote: VoteSending) -> WireReply:
        """One attempt, as soon as there is a slot and the provider wants requests.

        Raises:
            TransportError: there was no reply, or the judge was stopped meanwhile.
            Abandoned: a stop was requested before the vote's first request.
        """
        while True:
            # No slot is held while the provider wants to be left alone; others may close it while we queue.
            while (seconds := self._closed_until - self.clock()) > 0.0:
                await self.pause(seconds)
            async with self._slots:
                if self._closed_until > self.clock():
                    continue
                self._check_may_send(vote)
                try:
                    return await vote.attempt(self._transport, request)
                except TransportError as error:
                    self._note_hint(error)
                    raise

    def _check_may_send(self, vote: VoteSending) -> None:
        if self.stopped_by is not None:
            raise self.stopped_by
        if self._stopping() and not vote.replies:  # a vote that has its answer may still mend it
            raise Abandoned

    def _note_hint(self, error: TransportError) -> None:
        seconds = hint_s(error)
        if error.retryable and 0.0 < seconds <= self.policy.longest_hint_s:
            self._closed_until = max(self._closed_until, self.clock() + seconds)


class VoteSending:
    """Sends the requests of one vote (an answer, perhaps one repair), and counts what it took.

    Attributes:
        sender: the judge's sender.
        attempts: requests sent, failed ones included.
        wire_s: seconds that requests were under way; waiting for slots and retries is left out.
        replies: what came back.
    """

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.attempts = 0
        self.wire_s = 0.0
        self.replies: list[WireReply] = []
        self._deadline: float | None = None

    async def __call__(self, request: WireRequest) -> WireReply:
        """Send a request, again and again as the policy allows.

        Raises:
            TransportError: it failed for good.
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
            self._deadline = now + max(self.sender.policy.deadline_s, 2.0 * request.timeout_s)
        return self._deadline - now

    async def attempt(self, transport: Transport, request: WireRequest) -> WireReply:
        """One request. The deadline holds even if the transport forgets its own timeout.

        Raises:
            TransportError: there was no reply.
        """
        left = self.time_left(request)
        self.attempts += 1
        began = self.sender.clock()
        try:
            async with asyncio.timeout(max(left, 0.0)) as limit:
                reply = await transport.send(request)
        except TimeoutError:
            if not limit.expired():
                raise
            raise TransportError("timeout", "no reply before the vote's deadline", retryable=False) from None
        finally:
            self.wire_s += self.sender.clock() - began
        self.replies.append(reply)
        return reply

    def _final(self, error: TransportError) -> TransportError:
        """The last error, in words that say why there is no further attempt."""
        if not error.retryable:
            return error
        limit = self.sender.policy.longest_hint_s
        too_long = hint_s(error) > limit
        if too_long:
            why = f"the provider asks to wait {error.retry_after_s:g} s, longer than {limit:g} s"
        else:
            why = f"given up after {self.attempts} attempts"
        return TransportError(
            error.kind,
            f"{error.message} ({why})",
            status=error.status,
            retry_after_s=error.retry_after_s,
            retryable=False,
            # Until that long wait is over every further request would come too early.
            fatal_for_judge=error.fatal_for_judge or too_long,
        )
