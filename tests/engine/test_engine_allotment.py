"""A budget that does not suffice is shared out: every judge gets to the same part of its votes, fast or slow."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field

import pytest
from engine_panel import RUBRIC, SHIPPED_PROMPT, Hours, carry_out, open_run, plan_of

from panel_eval import schema
from panel_eval.engine.allotment import Allotment, Share
from panel_eval.engine.ledger import Ledger, VoteBill
from panel_eval.judges.judge import Judge, Route
from panel_eval.judges.prompt import load_prompt
from panel_eval.judges.question import Question
from panel_eval.judges.wire import TransportError, WireReply, WireRequest
from panel_eval.schema import Budget, Usage

TOKENS = Usage(input_tokens=90, output_tokens=10)
PRICE = {"input_usd_per_mtok": 10.0, "output_usd_per_mtok": 10.0}  # .001 USD a vote


@dataclass
class Provider:
    """Answers after a while; the first `outage` requests fail at no cost."""

    after_s: float
    outage: int = 0
    usage: Usage = TOKENS
    asked: Counter[str] = field(default_factory=Counter)

    async def send(self, request: WireRequest) -> WireReply:
        self.asked[request.question.item_id] += 1
        await asyncio.sleep(self.after_s)
        if self.outage > 0:
            self.outage -= 1
            raise TransportError("server", "internal trouble", status=500, retryable=False)
        answer = {"rationale": "so", "label": "A", "confidence": 0.5}
        return WireReply(json.dumps(answer), usage=self.usage)

    async def aclose(self) -> None:
        return None


def judge(judge_id: str, provider: Provider, samples: int = 1, **settings: object) -> Judge:
    about = {"id": judge_id, "model": f"fake/{judge_id}", "samples": samples, "price": PRICE, "max_tokens": 40}
    config = schema.Judge.model_validate(about | settings)
    return Judge(config, RUBRIC, load_prompt(SHIPPED_PROMPT), provider, Route(f"fake/{judge_id}"))


def votes_of(tmp_path, judges: list[Judge], budget: Budget, items: int = 60, **options):
    """Judge id to how many votes it was paid for, and what was spent."""
    plan = plan_of(tmp_path, judges, items)
    with open_run(tmp_path, plan) as run:
        outcome = carry_out(plan, judges, run, budget=budget, **options)
        votes = [json.loads(line) for line in run.journal.path.read_text().splitlines()]
    good = {vote["vote_key"]: vote["judge"] for vote in votes if vote["outcome"] == "ok"}
    return Counter(good.values()), outcome


@pytest.mark.parametrize("slow_first", [False, True])
def test_a_fast_judge_leaves_a_slow_one_its_part(tmp_path, slow_first):
    judges = [judge("fast", Provider(0.0), samples=3), judge("slow", Provider(0.02), samples=2)]
    # 300 votes of .001 USD and .1 USD: a third, less the one worst case that must fit at the end.
    worst = judges[0].price.worst_usd(*vars_of(judges[0]))
    votes, outcome = votes_of(tmp_path, judges[:: -1 if slow_first else 1], Budget(usd=0.1))
    part = (0.1 - worst) / 0.3
    assert votes["fast"] == pytest.approx(180 * part, abs=2)
    assert votes["slow"] == pytest.approx(120 * part, abs=2)
    assert outcome.spend.usd <= 0.1
    assert outcome.over_budget == 300 - votes.total()


def vars_of(one: Judge) -> tuple[int, int]:
    """The worst case of a judge's request about an item, in tokens."""
    question = Question("item-10", {"text": "text number 10"}, RUBRIC.label_names)
    most = one.worst_case(one.request(question))
    return most.input_tokens, most.output_tokens


def test_tokens_are_shared_out_like_money(tmp_path):
    judges = [judge("fast", Provider(0.0)), judge("slow", Provider(0.01), price=None)]
    votes, outcome = votes_of(tmp_path, judges, Budget(tokens=6_000))
    assert abs(votes["fast"] - votes["slow"]) <= 2
    assert votes["slow"] > 10
    assert outcome.spend.tokens <= 6_000


def test_dear_judges_and_cheap_ones_get_equally_far(tmp_path):
    dear, cheap = {"input_usd_per_mtok": 100.0, "output_usd_per_mtok": 100.0}, PRICE
    judges = [judge("dear", Provider(0.01), price=dear), judge("cheap", Provider(0.0), price=cheap)]
    votes, _ = votes_of(tmp_path, judges, Budget(usd=0.4))
    assert votes["dear"] == pytest.approx(votes["cheap"], abs=2)
    assert votes["dear"] > 5


