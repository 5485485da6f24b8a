"""What a journal holds of a plan: outcomes by key, what reopens, what was spent; bad lines are named."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_of_keys import plan_of_keys

from panel_eval.engine import StoredVotes, journal_lines, read_stored
from panel_eval.engine.journal_lines import Spent
from panel_eval.errors import InputError
from panel_eval.schema import Vote


def key(number: int) -> str:
    return f"{number:064x}"


def record(number: int, outcome: str = "ok", **fields: Any) -> dict[str, Any]:
    answer = {"label": "kind"} if outcome == "ok" else {"outcome": outcome}
    return {"vote_key": key(number), "item_id": "i", "judge": "j0", **answer, **fields}


def journal(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


def test_the_last_line_of_a_key_counts(tmp_path):
    path = journal(tmp_path / "v", [record(1, "error"), record(2), record(1), record(2, "refusal")])
    stored = read_stored(path, plan_of_keys([key(1), key(2), key(3)]))
    assert stored.outcomes() == {"ok": 1, "refusal": 1}
    assert (len(stored), stored.strangers, stored.unfinished) == (2, 0, True)
    assert stored.open_positions().tolist() == [2]


def test_a_missing_or_empty_journal_holds_nothing(tmp_path):
    plan = plan_of_keys([key(1)])
    (tmp_path / "empty").touch()
    for name in ("none", "empty"):
        stored = read_stored(tmp_path / name, plan)
        assert (len(stored), stored.outcomes(), stored.spent) == (0, {}, Spent())


def test_votes_that_their_judge_or_the_money_was_gone_for_are_open_again(tmp_path):
    path = journal(
        tmp_path / "v",
        [
            record(1, "error", metadata={"judge_stopped": True}),
            record(2, "error"),
            record(3, "over_budget"),
            record(4, "refusal"),
            record(5, "error", metadata={"judge_stopped": True}),
            record(5),
            record(6, metadata={"judge_stopped": "no"}),
        ],
    )
    stored = read_stored(path, plan_of_keys([key(number) for number in range(1, 8)]))
    assert stored.open_positions().tolist() == [0, 2, 6]
    assert stored.open_positions(retry_failed=True).tolist() == [0, 1, 2, 6]
    assert stored.unfinished


def test_lines_of_other_keys_are_strangers_whose_cost_counts(tmp_path):
    path = journal(tmp_path / "v", [record(1, cost_usd=0.5), record(9, cost_usd=0.25)])
    stored = read_stored(path, plan_of_keys([key(1)]))
    assert (len(stored), stored.strangers, stored.spent.usd) == (1, 1, 0.75)


def test_every_line_that_was_paid_here_is_spent_money(tmp_path):
    """By hand: 0.1 + 0.2 + 0.3 known, 0.05 uncertain; 10+2 + 3 + 0 tokens, 7 uncertain. Two lines have tokens
    and no cost. Line 4 was paid for by another run."""
    path = journal(
        tmp_path / "v",
        [
            record(1, "error", cost_usd=0.1, usage={"input_tokens": 10, "output_tokens": 2, "cached_tokens": 8}),
            record(1, cost_usd=0.2, cost_uncertain_usd=0.05, usage={"output_tokens": 3, "uncertain_tokens": 7}),
            record(2, cost_usd=None, usage={}),
            record(3, cost_usd=9.0, usage={"input_tokens": 1000}, reused_from="20260301T120000Z-p-0123abcd"),
            record(4, cost_usd=None, cost_uncertain_usd=None, usage={"input_tokens": 0}),
            record(5, cost_usd=0.3, usage=None),
        ],
    )
    spent = read_stored(path, plan_of_keys([key(1)])).spent
    assert spent == Spent(
        usd=math.fsum([0.1, 0.2, 0.3]), uncertain_usd=0.05, tokens=15, uncertain_tokens=7, unpriced=2
    )


@pytest.mark.parametrize(
    "bad",
    [
        b"{broken", b"[1, 2]", b"7", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000,
        b'{"item_id": "no key"}', b'{"vote_key": 7}', b'{"vote_key": null}', b'{"vote_key": "abc"}',
        *(
            json.dumps(record(1) | fields).encode()
            for fields in (
                {"vote_key": "A" * 64}, {"vote_key": " " * 64}, {"vote_key": "ab " + "0" * 61},
                {"outcome": "fine"}, {"outcome": None}, {"outcome": ["ok"]},
                {"cost_usd": -1}, {"cost_usd": "0"}, {"cost_usd": True}, {"cost_usd": [0.1]},
                {"cost_uncertain_usd": -0.5}, {"cost_uncertain_usd": "much"},
                {"usage": 3}, {"usage": {"input_tokens": -1}}, {"usage": {"output_tokens": 1.5}},
                {"usage": {"uncertain_tokens": None}}, {"metadata": [1]}, {"metadata": "x"},
            )
        ),
        json.dumps(record(1)).encode().replace(b'"j0"', b'"j0", "cost_usd": 1e999'),
        json.dumps(record(1)).encode().replace(b'"j0"', b'"j0", "cost_usd": NaN'),
    ],
)  # fmt: skip
def test_lines_that_are_no_stored_votes_are_all_named(tmp_path, bad):
    path = tmp_path / "votes.jsonl"
    good = json.dumps(record(1)).encode()
    path.write_bytes(b"\n".join([good, bad, good, b"", b"  ", bad, good, b""]))
    with pytest.raises(InputError) as caught:
        read_stored(path, plan_of_keys([key(1)]))
    assert [problem.line for problem in caught.value.problems] == [2, 6]
    assert "delete that line" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("tail", [b'{"vote_key":"00', b"\0" * 50, b"\xff", b"{}", b'{"vote_key": "7"}'])
def test_a_torn_last_line_is_left_out(tmp_path, tail):
    path = journal(tmp_path / "v", [record(1)])
    path.write_bytes(path.read_bytes() + tail)
    assert len(read_stored(path, plan_of_keys([key(1), key(2)]))) == 1
    path.write_bytes(path.read_bytes().removesuffix(tail) + json.dumps(record(2)).encode())
    assert len(read_stored(path, plan_of_keys([key(1), key(2)]))) == 2  # it lacks nothing but its newline


records = st.builds(
    record,
    st.integers(0, 8),
    st.sampled_from(["ok", "error", "over_budget", "refusal"]),
    cost_usd=st.none() | st.sampled_from([0.0, 0.1, 1e-9]),
    metadata=st.sampled_from([{}, {"judge_stopped": True}, {"note": 1}]),
    pad=st.sampled_from(["", "x" * 300]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(lines=st.lists(records, max_size=30), block=st.sampled_from([64, 500, 8 << 20]))
def test_blocks_of_any_size_say_what_a_plain_loop_says(tmp_path, lines, block):
    path, plan = journal(tmp_path / "v", lines), plan_of_keys([key(number) for number in range(6)])
    latest = {line["vote_key"]: line for line in lines if line["vote_key"] in plan}
    expected = Counter(line.get("outcome", "ok") for line in latest.values())
    reopened = {
        line["vote_key"]
        for line in latest.values()
        if line.get("outcome") == "over_budget" or line["metadata"].get("judge_stopped")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_lines, "_BLOCK_BYTES", block)
        stored = read_stored(path, plan)
    assert Counter(stored.outcomes()) == expected
    is_open = [at for at, each in enumerate(plan.vote_keys) if each not in latest or each in reopened]
    assert stored.open_positions().tolist() == is_open
    assert stored.spent.usd == pytest.approx(math.fsum(line["cost_usd"] or 0 for line in lines), abs=1e-15)


def test_votes_noted_one_by_one_are_the_votes_read_back(tmp_path):
    lines = [
        record(1, "error", metadata={"judge_stopped": True}), record(2), record(1), record(3, "over_budget"),
        record(7),
    ]  # fmt: skip
    plan = plan_of_keys([key(1), key(2), key(3), key(4)])
    noted = StoredVotes.none_of(plan)
    votes = [Vote.model_validate(line) for line in lines]
    assert [noted.note(vote) for vote in votes] == [None, None, "error", None, None]
    read = read_stored(journal(tmp_path / "v", lines), plan)
    assert noted.outcome.tolist() == read.outcome.tolist()
    assert noted.reopens.tolist() == read.reopens.tolist()
    assert [noted.says(vote) for vote in votes] == [False, True, True, True, False]


@pytest.mark.slow
def test_a_long_journal_is_read_quickly(tmp_path):
    """A million votes are to resume in under 15 s, plan included; so 100,000 lines in 1 s of processor time."""
    line = json.dumps(record(0, rationale="x" * 250, raw="y" * 250, usage={"input_tokens": 3}, cost_usd=1e-4))
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(line.replace(key(0), key(number)) + "\n" for number in range(100_000)))
    plan = plan_of_keys([key(number) for number in range(100_000)])
    began = time.process_time()
    stored = read_stored(path, plan)
    assert time.process_time() - began < 1.0
    assert len(stored) == 100_000
    assert stored.spent.usd == pytest.approx(10.0)
