"""Outages as a run meets them: what ends one, what does not, and what is sent meanwhile."""

from __future__ import annotations

import time

import pytest
from engine_panel import Hours, carry_out, judge, open_run, plan_of

from panel_eval.engine import RetryPolicy
from panel_eval.errors import InputError
from panel_eval.judges.fake import FakeTransport


def test_a_long_retry_after_is_kept_even_if_only_a_repair_met_it(tmp_path):
    """The vote keeps its unreadable answer; nobody else is asked before the 600 s are over."""
    hours = Hours()
    sent: list[float] = []
    told: list[float] = []

    def script(request):
        hours.now += 0.5
        sent.append(hours.now)
        if len(request.messages) > 2:  # the repair
            told.append(hours.now)
            return {"error": "rate_limit", "status": 429, "retry_after_s": 600}
        return {"text": "no idea"} if len(sent) == 3 else "kind"

    judges = [judge(tmp_path, "a", FakeTransport(script), limits={"concurrency": 1, "outage_s": 1800})]
    plan = plan_of(tmp_path, judges, 8)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, sleep=hours.sleep, clock=hours.clock)
    assert outcome.outcomes == {"ok": 7, "unparseable": 1}
    assert len(sent) == 9
    assert [at for at in sent if told[0] < at < told[0] + 600.0] == []
    assert sent[-1] >= told[0] + 600.0


@pytest.mark.parametrize(("last", "outcomes"), [("auth", {"error": 40}), (None, {"ok": 40})])
def test_nobody_sits_out_a_pause_that_is_over(tmp_path, last, outcomes):
    """Ten votes fail, and the pause is 15 s; an eleventh, under way, is refused for good or answered in .1 s."""
    turn = iter(range(1000))

    def script(_request):
        number = next(turn)
        if number < 10:
            return {"error": "server", "status": 503}
        if number == 10:
            return {"delay_s": 0.1} | ({"label": "kind"} if last is None else {"error": last})
        return "kind" if last is None else {"error": "server"}

    judges = [judge(tmp_path, "a", FakeTransport(script), limits={"concurrency": 11, "outage_s": 1800})]
    plan = plan_of(tmp_path, judges, 40)
    began = time.monotonic()
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, policy=RetryPolicy(attempts=1))
    assert time.monotonic() - began < 8.0
    assert outcome.outcomes == outcomes


def test_a_run_that_waits_says_so_again_and_again(tmp_path, monkeypatch):
    """The provider wants to be left alone for .3 s; told every .05 s, a callback hears of the time left."""
    monkeypatch.setattr("panel_eval.engine.execution._TELL_EVERY_S", 0.05)
    seen: list[float] = []
    turn = iter(range(1000))
    script = lambda _request: {"error": "rate_limit", "retry_after_s": 0.3} if next(turn) == 0 else "kind"  # noqa: E731
    judges = [judge(tmp_path, "a", FakeTransport(script), limits={"concurrency": 1})]
    plan = plan_of(tmp_path, judges, 3)

    def on_progress(progress):
        seen.extend(pace.closed_for_s for pace in progress.load.paces.values() if pace.closed_for_s)

    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run, on_progress=on_progress)
    assert len(seen) >= 3
    assert seen == sorted(seen, reverse=True)


def test_a_vote_that_sends_nothing_does_not_end_an_outage(tmp_path):
    """Every other item cannot be shown to the judge; ten of those that can be still fail in a row."""
    hours = Hours()
    down = FakeTransport(lambda _request: {"error": "server", "status": 503})
    judges = [judge(tmp_path, "a", down, limits={"concurrency": 1})]
    asked = judges[0].request

    def request(question):
        if int(question.item_id[5:]) % 2:
            raise InputError("the template fails")
        return asked(question)

    judges[0].request = request  # type: ignore[method-assign]
    plan = plan_of(tmp_path, judges, 40)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, sleep=hours.sleep, clock=hours.clock)
    assert "10 votes in a row failed" in outcome.stopped_judges["a"]
