"""Retries: only where they may help, never sooner than asked, never holding a slot while waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from engine_panel import Hours, shipped_judge

from panel_eval.engine import RetryPolicy
from panel_eval.engine.rate_limit import RateLimit
from panel_eval.engine.sending import Sender
from panel_eval.errors import CassetteMissError
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.question import Question
from panel_eval.judges.wire import Message, TransportError, WireReply, WireRequest

REQUEST = WireRequest(
    model="fake/x",
    messages=(Message("user", "?"),),
    max_tokens=10,
    temperature=None,
    top_p=None,
    seed=None,
    response_schema=None,
    response_mode="text",
    logprobs=False,
    top_logprobs=None,
    timeout_s=60.0,
    question=Question("item-0", {"text": "?"}, ("kind", "rude")),
    codes=(("A", "kind"), ("B", "rude")),
)
BUSY = {"error": "rate_limit", "status": 429}


def sender_on(transport: FakeTransport, hours: Hours, concurrency: int = 1, **policy: float) -> Sender:
    retries = RetryPolicy(**policy)  # type: ignore[arg-type]
    judge = shipped_judge(transport, limits={"concurrency": concurrency})
    return Sender(judge, policy=retries, pause=hours.sleep, clock=hours.clock)


def in_turn(*entries: object, times: list[float] | None = None, clock: Callable[[], float] | None = None):
    left = iter(entries)

    def script(_request: WireRequest) -> object:
        if times is not None and clock is not None:
            times.append(clock())
        return next(left)

    return script


def test_a_retryable_failure_is_tried_again_until_it_works():
    hours = Hours()
    transport = FakeTransport(in_turn({"error": "timeout"}, {"error": "connection"}, {"error": "server"}, "kind"))
    vote = sender_on(transport, hours).vote()
    reply = asyncio.run(vote(REQUEST))
    assert isinstance(reply, WireReply)
    assert vote.attempts == len(transport.requests) == 4
    assert len(hours.slept) == 3


@pytest.mark.parametrize(
    "kind", ["auth", "not_found", "payment", "bad_request", "context_window", "content_policy"]
)
def test_other_failures_are_not_tried_again(kind):
    transport = FakeTransport(lambda _request: {"error": kind, "message": "no"})
    with pytest.raises(TransportError, match="no"):
        asyncio.run(sender_on(transport, Hours()).vote()(REQUEST))
    assert len(transport.requests) == 1


def test_a_cassette_miss_is_not_an_outage():
    transport = FakeTransport(lambda _request: CassetteMissError("not recorded"))
    with pytest.raises(CassetteMissError):
        asyncio.run(sender_on(transport, Hours()).vote()(REQUEST))
    assert len(transport.requests) == 1


def test_attempts_are_limited_and_the_last_error_says_so():
    transport = FakeTransport(lambda _request: {"error": "server", "status": 500, "message": "oops"})
    with pytest.raises(TransportError, match=r"oops \(given up after 5 attempts\)") as caught:
        asyncio.run(sender_on(transport, Hours()).vote()(REQUEST))
    assert len(transport.requests) == 5
    assert (caught.value.kind, caught.value.status, caught.value.retryable) == ("server", 500, False)
    assert not caught.value.fatal_for_judge


def test_random_waits_double_and_stay_under_their_limit():
    """Full jitter: the n-th wait lies in 0 … min(30, 0.5 · 2^(n-1)), and over many votes fills that range."""
    upper = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    waits: list[list[float]] = []
    for _ in range(200):
        hours = Hours()
        transport = FakeTransport(lambda _request: {"error": "server"})
        with pytest.raises(TransportError):
            asyncio.run(sender_on(transport, hours, attempts=9).vote()(REQUEST))
        waits.append(hours.slept)
    for position, limit in enumerate(upper):
        seen = [each[position] for each in waits]
        # All 200 uniform draws under 0.9 of the limit, or all above 0.1 of it: probability 0.9^200 = 7e-10.
        assert 0.0 <= min(seen) < 0.1 * limit
        assert 0.9 * limit < max(seen) <= limit


def test_retry_after_is_respected():
    hours = Hours()
    times: list[float] = []
    script = in_turn({**BUSY, "retry_after_s": 17.5}, "kind", times=times, clock=hours.clock)
    asyncio.run(sender_on(FakeTransport(script), hours).vote()(REQUEST))
    assert times[1] - times[0] >= 17.5


def test_retry_after_holds_back_the_other_votes_of_the_judge():
    hours = Hours()
    times: list[float] = []
    script = in_turn(*[{**BUSY, "retry_after_s": 20}], *["kind"] * 30, times=times, clock=hours.clock)
    sender = sender_on(FakeTransport(script), hours, concurrency=3)

    async def many() -> None:
        await asyncio.gather(*[sender.vote()(REQUEST) for _ in range(30)])

    asyncio.run(many())
    told = times[0]
    # The two that were sent in the same moment, before the answer came, are no violation.
    assert [at for at in times if told < at < told + 20] == []
    assert len(times) == 31


def test_a_hint_longer_than_allowed_fails_the_vote_now():
    hours = Hours()
    transport = FakeTransport(lambda _request: {**BUSY, "retry_after_s": 3600, "message": "quota"})
    with pytest.raises(
        TransportError, match=r"quota \(the provider asks to wait 3600 s, longer than 120 s\)"
    ) as caught:
        asyncio.run(sender_on(transport, hours).vote()(REQUEST))
    assert len(transport.requests) == 1
    assert hours.slept == []
    assert caught.value.retry_after_s == 3600  # what to do about the judge is its circuit breaker's to decide


def test_no_attempt_begins_after_the_deadline():
    hours = Hours()
    times: list[float] = []
    script = in_turn(*[{**BUSY, "retry_after_s": 100}] * 9, times=times, clock=hours.clock)
    vote = sender_on(FakeTransport(script), hours, attempts=9, deadline_s=250).vote()
    with pytest.raises(TransportError, match="given up after 3 attempts"):
        asyncio.run(vote(REQUEST))
    assert [at - times[0] for at in times] == [0, 100, 200]


def test_a_vote_that_waits_for_its_turn_misses_no_deadline():
    """With 6 requests a minute, 99 others that go out before its second attempt take 990 s, of 600 s in all."""
    hours = Hours()
    rate = RateLimit(6, clock=hours.clock)
    answers = in_turn({"error": "server"}, "kind")

    def script(request: WireRequest) -> object:
        for _ in range(99):
            rate.take(1.0)
        return answers(request)

    sender = Sender(shipped_judge(FakeTransport(script)), rate=rate, pause=hours.sleep, clock=hours.clock)
    vote, began = sender.vote(), hours.now
    asyncio.run(vote(REQUEST))
    assert vote.attempts == 2
    assert hours.now - began > 980.0


def test_a_transport_that_forgets_its_timeout_is_cut_off_at_the_deadline():
    transport = FakeTransport(lambda _request: "kind", delay_s=60.0)
    sender = Sender(shipped_judge(transport), policy=RetryPolicy(deadline_s=0.05))
    with pytest.raises(TransportError, match="no reply before the vote's deadline"):
        asyncio.run(sender.vote()(replace(REQUEST, timeout_s=0.01)))


def test_a_slot_is_free_while_a_vote_waits():
    """With one slot, a vote that waits 60 s for its retry must not keep another from being sent meanwhile."""
    transport = FakeTransport(in_turn({"error": "server"}, "kind", "kind"))
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def pause(_seconds: float) -> None:
        asleep.set()
        await wake.wait()

    async def both() -> None:
        sender = Sender(shipped_judge(transport, limits={"concurrency": 1}), pause=pause)
        waiting = asyncio.ensure_future(sender.vote()(REQUEST))
        await asleep.wait()
        await asyncio.wait_for(sender.vote()(REQUEST), timeout=5.0)
        assert not waiting.done()
        wake.set()
        await waiting

    asyncio.run(both())
    assert len(transport.requests) == 3


def test_time_on_the_wire_leaves_out_waiting():
    hours = Hours()

    class Slow(FakeTransport):
        async def send(self, request: WireRequest) -> WireReply:
            hours.now += 2.0
            return await super().send(request)

    vote = sender_on(Slow(in_turn({**BUSY, "retry_after_s": 50}, "kind")), hours).vote()
    asyncio.run(vote(REQUEST))
    assert vote.wire_s == pytest.approx(4.0)  # two attempts of 2 s; the 50 s between them are not counted


def test_many_votes_that_fail_at_once_keep_their_own_counts():
    """A hundred votes under way together: each fails exactly twice, so each takes three attempts."""
    hours = Hours()
    seen: dict[str, int] = {}

    def script(request: WireRequest) -> object:
        name = request.question.item_id
        seen[name] = seen.get(name, 0) + 1
        return "kind" if seen[name] > 2 else {"error": "server"}

    sender = sender_on(FakeTransport(script), hours, concurrency=50)

    async def one(number: int) -> int:
        vote = sender.vote()
        await vote(replace(REQUEST, question=replace(REQUEST.question, item_id=f"item-{number}")))
        return vote.attempts

    async def many() -> list[int]:
        return await asyncio.gather(*[one(number) for number in range(100)])

    assert asyncio.run(many()) == [3] * 100


@pytest.mark.parametrize("hint", [float("nan"), -5.0, 0.0])
def test_a_nonsensical_hint_is_no_hint(hint):
    hours = Hours()
    transport = FakeTransport(in_turn({**BUSY, "retry_after_s": hint}, "kind"))
    asyncio.run(sender_on(transport, hours).vote()(REQUEST))
    assert 0.0 <= hours.slept[0] <= 0.5


def test_an_endless_hint_is_too_long():
    transport = FakeTransport(lambda _request: {**BUSY, "retry_after_s": float("inf")})
    with pytest.raises(TransportError, match="asks to wait inf s"):
        asyncio.run(sender_on(transport, Hours()).vote()(REQUEST))
