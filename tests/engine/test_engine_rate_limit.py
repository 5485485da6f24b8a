"""Requests and tokens a minute, counted by hand."""

from __future__ import annotations

import pytest
from engine_panel import Hours

from panel_eval.engine.rate_limit import RateLimit


def sent_within(limit: RateLimit, hours: Hours, seconds: float, tokens: int) -> int:
    """How many requests of so many tokens go out within a time, each as soon as it may."""
    end, sent = hours.now + seconds, 0
    while hours.now < end:
        if (wait := limit.wait_s()) > 0.0:
            hours.now += wait
            continue
        limit.correct(limit.take(tokens), tokens)
        sent += 1
    return sent


def test_no_limit_never_waits():
    limit = RateLimit(clock=Hours().clock)
    assert [limit.wait_s() for _ in range(3) if limit.take(10**9) == 0.0] == [0.0] * 3


def test_requests_a_minute():
    hours = Hours()
    # 2 a second for ten minutes, and the 6 of the first 3 seconds' slack; the last one falls on the very end.
    assert sent_within(RateLimit(rpm=120, clock=hours.clock), hours, 600.0, 1) in (1205, 1206)


def test_no_minute_ever_sees_more_than_the_limit_and_its_slack():
    hours = Hours()
    limit = RateLimit(rpm=60, clock=hours.clock)
    times = []
    while hours.now < 1300.0:
        if (wait := limit.wait_s()) > 0.0:
            hours.now += wait
            continue
        limit.take(1)
        times.append(hours.now)
    windows = [sum(start <= at < start + 60.0 for at in times) for start in times[:-70]]
    assert max(windows) <= 63  # 60 and three seconds' slack


def test_tokens_a_minute_count_what_requests_really_took():
    hours = Hours()
    limit = RateLimit(tpm=60_000, clock=hours.clock)  # 1,000 a second, 3,000 at once
    charged = limit.take(50_000)  # a worst case far above what it will take
    assert limit.wait_s() == pytest.approx((50_000 - 3_000 + 1) / 1000)
    limit.correct(charged, 500)
    assert limit.wait_s() == 0.0  # 2,500 are left
    assert limit.take(50_000) == 500.0  # what is usual is known now


def test_tokens_over_ten_minutes_keep_to_the_limit():
    hours = Hours()
    sent = sent_within(RateLimit(tpm=60_000, clock=hours.clock), hours, 600.0, 700)
    assert sent * 700 <= 600_000 + 3_000 + 700


def test_the_tighter_of_both_limits_holds():
    hours = Hours()
    sent = sent_within(RateLimit(rpm=600, tpm=6_000, clock=hours.clock), hours, 60.0, 100)
    assert sent == pytest.approx(60, abs=4)  # 100 tokens a second, not 10 requests a second
