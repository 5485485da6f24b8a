"""Rates and estimates, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from engine_panel import Hours

from panel_eval.engine.progress import Progress, ProgressMeter


class Count:
    """Votes stored, all of them ok."""

    def __init__(self, done: int = 0) -> None:
        self.done = done
        self.asked = 0

    def __call__(self) -> tuple[int, Mapping[str, int]]:
        self.asked += 1
        return self.done, {"ok": self.done}


def test_rate_and_time_left_of_this_session():
    hours, seen, count = Hours(), list[Progress](), Count(40)
    meter = ProgressMeter(100, count, seen.append, clock=hours.clock)
    for _ in range(20):
        hours.now += 0.5
        count.done += 1
        meter.stored()
    meter.tell()
    # 20 votes in 10 s are 2 a second; 40 are left. The 40 stored before do not speed it up.
    assert (seen[-1].done, seen[-1].rate_per_s, seen[-1].eta_s) == (60, pytest.approx(2.0), pytest.approx(20.0))


def test_rate_follows_a_provider_that_slows_down():
    hours, seen, count = Hours(), list[Progress](), Count()
    meter = ProgressMeter(10_000, count, seen.append, clock=hours.clock)
    for pause, votes in ((0.1, 1000), (10.0, 12)):
        for _ in range(votes):
            hours.now += pause
            count.done += 1
            meter.stored()
    assert seen[-1].rate_per_s == pytest.approx(0.1)


def test_calls_are_throttled():
    hours, seen, count = Hours(), list[Progress](), Count()
    meter = ProgressMeter(1000, count, seen.append, interval_s=1.0, clock=hours.clock)
    for _ in range(1000):
        hours.now += 0.01
        count.done += 1
        meter.stored()
    assert 9 <= len(seen) <= 10  # 10 s of votes, at most one call a second
    assert count.asked <= 12  # counting a million votes is not free


def test_nobody_is_told_and_nothing_is_counted_without_a_callback():
    count = Count()
    meter = ProgressMeter(10, count, None)
    meter.stored()
    meter.tell()
    assert count.asked == 0