def test_a_budget_that_suffices_holds_up_nobody(tmp_path):
    votes, outcome = votes_of(tmp_path, [judge("a", Provider(0.0)), judge("b", Provider(0.01))], Budget(usd=1.0))
    assert (votes, outcome.state) == ({"a": 60, "b": 60}, "sealed")


def test_a_judge_that_is_given_up_leaves_its_money_to_the_others(tmp_path):
    judges = [judge("gone", Provider(0.0, outage=1000)), judge("there", Provider(0.001))]
    votes, outcome = votes_of(tmp_path, judges, Budget(usd=0.09))  # .06 USD, and a worst case of .0175 to spare
    assert "gone" in outcome.stopped_judges
    assert votes == {"there": 60}


def test_a_judge_with_an_outage_finds_its_part_afterwards(tmp_path):
    hours = Hours()
    failing = Provider(0.0, outage=11)
    judges = [
        judge("failing", failing, limits={"outage_s": 600, "concurrency": 1}),
        judge("there", Provider(0.0), limits={"concurrency": 4}),
    ]
    votes, _ = votes_of(tmp_path, judges, Budget(usd=0.075), sleep=hours.sleep, clock=hours.clock)
    assert votes["failing"] == pytest.approx(votes["there"], abs=2)
    assert votes["failing"] > 20


def test_free_judges_are_not_held_up_by_a_budget_in_dollars(tmp_path):
    free = {"input_usd_per_mtok": 0.0, "output_usd_per_mtok": 0.0}
    judges = [judge("free", Provider(0.0), price=free), judge("paid", Provider(0.0))]
    votes, _ = votes_of(tmp_path, judges, Budget(usd=0.03))
    assert votes["free"] == 60
    assert 0 < votes["paid"] < 30


def test_a_judge_too_dear_for_the_budget_leaves_it_to_the_others(tmp_path):
    dear = {"input_usd_per_mtok": 1000.0, "output_usd_per_mtok": 1000.0}
    votes, outcome = votes_of(
        tmp_path, [judge("dear", Provider(0.0), price=dear), judge("b", Provider(0.0))], Budget(usd=0.5)
    )
    assert votes == {"b": 60}
    assert outcome.over_budget == 60


@pytest.mark.parametrize("usd", [0.02, 0.05, 0.1])
def test_a_run_gone_on_with_takes_up_where_all_stood(tmp_path, usd):
    """Four sessions, each with the same amount more: judges stand at the same part after each."""
    providers = {"a": Provider(0.0), "b": Provider(0.003), "c": Provider(0.001)}
    judges = [judge(name, provider, samples=number) for number, (name, provider) in enumerate(providers.items(), 1)]
    plan = plan_of(tmp_path, judges, 60)
    with open_run(tmp_path, plan) as run:
        for session in range(1, 5):
            carry_out(plan, judges, run, budget=Budget(usd=session * usd + 0.02))
            lines = [json.loads(line) for line in run.journal.path.read_text().splitlines()]
            good = Counter(line["judge"] for line in lines if line["outcome"] == "ok")
            parts = [good[name] / (60 * number) for number, name in enumerate("abc", 1)]
            assert max(parts) - min(parts) <= session / 60 + 1e-9
    assert all(count <= 3 for provider in providers.values() for count in provider.asked.values())


def test_the_part_by_hand():
    ledger = Ledger(Budget(usd=1.0))
    allotment = Allotment(ledger)
    known, unknown = (Share(allotment, votes, (0.1, 100.0)) for votes in (100, 50))
    allotment.shares.extend((known, unknown))
    # Nobody has answered: 150 votes at the worst case of .1 USD, and one of them stays free at the end.
    assert allotment.part(known) == pytest.approx((1.0 - 0.1) / 15.0)
    for _ in range(2):
        known.begin()
        known.leave(VoteBill(settled_usd=0.004, settled_tokens=20), asked=True)
        ledger.spent.usd += 0.004
    # Votes cost a 25th of the worst case: 150 of .004 USD.
    assert allotment.part(unknown) == pytest.approx((1.0 - 0.1) / 0.6)
    known.end()  # it has spent .008 USD; what is left is the other's
    assert allotment.part(unknown) == pytest.approx((1.0 - 0.008 - 0.1) / 0.2)
