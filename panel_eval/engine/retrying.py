"""When a failed request is tried again, and how long to wait before: the parts that tenacity is built from.

A provider's Retry-After wins over our own patience: it is never undercut, and a hint that is too long ends the
matter instead of being ignored.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from tenacity.wait import wait_random_exponential

from panel_eval.judges.wire import TransportError

LONGEST_HINT_S = 120.0
"""Longest Retry-After that a vote waits for by itself."""

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class RetryPolicy:
    """How stubbornly a vote is asked for.

    Attributes:
        attempts: most attempts for one request.
        first_wait_s: upper end of the random wait after the first failure; doubles with each further one.
        longest_wait_s: upper end that the doubling stops at.
        longest_hint_s: longest Retry-After that is waited for; a longer one ends the attempts.
        deadline_s: most seconds from a vote's first attempt to its end, waits between attempts included. Waiting
            for its turn (a slot, a stated limit, a provider that wants to be left alone) does not count.
        whole_calls: if calls may take long, the deadline leaves time for so many of them at their timeout.
    """

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_hint_s: float = LONGEST_HINT_S
    deadline_s: float = 600.0
    whole_calls: float = 2.0


DEFAULT_RETRIES = RetryPolicy()


def retrying(policy: RetryPolicy, time_left: Callable[[], float], pause: Pause) -> AsyncRetrying:
    """Calls a request again and again as the policy allows, and raises the last error as it is.

    Args:
        policy: how stubbornly.
        time_left: seconds until the vote's deadline.
        pause: waits so many seconds.
    """

    def is_last(state: RetryCallState) -> bool:
        return (
            state.attempt_number >= policy.attempts
            or hint_s(_error(state)) > policy.longest_hint_s
            or time_left() <= state.upcoming_sleep
        )

    jitter = wait_random_exponential(multiplier=policy.first_wait_s, max=policy.longest_wait_s)

    def wait(state: RetryCallState) -> float:
        return max(hint_s(_error(state)), jitter(state))

    return AsyncRetrying(retry=retry_if_exception(_may_help), wait=wait, stop=is_last, sleep=pause, reraise=True)


def hint_s(error: TransportError) -> float:
    """Seconds the provider asks to wait; 0 if it does not, or says nonsense."""
    hint = error.retry_after_s
    return 0.0 if hint is None or math.isnan(hint) else max(hint, 0.0)


def _may_help(error: BaseException) -> bool:
    return isinstance(error, TransportError) and error.retryable


def _error(state: RetryCallState) -> TransportError:
    error = None if state.outcome is None else state.outcome.exception()
    assert isinstance(error, TransportError)  # `_may_help` lets nothing else come this far
    return error
