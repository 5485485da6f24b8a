"""When a judge is left alone, tried again, and given up."""

from __future__ import annotations

import pytest
from engine_panel import Hours

from panel_eval.engine.breaker import Breaker, BreakerPolicy
from panel_eval.judges.wire import TransportError

DOWN = TransportError("server", "oops", status=500)


def broken(hours: Hours, **policy: float) -> Breaker:
    """A circuit that has just opened."""
    breaker = Breaker(BreakerPolicy(**policy), clock=hours.clock)  # type: ignore[arg-type]
    verdicts = [breaker.failure(DOWN) for _ in range(10)]
    assert verdicts == ["go_on"] * 9 + ["pause"]
    return breaker


def test_one_success_breaks_the_row():
    breaker = Breaker(BreakerPolicy(), clock=Hours().clock)
    for _ in range(5):
        assert [breaker.failure(DOWN) for _ in range(9)] == ["go_on"] * 9
        breaker.success()
    assert not breaker.is_open


def test_pauses_double_until_the_judge_answers():
    hours = Hours()
    breaker = broken(hours)
    pauses = []
    for _ in range(6):
        pauses.append(breaker.pause_left_s())
        assert not breaker.begin_trial()  # not before the pause is over
        hours.now += breaker.pause_left_s()
        assert breaker.begin_trial()
        assert not breaker.begin_trial()  # one at a time
        assert breaker.failure(DOWN, trial=True) == "pause"
    assert pauses == [15.0, 30.0, 60.0, 120.0, 240.0, 300.0]
    breaker.success()
    assert (breaker.is_open, breaker.outages) == (False, 1)
    assert [breaker.failure(DOWN) for _ in range(10)][-1] == "pause"
    assert breaker.pause_left_s() == 15.0  # a new outage begins anew


def test_votes_that_were_under_way_when_the_circuit_opened_lengthen_no_pause():
    """They tell of the same outage. Only failed trials double the pause, and only a Retry-After says more."""
    hours = Hours()
    breaker = broken(hours)
    assert [breaker.failure(DOWN) for _ in range(54)] == ["pause"] * 54
    assert breaker.failure(TransportError("bad_request", "odd item")) == "pause"
    assert breaker.pause_left_s() == 15.0
    hours.now += 15.0
    assert breaker.begin_trial()
    assert breaker.failure(DOWN) == "pause"
    assert not breaker.begin_trial()  # the trial is still under way
    assert breaker.failure(DOWN, trial=True) == "pause"
    assert breaker.pause_left_s() == 30.0
    assert breaker.failure(TransportError("server", "later", retry_after_s=100.0)) == "pause"
    assert breaker.pause_left_s() == 100.0


def test_an_outage_longer_than_the_patience_ends_the_judge():
    hours = Hours()
    breaker = broken(hours, patience_s=100.0)
    hours.now += 15.0
    assert breaker.failure(DOWN, trial=True) == "pause"  # tried at 15 s; the next trial at 45 s is within 100 s
    hours.now += 30.0
    assert breaker.failure(DOWN, trial=True) == "give_up"  # the next one would be at 45 + 60 = 105 s
    assert "12 votes in a row failed over 45 s; the last: oops" in str(breaker.stopped_by)


def test_without_patience_the_tenth_failure_ends_the_judge():
    breaker = Breaker(BreakerPolicy(patience_s=0.0), clock=Hours().clock)
    assert [breaker.failure(DOWN) for _ in range(10)] == ["go_on"] * 9 + ["give_up"]


@pytest.mark.parametrize("kind", ["auth", "not_found", "payment"])
def test_what_every_request_would_meet_ends_the_judge_at_once(kind):
    breaker = Breaker(BreakerPolicy(), clock=Hours().clock)
    assert breaker.failure(TransportError(kind, "no")) == "give_up"


def test_a_row_of_bad_requests_is_not_waited_out():
    breaker = Breaker(BreakerPolicy(), clock=Hours().clock)
    bad = TransportError("bad_request", "no such parameter")
    assert [breaker.failure(bad) for _ in range(10)][-1] == "give_up"


def test_a_long_retry_after_opens_the_circuit_for_so_long():
    hours = Hours()
    breaker = Breaker(BreakerPolicy(), clock=hours.clock)
    assert breaker.failure(TransportError("rate_limit", "later", retry_after_s=900.0)) == "pause"
    assert breaker.pause_left_s() == 900.0


def test_an_answer_does_not_close_a_circuit_before_the_time_that_the_provider_named():
    """It answers a request that went out before the provider said when to come back."""
    hours = Hours()
    breaker = Breaker(BreakerPolicy(), clock=hours.clock)
    breaker.leave_alone(TransportError("rate_limit", "later", retry_after_s=900.0))
    assert breaker.failure(TransportError("rate_limit", "later", retry_after_s=900.0)) == "pause"
    breaker.success()
    assert breaker.is_open
    hours.now += 899.0
    assert not breaker.begin_trial()
    hours.now += 1.0
    assert breaker.begin_trial()
    breaker.success()
    assert (breaker.is_open, breaker.outages) == (False, 1)


def test_an_answer_closes_a_circuit_that_only_failures_opened():
    breaker = broken(Hours())
    breaker.success()
    assert not breaker.is_open


def test_a_retry_after_beyond_the_patience_ends_the_judge():
    breaker = Breaker(BreakerPolicy(), clock=Hours().clock)
    assert breaker.failure(TransportError("rate_limit", "tomorrow", retry_after_s=86_400.0)) == "give_up"
    assert "the provider asks to wait 86400 s" in str(breaker.stopped_by)


def test_a_trial_that_came_to_nothing_lets_another_be_tried():
    hours = Hours()
    breaker = broken(hours)
    hours.now += 15.0
    assert breaker.begin_trial()
    breaker.end_trial()
    assert breaker.begin_trial()
