"""Votes of earlier runs: which are taken over, from which run, and that nobody is paid twice."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from engine_panel import carry_out, judge, open_run, plan_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_of_keys import plan_of_keys

from panel_eval.engine import Journal, StoredVotes, read_stored, read_votes
from panel_eval.engine.reuse import reusable_votes
from panel_eval.errors import InputError
from panel_eval.judges.fake import FakeTransport
from panel_eval.schema import OUTCOMES

RESULTS = ("ok", "abstain", "refusal", "truncated", "unparseable", "too_long")


def key(number: int) -> str:
    return f"{number:064x}"


def record(number: int, outcome: str = "ok", label: str = "kind", **fields: Any) -> dict[str, Any]:
    answer = {"label": label} if outcome == "ok" else {"outcome": outcome}
    return {"vote_key": key(number), "item_id": "i", "judge": "j0", "sample": number, **answer, **fields}


def run_of(folder: Path, name: str, *records: dict[str, Any]) -> Path:
    """A run directory that was killed in the middle of a line."""
    run = folder / name
    run.mkdir(exist_ok=True)
    (run / "run.json").write_text('{"state": "running"}')
    (run / "votes.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records) + '{"vote_key": "00')
    return run


def nothing_of(count: int) -> StoredVotes:
    return StoredVotes.none_of(plan_of_keys([key(number) for number in range(count)]))


def test_all_results_are_taken_over_and_failures_are_not(tmp_path):
    """Refusals and the like are what the judge said: dropping them would bias the sample."""
    run = run_of(tmp_path, "r", *(record(number, outcome) for number, outcome in enumerate(OUTCOMES)))
    found = reusable_votes([run], nothing_of(len(OUTCOMES)))
    assert {vote.outcome for vote in found.votes()} == set(RESULTS)
    assert len(found) == 6
    assert found.by_run() == {"r": 6}


def test_a_copied_vote_says_who_paid_and_goes_by_the_name_of_the_judge_here(tmp_path):
    paid = record(0, cost_usd=0.5, usage={"input_tokens": 7}, judge="another-name")
    first = run_of(tmp_path, "first", paid, record(1, reused_from="grandmother", cost_usd=0.5))
    one, two = reusable_votes([first], nothing_of(2)).votes()
    assert (one.judge, one.reused_from, one.cost_usd, one.label) == ("j0", "first", 0.5, "kind")
    assert two.reused_from == "grandmother"
    journal = Journal(tmp_path / "votes.jsonl")
    journal.append_many([one, two])
    journal.close()
    stored = read_stored(journal.path, nothing_of(2).plan)
    assert (len(stored), stored.spent.usd, stored.spent.tokens) == (2, 0.0, 0)


def test_the_last_line_of_a_run_counts_and_the_first_named_run_wins(tmp_path):
    first = run_of(tmp_path, "a", record(0, "error"), record(0, label="kind"), record(1), record(1, "error"))
    second = run_of(tmp_path, "b", record(0, label="rude"), record(1, label="rude"), record(2), record(9))
    found = reusable_votes([first, second], nothing_of(4))
    votes = {vote.sample: (vote.label, vote.reused_from) for vote in found.votes()}
    assert votes == {0: ("kind", "a"), 1: ("rude", "b"), 2: ("kind", "b")}
    assert found.conflicts == 1
    assert found.by_run() == {"a": 1, "b": 2}


def test_equal_answers_are_no_conflict(tmp_path):
    same = {"label": None, "outcome": "ok"}
    first = run_of(tmp_path, "a", record(0) | same | {"distribution": {"kind": 1, "rude": 0}}, record(1, raw="x"))
    second = run_of(
        tmp_path, "b", record(0) | same | {"distribution": {"rude": 0.0, "kind": 1.0}}, record(1, raw="y")
    )
    assert reusable_votes([first, second], nothing_of(2)).conflicts == 0


def test_only_open_votes_are_looked_for(tmp_path):
    run = run_of(tmp_path, "a", *(record(number) for number in range(4)))
    stored = nothing_of(4)
    path = tmp_path / "here.jsonl"
    path.write_text(
        json.dumps(record(0, label="rude")) + "\n" + json.dumps(record(1, "error")) + "\n"
        + json.dumps(record(2, "over_budget")) + "\n"
    )  # fmt: skip
    stored = read_stored(path, stored.plan)
    assert sorted(vote.sample for vote in reusable_votes([run], stored).votes()) == [2, 3]
    assert sorted(vote.sample for vote in reusable_votes([run], stored, retry_failed=True).votes()) == [1, 2, 3]


def test_a_plain_vote_file_serves_too(tmp_path):
    run = run_of(tmp_path, "a", record(0))
    inside = run / "votes.jsonl"
    moved = tmp_path / "elsewhere.jsonl"
    moved.write_bytes(inside.read_bytes())
    (one,) = reusable_votes([inside], nothing_of(1)).votes()
    (two,) = reusable_votes([moved], nothing_of(1)).votes()
    assert (one.reused_from, two.reused_from) == ("a", "elsewhere.jsonl")


def test_what_holds_no_votes_is_named(tmp_path):
    for bad in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="holds no votes to reuse"):
            reusable_votes([bad], nothing_of(1))
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(record(0)) + "\n{nonsense\n" + json.dumps(record(1)) + "\n")
    with pytest.raises(InputError, match=r"broken\.jsonl:2: is not a stored vote"):
        reusable_votes([broken], nothing_of(1))


@pytest.mark.parametrize("fields", [{"label": ["kind"]}, {"distribution": 3}, {"raw": 7}, {"stranger": 1}])
def test_a_line_that_breaks_the_vote_contract_is_not_copied(tmp_path, fields):
    path = tmp_path / "v.jsonl"
    path.write_text(json.dumps(record(0)) + "\n" + json.dumps(record(1) | fields) + "\n")
    found = reusable_votes([path], nothing_of(2))
    with pytest.raises(InputError, match=r"v\.jsonl:2: "):
        list(found.votes())


records = st.builds(record, st.integers(0, 5), st.sampled_from(["ok", "error", "refusal"]), st.sampled_from("ab"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.lists(records, max_size=12), max_size=4))
def test_runs_say_what_dicts_say(tmp_path, histories):
    """The oracle: for each run the last line by key; then the first run with a result for the key."""
    runs = [run_of(tmp_path, f"r{number}", *lines) for number, lines in enumerate(histories)]
    expected: dict[int, tuple[str, str]] = {}
    conflicts = set()
    for number, lines in enumerate(histories):
        last = {line["sample"]: line for line in lines}
        for sample, line in last.items():
            answer = (line.get("outcome", "ok"), line.get("label"))
            if sample > 3 or answer[0] == "error":
                continue
            if sample not in expected:
                expected[sample] = (f"r{number}", answer)
            elif expected[sample][1] != answer:
                conflicts.add(sample)
    found = reusable_votes(runs, nothing_of(4))
    votes = {vote.sample: (vote.reused_from, (vote.outcome, vote.label)) for vote in found.votes()}
    assert votes == expected
    assert found.conflicts == len(conflicts)


def test_reused_votes_are_stored_and_nothing_is_asked(tmp_path):
    transport = FakeTransport(lambda _request: "kind")
    judges = [judge(tmp_path, "a", transport, samples=2)]
    plan = plan_of(tmp_path, judges, 5)
    with open_run(tmp_path, plan) as first:
        carry_out(plan, judges, first)
    longer = plan_of(tmp_path, judges, 7)
    with open_run(tmp_path, longer) as second:
        found = reusable_votes([first.path], StoredVotes.none_of(longer))
        second.journal.append_many(found.votes())
        outcome = carry_out(longer, judges, second)
    assert (outcome.state, outcome.stored) == ("sealed", 14)
    assert len(transport.requests) == 10 + 4  # two new items, two samples
    copied = [vote for vote in read_votes(second.path / "votes.jsonl") if vote.reused_from]
    assert [vote.reused_from for vote in copied] == [first.name] * 10


@pytest.mark.slow
def test_many_votes_are_found_quickly_and_without_holding_their_lines(tmp_path):
    """A million in 15 s would be a hundred thousand in 1.5 s."""
    count = 100_000
    line = json.dumps(record(0, rationale="x" * 300, raw="y" * 300))
    path = tmp_path / "v.jsonl"
    path.write_text("".join(line.replace(key(0), key(number)) + "\n" for number in range(count)))
    stored = StoredVotes.none_of(plan_of_keys([key(2 * number) for number in range(count)]))
    began = time.process_time()
    found = reusable_votes([path], stored)
    assert time.process_time() - began < 1.5
    assert len(found) == count // 2
