"""The benchmark of faults: its checks on hand-made logs, and a small bad night."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import faults_checks as checks  # noqa: E402

EPOCH = 1_800_000_000.0
"""2027-01-15T08:00:00 UTC."""


def asked(at, item="item-0", kind="ok", conn=1, until=None, tokens=(0, 0), judge="j"):
    return {
        "at": EPOCH + at, "conn": conn, "item": item, "judge": judge, "first": "a", "repair": False, "kind": kind,
        "tokens_in": tokens[0], "tokens_out": tokens[1], "until": None if until is None else EPOCH + until,
    }  # fmt: skip


def stored(at, item="item-0", outcome="ok", label="a"):
    second = f"2027-01-15T08:00:{at:06.3f}+00:00"
    return {
        "vote_key": f"key of {item}", "item_id": item, "judge": "j", "label_order": ["a", "b"], "outcome": outcome,
        "label": label, "parse_rung": "json_schema", "at": second,
    }  # fmt: skip


def test_only_requests_after_the_vote_was_stored_buy_it_again():
    log = [asked(1.0), asked(3.0), asked(3.0, "item-1"), asked(3.0, "item-2")]
    journal = [stored(2.0), stored(2.0, "item-1", outcome="error"), stored(4.0, "item-2")]
    assert [line["item"] for line in checks.bought_again(log, journal)] == ["item-0"]


def test_an_answer_met_by_a_kill_is_told_from_one_asked_for_again_for_no_reason():
    log = [asked(1.0), asked(1.5, "item-1"), asked(1.6, "item-2", kind="500"), asked(3.0), asked(3.0, "item-2")]
    log += [asked(3.2, "item-3"), asked(3.4, "item-3")]
    # item-0 was answered before the kill at 2 and asked for after it; item-2 had only failed; item-3 needs no kill.
    assert checks.repeats(log, [EPOCH + 2.0, EPOCH + 9.0]) == ([1, 0], 1)


def send(let_go, ended, kind="ok", pid=1):
    return {"pid": pid, "judge": "j", "let_go": EPOCH + let_go, "ended": EPOCH + ended, "kind": kind}


def test_requests_let_go_before_a_retry_after_is_over_are_violations_once_the_429_had_come():
    log = [asked(10.0, kind="429", until=10.4), asked(10.05, kind="429", until=10.4), asked(10.41)]
    told = send(9.9, 10.1, "rate_limit")
    before = send(10.09, 10.3)  # let go before the 429 came, however late it arrives
    late = send(10.2, 10.3, "rate_limit")
    in_time = send(10.4, 10.5)
    another = send(10.2, 10.3, pid=2)  # started after a kill: nobody told it
    assert checks.retry_after_violations(log, [told, before, late, in_time, another]) == [late]


def test_a_429_counts_from_when_it_was_read():
    log = [asked(10.0, kind="429", until=10.4), asked(12.0, kind="429", until=12.5)]
    sends = [send(9.9, 10.39, "rate_limit"), send(10.3, 10.4), send(11.9, 12.6, "rate_limit"), send(12.2, 12.7)]
    assert checks.retry_after_violations(log, sends) == []


def test_votes_lost_and_different_go_by_key():
    wanted = checks.latest([stored(1.0), stored(1.0, "item-1"), stored(1.0, "item-2"), stored(1.0, "item-3")])
    got = checks.latest(
        [stored(1.0), stored(1.0, "item-1", label="b"), stored(1.0, "item-2", outcome="over_budget")]
    )
    assert checks.lost(wanted, got) == {"key of item-2", "key of item-3"}
    assert checks.different(wanted, got) == {"key of item-1"}
    assert checks.different(checks.latest([]), checks.latest([stored(1.0)])) == {"key of item-0"}


def test_billed_money_counts_lost_answers():
    log = [asked(1.0, tokens=(1000, 100)), asked(2.0, kind="truncated", tokens=(500, 0))]
    # (1500 · 2 + 100 · 10) / 10^6
    assert checks.billed_usd(log, 2.0, 10.0) == pytest.approx(0.004)


@pytest.mark.slow
def test_a_bad_night_loses_no_vote_buys_none_twice_and_keeps_to_the_budget(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(ROOT / "benchmarks/faults.py"), "--kills", "8", "--items", "12", "--seed", "1"]
    told = subprocess.run(
        [*command, "--json", str(figures)], check=True, timeout=600, stdout=subprocess.PIPE, text=True
    ).stdout
    read = json.loads(figures.read_text())
    assert read["votes_planned"] == 12 * 3 * 2
    assert read["kills"] >= 8
    zero = ("votes_lost", "votes_different", "bought_again", "budget_overrun_usd", "retry_after_violations")
    assert {name: read[name] for name in zero} == dict.fromkeys(zero, 0), told  # each breach stands there
    assert read["repeated_worst_kill"] <= read["concurrency"]
    assert read["stopped_on_budget"] >= 1
    assert read["met_429"] > 0
