"""What votes cost, by hand: four items of three classes, two judges, every kind of price."""

from __future__ import annotations

import time

import numpy as np
import pytest

from panel_eval.evaluation import evaluate
from panel_eval.pooling import collect_votes
from panel_eval.pooling.spending import tally_spending
from panel_eval.pooling.vote_table import VoteTable
from panel_eval.schema import OUTCOMES, Usage, Vote
from panel_eval.schema.economics_metrics import Account

LABELS = ("mild", "moderate", "severe")
COUNTS = [[4, 0, 0], [4, 0, 0], [3, 1, 0], [2, 2, 0]]  # agreement, agreement, minor (3/4), unresolved (a tie)


def _vote(item: int, judge: str, **fields) -> Vote:
    fields.setdefault("outcome", "ok")
    if fields["outcome"] == "ok":
        fields["label"] = "mild"
    return Vote(item_id=f"item-{item:04d}", judge=judge, **fields)


def _used(read: int, written: int, **parts: int) -> Usage:
    return Usage(input_tokens=read, output_tokens=written, **parts)


VOTES = [
    _vote(0, "a", cost_usd=0.5, usage=_used(100, 10, cached_tokens=60), latency_s=1.0, vote_key="k0"),
    _vote(1, "a", cost_usd=0.25, usage=_used(200, 20, reasoning_tokens=15), latency_s=2.0, vote_key="k1"),
    # asked twice: the first time it timed out, and nobody knows whether it was billed
    _vote(2, "a", outcome="error", cost_usd=0.0, cost_uncertain_usd=0.75, usage=Usage(uncertain_tokens=900),
          vote_key="k2", attempts=3),
    _vote(2, "a", outcome="refusal", cost_usd=0.125, usage=_used(300, 5, cache_write_tokens=128), vote_key="k2"),
    _vote(3, "a", outcome="over_budget", attempts=0),
    _vote(0, "b", usage=_used(90, 9)),  # no known price
    _vote(1, "b", cost_usd=1.0, usage=_used(80, 8), reused_from="last-week"),
    _vote(2, "b", outcome="error", attempts=0),  # never sent: its judge had been stopped
]  # fmt: skip


@pytest.fixture(scope="module")
def economics(make_humans):
    return evaluate(VOTES, make_humans(COUNTS, LABELS), resamples=10).metrics.economics


def test_the_whole(economics):
    assert (economics.votes, economics.votes_usable) == (7, 4)
    assert (economics.votes_asked_again, economics.votes_reused, economics.votes_paid) == (1, 1, 5)
    assert (economics.cost_usd, economics.cost_known_usd) == (None, 0.5 + 0.25 + 0.0 + 0.125)
    assert economics.cost_uncertain_usd == 0.75
    assert economics.votes_unpriced == 1
    assert (economics.input_tokens, economics.output_tokens) == (100 + 200 + 0 + 300 + 90, 10 + 20 + 0 + 5 + 9)
    assert (economics.cached_tokens, economics.cache_write_tokens, economics.reasoning_tokens) == (60, 128, 15)
    assert economics.uncertain_tokens == 900
    assert economics.cost_per_vote_usd == 0.875 / 4
    assert economics.input_tokens_per_vote == 690 / 5
    assert economics.latency_mean_s == 1.5


def test_by_judge(economics):
    a, b = economics.by_judge["a"], economics.by_judge["b"]
    assert (a.votes_paid, a.cost_usd, a.cost_uncertain_usd) == (4, 0.875, 0.75)
    assert b == Account(
        votes_paid=1, cost_usd=None, cost_known_usd=None, cost_uncertain_usd=0.0, votes_unpriced=1, input_tokens=90,
        output_tokens=9, cached_tokens=0, cache_write_tokens=0, reasoning_tokens=0, uncertain_tokens=0,
        input_tokens_per_vote=90.0, output_tokens_per_vote=9.0,
    )  # fmt: skip


def test_by_class_and_outcome(economics):
    assert {name: own.cost_known_usd for name, own in economics.by_class.items()} == {
        "agreement": 0.75,
        "minor": 0.125,
        "unresolved": 0.0,
    }
    outcomes = {name: (own.votes_paid, own.cost_known_usd) for name, own in economics.by_outcome.items()}
    assert outcomes == {"ok": (3, 0.75), "refusal": (1, 0.125), "error": (1, 0.0), "over_budget": (0, 0.0)}


def test_reused_votes_stand_apart(economics, make_humans):
    assert (economics.reused.cost_usd, economics.reused.input_tokens) == (1.0, 80)
    assert evaluate(VOTES[:2], make_humans(COUNTS, LABELS), resamples=10).metrics.economics.reused is None


def test_requests_at_an_unknown_price_make_the_rest_uncertain(make_humans):
    votes = [_vote(0, "a", outcome="error", cost_uncertain_usd=None, usage=Usage(uncertain_tokens=5))]
    account = evaluate(votes, make_humans(COUNTS, LABELS), resamples=10).metrics.economics
    assert (account.cost_known_usd, account.cost_uncertain_usd, account.votes_unpriced) == (None, None, 1)


def test_a_run_of_recorded_votes_cost_nothing(make_humans):
    votes = [_vote(item, "a", cost_usd=0.0, attempts=0) for item in range(4)]
    account = evaluate(votes, make_humans(COUNTS, LABELS), resamples=10).metrics.economics
    assert (account.votes_paid, account.cost_usd, account.input_tokens) == (0, 0.0, None)


def test_the_order_of_votes_changes_no_digit(make_humans):
    humans = make_humans([[4, 0, 0]] * 200, LABELS)
    rng = np.random.default_rng(1)
    votes = [_vote(item, "a", cost_usd=float(cost)) for item, cost in enumerate(rng.lognormal(-8, 3, 200))]
    wanted = collect_votes(votes, humans).spending
    for _ in range(5):
        assert collect_votes([votes[row] for row in rng.permutation(200)], humans).spending == wanted


def test_a_million_votes_are_tallied_in_a_second():
    some = [
        _vote(item % 4, "a", sample=item, cost_usd=1e-4 * item, usage=_used(item, 9), latency_s=0.5)
        for item in range(1000)
    ]
    columns = VoteTable.of(some).columns.take(np.arange(1_000_000) % 1000)
    began = time.perf_counter()
    table = tally_spending(columns, columns.judge, ("a",), columns.item % 4, ("w", "x", "y", "z"))
    assert time.perf_counter() - began < 2.0  # 0.5 s on two slow cores
    assert table.total.known_usd == pytest.approx(1000 * 1e-4 * 999 * 500)
    assert table.total.tokens[:2] == (1000 * 999 * 500, 9_000_000)
    assert len(table.cells) == 4
    assert list(table.by_outcome()) == [OUTCOMES[0]]
