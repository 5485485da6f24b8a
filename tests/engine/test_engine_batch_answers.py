"""What a batch service answers about batches, when it is not what it should be: nothing is bought twice for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batch_panel import JUDGES, VOTES, BatchRun, batch_judge

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

import batch_server as batch_server_module
from batch_server import BatchServer, batch_server

from panel_eval.engine.batch import money_out


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    monkeypatch.setenv("BATCH_TEST_KEY", "sk-thekeyofthebatchtests")
    with batch_server() as running:
        yield running


@pytest.fixture
def run(server: BatchServer, tmp_path: Path) -> BatchRun:
    return BatchRun(tmp_path / "run", server.url)


def test_a_batch_that_was_made_but_not_told_of_is_found_in_the_list(run, server):
    server.garble = 2
    submission = run.submit()
    assert (submission.votes, submission.troubles) == (VOTES, [])
    assert run.submit().votes == 0
    assert server.bought == Counter(run.plan.vote_keys)


def test_a_proxy_that_cannot_be_used_is_told_for_each_judge_and_frees_nothing(run, server, monkeypatch):
    run.submit()
    monkeypatch.setattr("panel_eval.judges.connections.urllib.request.getproxies", lambda: {"all": "socks5://p:1"})
    monkeypatch.setattr(
        run, "judges", [batch_judge(run.folder, "http://batches.invalid/v1", name) for name in JUDGES]
    )
    found = run.collect()
    assert (found.stored, len(found.troubles)) == (0, 6)
    assert "only HTTP proxies can be used" in found.troubles[0]
    assert {record.step for record in run.log()} == {"created"}


def test_a_batch_that_is_complete_but_names_no_file_yet_is_waited_for(run, server):
    run.submit()
    for batch in server.batches.values():
        for _ in range(server.looks):
            server.look(batch)
    named = {batch_id: batch.output for batch_id, batch in server.batches.items()}
    for batch in server.batches.values():
        batch.output = None
    found = run.collect()
    assert (found.stored, found.unanswered.total(), len(found.troubles)) == (0, 0, 6)
    assert "its answers are not there yet" in found.troubles[0]
    assert run.submit().votes == 0
    for batch_id, batch in server.batches.items():
        batch.output = named[batch_id]
    assert run.collect().stored == VOTES


def test_what_came_to_no_vote_stays_counted_against_the_budget(run, server, monkeypatch):
    """What cannot be read may be billed in full; an answer to a vote that is planned no more cost what it says."""
    monkeypatch.setitem(batch_server_module.FAILURES, "odd", {"status_code": 200, "body": {"choices": "none"}})
    odd, gone, *_ = run.plan.vote_keys
    server.fate = lambda key: "odd" if key == odd else "ok"
    run.submit()
    keep = np.array([key != gone for key in run.plan.vote_keys])
    task = run.plan.task(0)
    judge = next(each for each in run.judges if each.id == task.judge_id)
    bound = judge.worst_case(judge.request(task.question))
    columns = {name: getattr(run.plan, name)[keep] for name in ("keys", "judge", "item", "sample", "label_row")}
    run.plan = replace(run.plan, **columns)
    for _ in range(3):
        run.collect()
    usd, tokens = money_out(run.log())
    assert tokens == bound.input_tokens + bound.output_tokens + 7 + 3
    assert usd == pytest.approx((5 * (bound.input_tokens + 7) + 10 * (bound.output_tokens + 3)) / 1e6)
