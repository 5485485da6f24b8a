"""Rates and estimates, worked out by hand."""

from __future__ import annotations

import pytest
from engine_panel import Hours

from panel_eval.engine.progress import Progress, ProgressMeter


def test_rate_and_time_left_of_this_session():
    hours, seen = Hours(), list[Progress]()
    meter = ProgressMeter(100, {"ok": 40}, seen.append, clock=hours.clock)
    for _ in range(20):
        hours.now += 0.5
        meter.stored("ok")
    meter.tell()
    # 20 votes in 10 s are 2 a second; 40 are left. The 40 stored before do not speed it up.
    assert (seen[-1].done, seen[-1].rate_per_s, seen[-1].eta_s) == (60, pytest.approx(2.0), pytest.approx(20.0))


def test_rate_follows_a_provider_that_slows_down():
    hours, seen = Hours(), list[Progress]()
    meter = ProgressMeter(10_000, {}, seen.append, clock=hours.clock)
    for pause, votes in ((0.1, 1000), (10.0, 12)):
        for _ in range(votes):
            hours.now += pause
            meter.stored("ok")
    assert seen[-1].rate_per_s == pytest.approx(0.1)


def test_calls_are_throttled():
    hours, seen = Hours(), list[Progress]()
    meter = ProgressMeter(1000, {}, seen.append, interval_s=1.0, clock=hours.clock)
    for _ in range(1000):
        hours.now += 0.01
        meter.stored("ok")
    assert 9 <= len(seen) <= 10  # 10 s of votes, at most one call a second


def test_a_vote_asked_again_is_not_counted_twice():
    meter = ProgressMeter(2, {"error": 1, "ok": 1}, None)
    meter.stored("ok", replaces="error")
    assert (meter.done, meter.snapshot().outcomes) == (2, {"ok": 2})
