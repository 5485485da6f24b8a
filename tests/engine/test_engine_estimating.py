"""What votes will take: three prompts counted by hand, longer plans by their line, rates from earlier votes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from engine_panel import RUBRIC, items, labels

from panel_eval import schema
from panel_eval.engine.earlier_usage import EarlierVotes, read_earlier
from panel_eval.engine.estimating import RENDERED, Estimator, Purchase, at_shared_limits
from panel_eval.engine.planning import make_plan
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.judge import Judge, Route
from panel_eval.judges.logprobs import MAX_ANSWER_TOKENS
from panel_eval.judges.prompt import load_prompt

# A prompt of "S" and the item between fences: 2 + 12 + 1 bytes before the text, and as many after it.
TEMPLATE = "{% block system %}S{% endblock %}{% block user %}{{ item }}{% endblock %}"
AROUND = 1 + 15 + 15
MARKS = 256 + 2 * 16
PRICE = {
    "input_usd_per_mtok": 2,
    "output_usd_per_mtok": 10,
    "batch_input_usd_per_mtok": 1,
    "batch_output_usd_per_mtok": 5,
}


def _judge(folder: Path, **settings) -> Judge:
    (folder / "p.j2").write_text(TEMPLATE)
    fields = {"id": "j", "model": "openai/no-such-model", "elicit": "logprobs", "price": PRICE, **settings}
    config = schema.Judge.model_validate(fields)
    return Judge(config, RUBRIC, load_prompt(folder / "p.j2"), FakeTransport({}), Route("m", concurrency=10))


def _plan(folder: Path, judge: Judge, texts: list[str]):
    records = [
        record.model_copy(update={"content": {"text": text}})
        for record, text in zip(items(len(texts)), texts, strict=True)
    ]
    return make_plan([judge], labels(folder, records), RUBRIC, 0)


NOTHING = EarlierVotes(np.empty(0, dtype=np.int64), np.empty((0, 5)), np.empty(0))


def _estimate(plan, judge, earlier=NOTHING, positions=None, stored=0, out=0, reusable=0):
    every = np.arange(len(plan)) if positions is None else positions
    return Estimator(plan, RUBRIC).estimate(Purchase(judge, stored, out, reusable, every, earlier))


def test_three_items_by_hand(tmp_path):
    judge = _judge(tmp_path)
    found = _estimate(_plan(tmp_path, judge, ["a" * 10, "b" * 20, "é" * 15]), judge, stored=3, out=1, reusable=5)
    bytes_shown = 3 * AROUND + 10 + 20 + 30  # é has two bytes
    assert (found.votes, found.stored, found.out, found.reusable, found.to_buy) == (12, 3, 1, 5, 3)
    read, said = found.input_tokens, found.output_tokens
    assert (read.low, read.expected, read.worst) == (bytes_shown / 5, bytes_shown / 4, bytes_shown + 3 * MARKS)
    assert (said.low, said.expected, said.worst) == (3, 6, 3 * MAX_ANSWER_TOKENS)  # two tokens an answer
    micro = 1e-6
    assert found.usd.expected == pytest.approx((bytes_shown / 4 * 2 + 6 * 10) * micro)
    assert found.usd.low == pytest.approx((bytes_shown / 5 * 2 + 3 * 10) * micro)
    assert found.usd.worst == pytest.approx(((bytes_shown + 3 * MARKS) * 2 + 3 * MAX_ANSWER_TOKENS * 10) * micro)
    assert found.batch_usd.expected == pytest.approx(found.usd.expected / 2)
    assert (found.earlier_votes, found.latency_s) == (0, 2.0)


def test_an_unknown_price_is_no_cost_and_a_free_one_is_nothing(tmp_path):
    unknown, free = _judge(tmp_path, price=None), _judge(tmp_path, price=None, model="fake/x")
    assert _estimate(_plan(tmp_path, unknown, ["a"]), unknown).usd is None
    found = _estimate(_plan(tmp_path, free, ["a"]), free)
    assert (found.usd.worst, found.free, found.batch_usd) == (0.0, True, None)


def test_repairs_are_in_the_worst_case_only(tmp_path):
    judge = _judge(tmp_path, elicit="vote", max_tokens=100)
    found = _estimate(_plan(tmp_path, judge, ["a" * 10]), judge)
    assert found.output_tokens.worst == 200
    assert found.output_tokens.expected == 80
    assert found.input_tokens.worst > 2 * found.input_tokens.expected * 4
    short = _judge(tmp_path, elicit="vote", max_tokens=30)
    assert _estimate(_plan(tmp_path, short, ["a"]), short).output_tokens.expected == 30  # no longer than allowed


def test_prompts_that_are_not_rendered_follow_from_the_length_of_their_item(tmp_path):
    judge = _judge(tmp_path)
    lengths = [1 + (7 * n) % 997 for n in range(5 * RENDERED)]
    found = _estimate(_plan(tmp_path, judge, ["x" * length for length in lengths]), judge)
    bytes_shown = sum(lengths) + len(lengths) * AROUND  # the line through the rendered ones is exact
    assert found.input_tokens.expected == pytest.approx(bytes_shown / 4)
    assert found.input_tokens.worst == pytest.approx(bytes_shown + len(lengths) * MARKS)


def test_items_of_one_length_have_no_slope(tmp_path):
    judge = _judge(tmp_path)
    found = _estimate(_plan(tmp_path, judge, ["x" * 50] * 300), judge)
    assert found.input_tokens.expected == pytest.approx(300 * (50 + AROUND) / 4)


def test_earlier_votes_say_what_a_byte_and_an_answer_take(tmp_path):
    judge = _judge(tmp_path)
    plan = _plan(tmp_path, judge, ["x" * 69] * 4)  # 100 bytes each
    earlier = EarlierVotes(
        np.array([0, 1]), np.array([[40, 5, 20, 0, 4], [60, 15, 30, 0, 4]], dtype=float), np.array([1.0, 3.0])
    )
    found = _estimate(plan, judge, earlier, positions=np.array([2, 3]))
    # 100 tokens for 200 bytes: half a token a byte; 10 tokens an answer; half the input cached, 8 of 20 reasoning
    assert found.input_tokens.expected == pytest.approx(2 * 100 * 0.5)
    assert found.output_tokens.expected == pytest.approx(2 * 10)
    assert (found.earlier_votes, found.latency_s) == (2, 2.0)
    # .4 and .6 tokens a byte: standard error .1, so the low end is .5 - .2
    assert found.input_tokens.low == pytest.approx(2 * 100 * 0.3)
    cheap = _judge(tmp_path, price={**PRICE, "cached_input_usd_per_mtok": 1, "reasoning_usd_per_mtok": 20})
    usd = _estimate(plan, cheap, earlier, positions=np.array([2, 3])).usd
    assert usd.expected == pytest.approx((50 * 2 + 50 * 1 + 12 * 10 + 8 * 20) * 1e-6)


@pytest.mark.parametrize(
    ("limits", "seconds", "slowest"),
    [
        ({"concurrency": 5}, 40 * 2.0 / 5, "concurrency"),
        ({"concurrency": 1000}, 2.0, "concurrency"),  # no more at once than there are votes
        ({"concurrency": 40, "rpm": 10}, 240.0, "rpm"),
        ({"concurrency": 40, "rpm": 1000, "tpm": 100}, None, "tpm"),
    ],
)
def test_time_is_that_of_the_tightest_limit(tmp_path, limits, seconds, slowest):
    judge = _judge(tmp_path, limits=limits)
    found = _estimate(_plan(tmp_path, judge, ["x" * 9] * 40), judge)
    if seconds is None:
        seconds = 60 * (40 * (9 + AROUND) / 4 + 40 * 2) / 100
    assert (found.seconds, found.slowest) == (pytest.approx(seconds), slowest)


def test_nothing_to_buy_takes_nothing(tmp_path):
    judge = _judge(tmp_path)
    found = _estimate(_plan(tmp_path, judge, ["x"]), judge, positions=np.empty(0, dtype=np.int64), stored=1)
    assert (found.input_tokens.worst, found.output_tokens.worst, found.usd.worst, found.seconds) == (0, 0, 0, 0)


def test_long_requests_are_estimated_in_the_tier_they_reach(tmp_path):
    from panel_eval.judges.pricing import TokenPrice

    judge = _judge(tmp_path)
    long = TokenPrice(4e-6, 20e-6, 4e-6, 4e-6, 20e-6, "long", from_input_tokens=1000)
    judge.price = TokenPrice(2e-6, 10e-6, 2e-6, 2e-6, 10e-6, "short", above=(long,))
    short = _estimate(_plan(tmp_path, judge, ["x" * (3600 - AROUND)]), judge)  # 900 tokens expected, 3,888 at worst
    assert short.usd.expected == pytest.approx(900 * 2e-6 + 2 * 10e-6)
    assert short.usd.worst == pytest.approx((3600 + MARKS) * 4e-6 + MAX_ANSWER_TOKENS * 20e-6)
    reached = _estimate(_plan(tmp_path, judge, ["x" * (4400 - AROUND)]), judge)
    assert reached.usd.expected == pytest.approx(1100 * 4e-6 + 2 * 20e-6)


def test_earlier_votes_are_read_by_key_and_odd_ones_left_out(tmp_path):
    judge = _judge(tmp_path)
    plan = _plan(tmp_path, judge, ["x"] * 4)
    keys = list(plan.vote_keys)
    good = {"usage": {"input_tokens": 40, "output_tokens": 5, "cached_tokens": 3}, "latency_s": 1.5}
    rows = [
        {"vote_key": keys[2], **good},
        {"vote_key": "ab" * 32, **good},  # of another plan
        {"vote_key": keys[1], "outcome": "error", "usage": {"input_tokens": 0, "uncertain_tokens": 9}},
        {"vote_key": keys[0], "outcome": "error"},
        {"vote_key": keys[3], "usage": {"input_tokens": 7}},
    ]
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(json.dumps({"item_id": "i", "judge": "j", **row}) + "\n" for row in rows) + '{"torn')
    found = read_earlier([path, tmp_path / "missing.jsonl"], plan)
    assert found.position.tolist() == [2, 3]
    assert found.tokens.tolist() == [[40, 5, 3, 0, 0], [7, 0, 0, 0, 0]]
    assert found.latency_s[0] == 1.5
    assert np.isnan(found.latency_s[1])
    assert len(read_earlier([path], plan, most=1)) == 1


def test_judges_of_one_model_and_key_share_its_limits(tmp_path):
    """600 and 300 votes at 60 and 100 requests a minute: the lower holds for all 900, which take 900 s.

    The third judge asks another model and states no limit: 600 votes of 2 s, ten at a time, are 120 s.
    """
    judges = [
        _judge(tmp_path, id="a", limits={"rpm": 60}),
        _judge(tmp_path, id="b", limits={"rpm": 100}),
        _judge(tmp_path, id="c", model="openai/no-other-model"),
    ]
    plan = _plan(tmp_path, judges[0], ["text"] * 600)
    alone = [
        _estimate(plan, judge, positions=np.arange(votes))
        for judge, votes in zip(judges, (600, 300, 600), strict=True)
    ]
    assert [(each.seconds, each.slowest) for each in alone] == [(600, "rpm"), (180, "rpm"), (120, "concurrency")]
    shared = at_shared_limits(alone, judges)
    assert [(each.seconds, each.slowest) for each in shared] == [(900, "rpm"), (900, "rpm"), (120, "concurrency")]
