"""Requests and tokens a minute, counted by hand."""

from __future__ import annotations

import pytest
from engine_panel import Hours
from hypothesis import given
from hypothesis import strategies as st

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
    assert [limit.wait_s() for _ in range(3) if limit.take(10**9) is None] == [0.0] * 3


def test_requests_a_minute():
    hours = Hours()
    # 2 a second for ten minutes; the 6 of the first 3 seconds' slack come early, not in addition.
    assert sent_within(RateLimit(rpm=120, clock=hours.clock), hours, 600.0, 1) == 1200


@given(st.lists(st.tuples(st.floats(0.0, 90.0), st.integers(1, 90)), min_size=1, max_size=12), st.integers(1, 60))
def test_no_minute_ever_sees_more_than_the_limit(bursts, rpm):
    hours = Hours()
    limit = RateLimit(rpm=rpm, clock=hours.clock)
    times = []
    for idle, wanted in bursts:
        hours.now += idle
        for _ in range(wanted):
            while (wait := limit.wait_s()) > 0.0:
                hours.now += wait
            limit.take(1)
            times.append(hours.now)
    # The request after the next rpm ones comes a minute later at least.
    assert all(later - earlier >= 60.0 - 1e-6 for earlier, later in zip(times, times[rpm:], strict=False))


def test_a_request_larger_than_the_limit_goes_out_when_the_minute_is_empty():
    hours = Hours()
    limit = RateLimit(tpm=1_000, clock=hours.clock)
    limit.correct(limit.take(5_000), 5_000)
    assert limit.wait_s() == pytest.approx((5_000 - 50 + 1) / 1_000 * 60.0)  # 50 are three seconds' slack
    hours.now += limit.wait_s()
    assert limit.wait_s() == 0.0


def test_refused_requests_teach_nothing_about_tokens():
    hours = Hours()
    limit = RateLimit(tpm=60_000, clock=hours.clock)
    limit.correct(limit.take(800), 800)
    for _ in range(50):
        limit.refund(limit.take(800))
    charge = limit.take(10)
    assert charge is not None
    assert charge.amount == pytest.approx(800.0)


def test_tokens_a_minute_count_what_requests_really_took():
    hours = Hours()
    limit = RateLimit(tpm=60_000, clock=hours.clock)  # 1,000 a second, 3,000 at once
    charged = limit.take(50_000)  # a worst case far above what it will take
    assert limit.wait_s() == pytest.approx((50_000 - 3_000 + 1) / 1000)
    limit.correct(charged, 500)
    assert limit.wait_s() == 0.0  # 2,500 are left
    assert limit.take(50_000).amount == 500.0  # what is usual is known now


def test_tokens_over_ten_minutes_keep_to_the_limit():
    hours = Hours()
    sent = sent_within(RateLimit(tpm=60_000, clock=hours.clock), hours, 600.0, 700)
    assert sent == 10 * 85  # 85 times 700 are 59,500, one more would be too many


def test_the_tighter_of_both_limits_holds():
    hours = Hours()
    sent = sent_within(RateLimit(rpm=600, tpm=6_000, clock=hours.clock), hours, 60.0, 100)
    assert sent == pytest.approx(60, abs=4)  # 100 tokens a second, not 10 requests a second
