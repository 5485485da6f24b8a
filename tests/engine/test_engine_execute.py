"""Carrying out a plan: every vote once, failures as outcomes, stops that lose nothing."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest
from engine_panel import Hours, carry_out, judge, open_run, plan_of

from panel_eval.engine import Progress, RunDirectory, StopSignal, execute, read_votes
from panel_eval.errors import CassetteMissError, PanelEvalError
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.wire import TransportError, WireReply
from panel_eval.schema import Usage


def kind(_request):
    return "kind"


def votes_in(run):
    return read_votes(run.path / "votes.jsonl")


def test_every_planned_vote_is_stored_once_with_its_facts(tmp_path):
    judges = [judge(tmp_path, "a", FakeTransport(kind), samples=2), judge(tmp_path, "b", FakeTransport({}))]
    plan = plan_of(tmp_path, judges, 3)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run)
    assert (outcome.state, outcome.planned, outcome.stored, outcome.missing) == ("sealed", 9, 9, 0)
    assert outcome.outcomes == {"ok": 6, "error": 3}
    votes = votes_in(run)
    assert Counter(vote.vote_key for vote in votes) == Counter(plan.vote_keys)
    good = next(vote for vote in votes if vote.judge == "a")
    assert (good.label, good.attempts, good.elicit, good.model_reported) == ("kind", 1, "vote", "fake")
    assert good.cost_usd == 0.0  # a scripted judge
    assert good.at is not None
    assert good.at.endswith("+00:00")
    bad = next(vote for vote in votes if vote.judge == "b")
    assert bad.label is None
    assert bad.error is not None
    assert bad.error.kind == "bad_request"


def test_questions_go_out_in_plan_order(tmp_path):
    transport = FakeTransport(kind)
    judges = [judge(tmp_path, "a", transport, limits={"concurrency": 1})]
    plan = plan_of(tmp_path, judges, 20)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
    assert [request.question for request in transport.requests] == [task.question for task in plan.tasks]


@pytest.mark.parametrize("concurrency", [1, 3, 7])
def test_no_more_requests_in_flight_than_allowed_and_no_fewer(tmp_path, concurrency):
    transport = FakeTransport(kind, delay_s=0.002)
    judges = [judge(tmp_path, "a", transport, limits={"concurrency": concurrency})]
    plan = plan_of(tmp_path, judges, 30)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
    assert transport.max_in_flight == concurrency


def test_stored_votes_are_not_asked_for_again(tmp_path):
    transport = FakeTransport(kind)
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 10)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
        outcome = carry_out(plan, judges, run)
    assert len(transport.requests) == 10
    assert (outcome.state, outcome.stored, outcome.outcomes) == ("sealed", 10, {"ok": 10})


def test_failed_votes_are_results_and_asked_again_only_on_request(tmp_path):
    up = []
    script = lambda request: "kind" if up or request.question.item_id != "item-1" else {"error": "bad_request"}  # noqa: E731
    transport = FakeTransport(script)
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 3)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run).outcomes == {"ok": 2, "error": 1}
        up.append(True)
        before = len(transport.requests)
        assert carry_out(plan, judges, run).outcomes == {"ok": 2, "error": 1}
        assert len(transport.requests) == before
        again = carry_out(plan, judges, run, retry_failed=True)
    assert len(transport.requests) == before + 1
    assert (again.outcomes, again.stored, again.state) == ({"ok": 3}, 3, "sealed")
    assert (run.path / "votes.jsonl").read_text().count("\n") == 4
    assert [vote.outcome for vote in votes_in(run)] == ["ok"] * 3


@pytest.mark.parametrize("entry", [{"refuse": "I cannot"}, {"truncate": True}, {"text": "no idea"}])
def test_refused_truncated_and_unreadable_answers_are_never_asked_again(tmp_path, entry):
    transport = FakeTransport(lambda _request: entry)
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 2)
    with open_run(tmp_path, plan) as run:
        first = carry_out(plan, judges, run)
        sent = len(transport.requests)
        second = carry_out(plan, judges, run, retry_failed=True)
    assert first.outcomes == second.outcomes
    assert set(first.outcomes) <= {"refusal", "truncated", "unparseable"}
    assert len(transport.requests) == sent


@pytest.mark.parametrize("error", ["auth", "not_found", "payment"])
def test_a_hopeless_judge_is_stopped_and_the_others_go_on(tmp_path, error):
    wrong_key = FakeTransport(lambda _request: {"error": error, "status": 401, "message": "no such key"})
    judges = [
        judge(tmp_path, "bad", wrong_key, limits={"concurrency": 1}),
        judge(tmp_path, "good", FakeTransport(kind)),
    ]
    plan = plan_of(tmp_path, judges, 30)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run)
    assert len(wrong_key.requests) == 1
    assert outcome.outcomes == {"ok": 30, "error": 30}
    assert outcome.state == "partial"
    assert "no such key" in outcome.stopped_judges["bad"]
    lost = [vote for vote in votes_in(run) if vote.judge == "bad"]
    assert {vote.error.kind for vote in lost if vote.error} == {error}
    assert sorted(vote.attempts for vote in lost) == [0] * 29 + [1]
    assert sum("not asked" in vote.error.message for vote in lost if vote.error) == 29


def test_votes_of_a_stopped_judge_are_asked_for_when_the_run_is_resumed(tmp_path):
    key_is_right = []
    transport = FakeTransport(lambda _request: "kind" if key_is_right else {"error": "auth", "status": 401})
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 30)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run).state == "partial"
        key_is_right.append(True)
        outcome = carry_out(plan, judges, run)
    assert (outcome.state, outcome.outcomes, outcome.stored) == ("sealed", {"ok": 30}, 30)
    assert len(votes_in(run)) == 30


def test_a_session_that_reopens_failed_votes_has_stored_none(tmp_path):
    """Ten final errors are asked again with a wrong key: they are lost with the judge, and nothing was stored."""
    script = [lambda request: {"error": "bad_request"} if int(request.question.item_id[5:]) % 2 else "kind"]
    judges = [judge(tmp_path, "a", FakeTransport(lambda request: script[-1](request)), elicit="logprobs")]
    plan = plan_of(tmp_path, judges, 20)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run).session.votes_stored == 20
        script.append(lambda _request: {"error": "auth", "status": 401})
        again = carry_out(plan, judges, run, retry_failed=True)
        assert (again.state, again.session.votes_stored) == ("partial", 0)
        script.append(kind)
        assert carry_out(plan, judges, run).session.votes_stored == 10


def test_a_broken_progress_callback_leaves_nothing_under_way(tmp_path):
    transport = FakeTransport(kind)
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 5)

    def broken(_progress):
        raise BrokenPipeError("nobody reads")

    async def told():
        with pytest.raises(BrokenPipeError, match="nobody reads"):
            await execute(plan, judges, run, on_progress=broken)
        return asyncio.all_tasks() - {asyncio.current_task()}

    with open_run(tmp_path, plan) as run:
        assert asyncio.run(told()) == set()


def test_ten_failures_in_a_row_stop_a_judge(tmp_path):
    time_passes = Hours()
    transport = FakeTransport(lambda _request: {"error": "server", "status": 503, "message": "overloaded"})
    judges = [judge(tmp_path, "a", transport, limits={"concurrency": 1})]
    plan = plan_of(tmp_path, judges, 40)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, sleep=time_passes.sleep, clock=time_passes.clock)
    assert "10 votes in a row failed; the last: overloaded" in outcome.stopped_judges["a"]
    assert outcome.state == "partial"
    asked = [vote for vote in votes_in(run) if vote.attempts == 5]
    assert len(asked) == 10
    # One vote may have been between two attempts when the judge was stopped: fewer than 5 more requests.
    assert 50 <= len(transport.requests) < 55


def test_failures_that_are_not_in_a_row_stop_nobody(tmp_path):
    turn = iter(range(10_000))
    script = lambda _request: "kind" if next(turn) % 10 == 9 else {"error": "bad_request", "message": "odd item"}  # noqa: E731
    # A judge that has answered once no longer takes a bad request for a question of response format.
    judges = [judge(tmp_path, "a", FakeTransport(script), limits={"concurrency": 1}, elicit="logprobs")]
    plan = plan_of(tmp_path, judges, 60)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run)
    assert outcome.stopped_judges == {}
    assert outcome.outcomes == {"ok": 6, "error": 54}
    assert outcome.state == "sealed"


@pytest.mark.parametrize("fault", [CassetteMissError("not recorded: POST /v1"), PanelEvalError("broken")])
def test_a_fault_of_the_run_ends_it_at_once_and_keeps_what_is_stored(tmp_path, fault):
    turn = iter(range(10_000))
    judges = [
        judge(tmp_path, "a", FakeTransport(lambda _request: fault if next(turn) == 5 else "kind")),
        judge(tmp_path, "b", FakeTransport(kind, delay_s=30.0)),
    ]
    plan = plan_of(tmp_path, judges, 20)
    began = time.monotonic()
    with open_run(tmp_path, plan) as run, pytest.raises(type(fault), match=str(fault)):
        carry_out(plan, judges, run)
    assert time.monotonic() - began < 20.0
    assert {vote.outcome for vote in votes_in(run)} <= {"ok"}


def test_an_answer_the_contract_refuses_becomes_no_label(tmp_path):
    """Half a surrogate pair cannot stand in a UTF-8 file, and text of a million characters should not."""
    script = {"item-0": {"text": "\ud800 not JSON"}, "item-1": {"text": "x" * 1_000_000}}
    judges = [judge(tmp_path, "a", FakeTransport(script))]
    plan = plan_of(tmp_path, judges, 2)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run)
    assert outcome.outcomes == {"unparseable": 2}
    assert sorted(len(vote.raw or "") < 21_000 for vote in votes_in(run)) == [True, True]


def test_the_first_stop_lets_calls_in_flight_finish_and_starts_no_more(tmp_path):
    stop = StopSignal()
    transport = FakeTransport(kind, delay_s=0.05)
    judges = [judge(tmp_path, "a", transport, limits={"concurrency": 4})]
    plan = plan_of(tmp_path, judges, 100)

    def on_progress(progress: Progress) -> None:
        if progress.done >= 8:
            stop.request()

    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, on_progress=on_progress, stop=stop)
    assert outcome.state == "partial"
    assert outcome.stored == len(transport.requests) == len(votes_in(run))  # every call made is stored
    assert outcome.missing == 100 - outcome.stored > 0
    # What was answered is a prefix of the plan.
    assert {vote.vote_key for vote in votes_in(run)} == {task.vote_key for task in plan.tasks[: outcome.stored]}
    with RunDirectory.reopen(run.path) as again:
        assert carry_out(plan, judges, again).outcomes == {"ok": 100}
    assert len(transport.requests) == 100


def test_the_second_stop_gives_up_calls_in_flight(tmp_path):
    stop = StopSignal()
    judges = [judge(tmp_path, "a", FakeTransport(kind, delay_s=60.0))]
    plan = plan_of(tmp_path, judges, 5)

    async def stopped_twice():
        from panel_eval.engine import execute

        running = asyncio.ensure_future(execute(plan, judges, run, stop=stop))
        await asyncio.sleep(0.05)
        stop.request()
        await asyncio.sleep(0.05)
        assert not running.done()
        stop.request()
        return await running

    began = time.monotonic()
    with open_run(tmp_path, plan) as run:
        outcome = asyncio.run(stopped_twice())
    assert time.monotonic() - began < 20.0
    assert (outcome.state, outcome.stored, outcome.missing) == ("partial", 0, 5)


def test_a_stop_does_not_wait_for_votes_that_wait_for_a_retry(tmp_path):
    stop = StopSignal()

    def busy(_request):
        asyncio.get_running_loop().call_later(0.05, stop.request)
        return {"error": "rate_limit", "status": 429, "retry_after_s": 100}

    judges = [judge(tmp_path, "a", FakeTransport(busy))]
    plan = plan_of(tmp_path, judges, 3)
    began = time.monotonic()
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, stop=stop)
    assert time.monotonic() - began < 20.0
    assert (outcome.stored, outcome.missing) == (0, 3)


def test_a_stop_before_the_start_asks_nothing(tmp_path):
    stop = StopSignal()
    stop.request()
    transport = FakeTransport(kind)
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 5)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run, stop=stop).missing == 5
    assert transport.requests == []


def test_failed_votes_that_are_asked_again_are_not_done_yet(tmp_path):
    seen: list[Progress] = []
    script: dict[str, object] = {f"item-{i}": {"error": "bad_request"} if i < 4 else "rude" for i in range(10)}
    judges = [judge(tmp_path, "a", FakeTransport(script))]
    plan = plan_of(tmp_path, judges, 10)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run).outcomes["error"] == 4
        script.update({f"item-{i}": "kind" for i in range(4)})
        again = [judge(tmp_path, "a", FakeTransport(script))]
        carry_out(plan, again, run, retry_failed=True, on_progress=seen.append)
    assert (seen[0].done, seen[-1].done) == (6, 10)


def test_progress_counts_up_to_the_plan_and_is_throttled(tmp_path):
    seen: list[Progress] = []
    judges = [
        judge(
            tmp_path,
            "a",
            FakeTransport({"item-0": {"refuse": "no"}} | {f"item-{i}": "rude" for i in range(1, 400)}),
        )
    ]
    plan = plan_of(tmp_path, judges, 400)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run, on_progress=seen.append)
    assert (seen[0].done, seen[0].planned, seen[0].rate_per_s, seen[0].eta_s) == (0, 400, None, None)
    last = seen[-1]
    assert (last.done, last.load.under_way, dict(last.outcomes)) == (400, 0, {"ok": 399, "refusal": 1})
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert len(seen) < 100


def test_a_slow_judge_does_not_hold_up_a_fast_one(tmp_path):
    finished: dict[str, float] = {}
    began = time.monotonic()

    def note(name):
        def script(_request):
            finished[name] = time.monotonic() - began
            return "kind"

        return script

    judges = [
        judge(tmp_path, "slow", FakeTransport(note("slow"), delay_s=0.05), limits={"concurrency": 1}),
        judge(tmp_path, "fast", FakeTransport(note("fast")), limits={"concurrency": 1}),
    ]
    plan = plan_of(tmp_path, judges, 10)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
    assert finished["fast"] < finished["slow"] / 2


def test_a_reply_of_unknown_cost_is_not_free(tmp_path):
    script = {
        "item-0": WireReply(
            text='{"rationale": "r", "label": "A", "confidence": 1}',
            usage=Usage(input_tokens=1000, output_tokens=500),
        ),
    }
    price = {"input_usd_per_mtok": 100, "output_usd_per_mtok": 300}
    judges = [
        judge(tmp_path, "known", FakeTransport(script), price=price),
        judge(tmp_path, "unknown", FakeTransport(script), model="openai/no-such-model"),
    ]
    plan = plan_of(tmp_path, judges, 1)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
    assert {vote.judge: vote.cost_usd for vote in votes_in(run)} == {"known": pytest.approx(0.25), "unknown": None}


def test_a_request_refused_by_policy_costs_nothing(tmp_path):
    refused = FakeTransport(lambda _request: {"error": "content_policy", "status": 400})
    judges = [judge(tmp_path, "a", refused, price={"input_usd_per_mtok": 100, "output_usd_per_mtok": 300})]
    plan = plan_of(tmp_path, judges, 1)
    with open_run(tmp_path, plan) as run:
        assert carry_out(plan, judges, run).spend.unpriced == 0
        assert carry_out(plan, judges, run).spend.unpriced == 0
    assert [(vote.outcome, vote.cost_usd) for vote in votes_in(run)] == [("refusal", 0.0)]


def test_a_bug_names_the_question_it_happened_at(tmp_path):
    judges = [judge(tmp_path, "a", FakeTransport(lambda _request: ZeroDivisionError("bug")))]
    plan = plan_of(tmp_path, judges, 1)
    with open_run(tmp_path, plan) as run, pytest.raises(ZeroDivisionError) as caught:
        carry_out(plan, judges, run)
    assert caught.value.__notes__ == ["while judge a was asked about item item-0"]


def test_transport_errors_reach_the_vote_in_words(tmp_path):
    error = TransportError("bad_request", "field 'x' unknown", status=400)
    judges = [judge(tmp_path, "a", FakeTransport(lambda _request: error), elicit="logprobs")]
    plan = plan_of(tmp_path, judges, 1)
    with open_run(tmp_path, plan) as run:
        carry_out(plan, judges, run)
    (vote,) = votes_in(run)
    assert vote.error is not None
    assert (vote.error.kind, vote.error.status, vote.error.message) == ("bad_request", 400, "field 'x' unknown")
