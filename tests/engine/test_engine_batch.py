"""Votes bought in batches from a local server: each bought once, each stored once, read as live answers are."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_panel import VOTES, BatchRun

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

import batch_server as batch_server_module
from batch_server import FAILURES, BatchServer, answered, batch_server, chosen, failed

from panel_eval.engine.batch import BatchLog, money_out, read_batches, votes_out
from panel_eval.errors import IncompleteError, InputError
from panel_eval.schema import Budget

KEY = "sk-thekeyofthebatchtests"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    monkeypatch.setenv("BATCH_TEST_KEY", KEY)
    with batch_server() as running:
        yield running


@pytest.fixture
def run(server: BatchServer, tmp_path: Path) -> BatchRun:
    return BatchRun(tmp_path / "run", server.url)


def lines(run: BatchRun) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.path / "votes.jsonl").read_text().splitlines()]


def collect_all(run: BatchRun, looks: int = 3) -> Any:
    for _ in range(looks):
        found = run.collect()
    return found


def test_every_vote_is_bought_once_and_stored_once(run, server):
    submission = run.submit()
    assert (submission.votes, len(submission.sent), submission.troubles) == (VOTES, 6, [])
    assert server.bought == Counter(run.plan.vote_keys)
    collect_all(run)
    assert Counter(line["vote_key"] for line in lines(run)) == Counter(run.plan.vote_keys)
    assert not run.stored().unfinished
    assert {record.step for record in run.log()} == {"collected"}


def test_files_hold_one_model_and_no_more_lines_than_allowed(run, server):
    run.submit()
    sizes = Counter()
    for batch in server.batches.values():
        (model,) = {line["body"]["model"] for line in batch.lines}
        sizes[model, len(batch.lines)] += 1
    assert sizes == {("a", 5): 2, ("a", 2): 1, ("b", 5): 2, ("b", 2): 1}  # 12 votes a judge


def test_a_vote_is_what_the_model_said_for_its_own_question(run, server):
    """Oracle: the server's answer to each body, mapped through the label order of that body's vote."""
    run.submit()
    collect_all(run)
    said = {line["custom_id"]: chosen(line["body"]) for batch in server.batches.values() for line in batch.lines}
    for vote in lines(run):
        code = "ABC".index(said[vote["vote_key"]])
        assert vote["label"] == vote["label_order"][code]
        assert (vote["outcome"], vote["parse_rung"], vote["attempts"], vote["latency_s"]) == (
            "ok",
            "json_schema",
            1,
            None,
        )
        # 7 tokens in at 5 $ and 3 out at 10 $ a million, the price inside batches
        assert vote["cost_usd"] == pytest.approx((7 * 5 + 3 * 10) / 1e6)
        assert vote["batch"] in server.batches


def test_submitting_again_buys_nothing_while_votes_are_out_or_stored(run, server):
    run.submit()
    assert run.submit().votes == 0
    assert votes_out(run.path, run.plan, read_batches(run.path)).all()
    collect_all(run)
    assert run.submit().votes == 0
    assert not votes_out(run.path, run.plan, read_batches(run.path)).any()
    assert set(server.bought.values()) == {1}


def test_an_unfinished_batch_is_told_with_its_state(run, server):
    run.submit()
    found = run.collect()
    assert [status.state for _, status in found.waiting] == ["in_progress"] * 6
    assert (found.stored, found.collected) == (0, [])


def test_what_expired_or_failed_for_a_while_is_open_again(run, server):
    server.ending = "expired"
    run.submit()
    keys = sorted(run.plan.vote_keys)
    fates = dict(zip(keys, ["ok", "expired", "limited", "broken", "lost"] * 9, strict=False))
    server.fate = fates.__getitem__
    found = collect_all(run)
    assert {line["vote_key"] for line in lines(run)} == {key for key in keys if fates[key] == "ok"}
    assert found.unanswered.total() == sum(fates[key] != "ok" for key in keys)
    server.fate = lambda _key: "ok"
    again = run.submit()
    assert again.votes == sum(fates[key] != "ok" for key in keys)
    collect_all(run)
    assert Counter(line["vote_key"] for line in lines(run)) == Counter(keys)


def test_policy_length_and_bad_requests_are_outcomes_as_live(run, server):
    run.submit()
    keys = sorted(run.plan.vote_keys)
    fates = dict(zip(keys, ["policy", "too_long", "bad", "ok"] * 6, strict=True))
    server.fate = fates.__getitem__
    collect_all(run)
    expected = {"policy": "refusal", "too_long": "too_long", "bad": "error", "ok": "ok"}
    assert {vote["vote_key"]: vote["outcome"] for vote in lines(run)} == {
        key: expected[fate] for key, fate in fates.items()
    }
    assert not run.stored().unfinished
    bad = next(vote for vote in lines(run) if vote["outcome"] == "error")
    assert (bad["error"]["kind"], bad["error"]["status"], bad["cost_usd"]) == ("bad_request", 400, 0.0)


@pytest.mark.parametrize("fate", ["key", "schema"])
def test_a_refused_key_or_shape_is_told_and_stores_nothing(run, server, fate):
    run.submit()
    server.fate = lambda _key: fate
    found = collect_all(run)
    assert lines(run) == []
    ((words, count),) = found.unanswered.items()
    assert count == VOTES
    assert {"key": "Incorrect API key provided: [key]", "schema": "json_schema is not supported"}[fate] in words


def test_noise_in_the_results_is_counted_and_changes_nothing(run, server, tmp_path):
    quiet = BatchRun(tmp_path / "quiet", server.url)
    quiet.submit()
    collect_all(quiet)
    server.noise = True
    run.submit()
    found = collect_all(run)
    # each of six output files repeats one answer and holds three unreadable lines and one without an id that is a
    # string, two ids nobody asked for, and a line of 20 MB
    assert found.oddities == {"repeated": 6, "unreadable": 24, "not asked for": 12, "too long": 6}
    kept = ("vote_key", "label", "outcome", "usage", "cost_usd")
    assert sorted([vote[name] for name in kept[:3]] for vote in lines(run)) == sorted(
        [vote[name] for name in kept[:3]] for vote in lines(quiet)
    )


@pytest.mark.parametrize(
    ("damage", "stored"),
    [(lambda data: b"<html>down for maintenance</html>", 0), (lambda data: b"", 0),
     (lambda data: data[: data.index(b"\n") + 9], 6)],
    ids=["a page of a proxy", "nothing", "cut off in a line"],
)  # fmt: skip
def test_results_that_come_damaged_free_no_vote_and_are_fetched_again(run, server, monkeypatch, damage, stored):
    run.submit()
    whole = server.files
    for _ in range(2):
        run.collect()
    for batch in server.batches.values():
        server.look(batch)
    server.files = {name: damage(data) for name, data in whole.items()}
    found = run.collect()
    assert (found.stored, len(lines(run)), len(found.troubles)) == (stored, stored, 6)
    record = run.log()[0]
    assert f"its results came damaged: they name {stored // 6} of 5 requests" in found.troubles[0]
    assert f"--forget {record.batch_id}" in found.troubles[0]
    assert run.submit().votes == 0  # they are bought, and stay so
    server.files = whole
    assert (run.collect().stored, len(lines(run))) == (VOTES - stored, VOTES)
    assert server.bought == Counter(run.plan.vote_keys)


def test_a_batch_that_was_given_up_still_counts_against_the_budget(run, server):
    run.submit()
    one, *others = run.log()
    with BatchLog(run.path) as log:
        log.note(one.tag, "dropped", why="given up on request")
    usd, tokens = money_out(run.log())
    assert usd == pytest.approx(sum(record.usd for record in (one, *others)))
    assert tokens == sum(record.tokens for record in (one, *others))
    server.refuse = [400]
    run.submit()  # what was never made costs nothing
    assert money_out(run.log()) == (pytest.approx(usd), tokens)


def test_a_failed_batch_frees_its_votes_and_says_why(run, server):
    server.ending = "failed"
    run.submit()
    found = collect_all(run)
    assert found.unanswered.total() == VOTES
    assert all("ended as failed: the file cannot be read" in words for words in found.unanswered)
    assert not votes_out(run.path, run.plan, read_batches(run.path)).any()


def test_another_key_is_refused_by_name_before_the_provider_is_asked(run, server, monkeypatch):
    run.submit()
    asked = server.counts.copy()
    monkeypatch.setenv("BATCH_TEST_KEY", "sk-quiteanotherkeyforbatches")
    found = run.collect()
    assert server.counts == asked
    assert len(found.troubles) == 6
    record = run.log()[0]
    assert f"fingerprint {record.fingerprint}" in found.troubles[0]
    assert found.troubles[0].count(f"{server.url}, BATCH_TEST_KEY") == 2
    assert "--other-key" in found.troubles[0]
    monkeypatch.setenv("BATCH_TEST_KEY", KEY)
    collect_all(run)
    assert not run.stored().unfinished


def test_another_key_of_the_same_account_collects_if_told_so(run, server, monkeypatch):
    run.submit()
    monkeypatch.setenv("BATCH_TEST_KEY", "sk-quiteanotherkeyforbatches")
    for batch in server.batches.values():
        batch.key = "sk-quiteanotherkeyforbatches"
    for _ in range(3):
        run.collect(any_key=True)
    assert not run.stored().unfinished


def test_no_file_of_the_run_holds_the_key(run, server):
    run.submit()
    run.collect()
    for path in run.path.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


def test_a_key_that_comes_back_in_the_results_is_stored_nowhere(tmp_path, server, monkeypatch):
    monkeypatch.setenv("BATCH_TEST_LOGIN", "no.shape.at.all")
    run = BatchRun(tmp_path / "run", server.url, api_key_env="BATCH_TEST_LOGIN")
    run.submit()
    server.fate = lambda _key: "echo"
    monkeypatch.setitem(FAILURES, "echo", failed(400, "odd login no.shape.at.all"))
    found = collect_all(run)
    assert "no.shape" not in str(found)
    assert {vote["error"]["message"] for vote in lines(run)} == {"odd login [key]"}


def test_the_budget_covers_the_worst_case_in_plan_order(run, server):
    worst = []
    for task in run.plan.tasks:
        judge = next(each for each in run.judges if each.id == task.judge_id)
        bound = judge.worst_case(judge.request(task.question))
        worst.append((5.0 * bound.input_tokens + 10.0 * bound.output_tokens) / 1e6)
    submission = run.submit(budget=Budget(usd=sum(worst[:9]) + worst[9] / 2))
    assert (submission.votes, submission.over_budget) == (9, VOTES - 9)
    assert server.bought == Counter(task.vote_key for task in list(run.plan.tasks)[:9])
    assert sum(record.usd for record in run.log()) == pytest.approx(sum(worst[:9]))


def test_an_answer_that_tells_no_tokens_counts_with_its_worst_case_at_the_price_inside_batches(
    run, server, monkeypatch
):
    def unmetered(body: dict[str, Any]) -> dict[str, Any]:
        return {**answered(body), "usage": None}

    monkeypatch.setattr(batch_server_module, "answered", unmetered)
    run.submit()
    reserved, _ = money_out(run.log())
    collect_all(run)
    assert len(lines(run)) == VOTES
    judge, task = run.judges[0], run.plan.task(0)
    bound = judge.worst_case(judge.request(task.question))
    vote = next(each for each in lines(run) if each["vote_key"] == task.vote_key)
    assert (vote["outcome"], vote["cost_usd"]) == ("ok", 0.0)
    assert vote["cost_uncertain_usd"] == pytest.approx((5 * bound.input_tokens + 10 * bound.output_tokens) / 1e6)
    assert vote["usage"]["uncertain_tokens"] == bound.input_tokens + bound.output_tokens
    assert run.stored().spent.uncertain_usd == pytest.approx(reserved)


def test_a_refused_batch_is_told_and_its_votes_stay_open(run, server):
    server.refuse = [429, 400]
    submission = run.submit()
    assert len(submission.troubles) == 2  # one batch of each judge; its further ones are not tried
    assert all("were not submitted" in words for words in submission.troubles)
    assert (submission.votes, server.bought.total()) == (0, 0)
    assert run.submit().votes == VOTES
    assert set(server.bought.values()) == {1}


def test_a_connection_lost_after_the_batch_was_made_buys_nothing_twice(run, server):
    server.lose = 2
    submission = run.submit()
    assert (submission.votes, submission.troubles) == (VOTES, [])
    assert server.bought == Counter(run.plan.vote_keys)


def test_an_answer_of_500_leaves_the_question_to_the_list(run, server):
    server.refuse = [500]
    submission = run.submit()
    assert (submission.votes, len(submission.troubles)) == (VOTES // 2, 1)
    assert run.submit().votes == VOTES // 2
    assert set(server.bought.values()) == {1}


def test_a_changed_keys_file_is_refused(run, server):
    run.submit()
    path = next((run.path / "batches").glob("*.keys"))
    path.write_bytes(path.read_bytes()[:-32])
    with pytest.raises(InputError, match="was changed"):
        run.submit()


def test_answers_to_votes_that_are_no_longer_planned_are_counted(run, server):
    run.submit()
    keep = run.plan.item != run.plan.item[0]
    columns = {name: getattr(run.plan, name)[keep] for name in ("keys", "judge", "item", "sample", "label_row")}
    run.plan = replace(run.plan, **columns)
    found = collect_all(run)
    assert found.unplanned == 4  # two judges, two samples
    assert len(lines(run)) == VOTES - 4
    kept = b"".join(path.read_bytes() for path in (run.path / "batches").iterdir())
    stored = {vote["vote_key"] for vote in lines(run)}
    lost = set(server.bought) - stored
    assert len(lost) == 4
    assert all(key.encode() in kept for key in lost)  # paid for: the answers stay on the disk as they came


def test_a_request_that_something_repeated_leaves_one_batch(run, server):
    """A proxy sends the creation twice and the connection breaks: the first batch is kept, the other cancelled."""
    server.twins = 1
    submission = run.submit()
    assert (submission.votes, submission.troubles) == (VOTES, [])
    assert [batch.state for batch in server.batches.values()].count("cancelling") == 1
    collect_all(run)
    assert Counter(line["vote_key"] for line in lines(run)) == Counter(run.plan.vote_keys)


@pytest.mark.parametrize("torn", [b"{", b'{"step": "created", "tag": "x", "batch_id": "b"}'])
def test_a_torn_last_line_is_cut_away(run, server, torn):
    run.submit()
    path = run.path / "batches.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert len(read_batches(run.path)) == 6
    run.submit()
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line", [b"{}", b"[1]", b"\xff", b'{"step": "created", "tag": "nobody"}', b'{"step": "odd", "tag": "x"}',
             b'{"step": "intended", "tag": 7}', b'{"step": "intended", "tag": "x", "surprise": 1}'],
)  # fmt: skip
def test_a_damaged_line_is_named_and_nothing_is_sent(run, server, line):
    run.submit()
    path = run.path / "batches.jsonl"
    path.write_bytes(line + b"\n" + path.read_bytes())
    asked = server.counts.copy()
    with pytest.raises(InputError, match=r"batches\.jsonl:1: is no step of a batch"):
        run.submit()
    assert server.counts == asked


def test_a_new_batch_is_given_time_to_appear_in_the_list(run, server):
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    server.lose = 1
    run.submit(listing_s=20.0, sleep=sleep)
    (seconds,) = slept
    assert 15.0 < seconds <= 20.0  # twenty, less what has passed since the upload was written down


def test_a_full_disk_ends_it_before_anything_is_sent(run, server, monkeypatch):
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "batches.jsonl":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(IncompleteError, match="No space left on device"):
        run.submit()
    assert server.counts["upload"] == 0
    monkeypatch.undo()
    monkeypatch.setenv("BATCH_TEST_KEY", KEY)
    assert run.submit().votes == VOTES
    assert set(server.bought.values()) == {1}
