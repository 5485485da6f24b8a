from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from asking import LABELS, ask, judge, question, said
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges import Answered, FakeTransport, NotAnswered, Route, TransportError
from panel_eval.judges.instrument import public_url
from panel_eval.judges.label_order import label_orders
from panel_eval.schema import Usage


@given(st.integers(2, 7), st.integers(1, 4), st.text(min_size=1))
def test_balanced_orders_show_each_label_equally_often_at_each_place(n_labels, rounds, item_id):
    labels = tuple(f"l{k}" for k in range(n_labels))
    orders = label_orders(labels, "balanced", rounds * n_labels, item_id)
    for place in range(n_labels):
        assert Counter(order[place] for order in orders) == dict.fromkeys(labels, rounds)


def test_single_orders_are_even_across_items():
    firsts = Counter(label_orders(LABELS, "balanced", 1, f"item-{k}")[0][0] for k in range(3000))
    assert all(abs(count - 1000) < 130 for count in firsts.values())  # five standard deviations of 26


def test_fixed_order_is_the_rubrics():
    assert label_orders(LABELS, "fixed", 2, "x") == [LABELS, LABELS]


@pytest.mark.parametrize("elicit", ["vote", "logprobs"])
@pytest.mark.parametrize("order", label_orders(LABELS, "balanced", 3, "x"))
def test_codes_are_mapped_back_whatever_the_order(elicit, order):
    reply = ask(FakeTransport({"i1": "positive"}), elicit, question(order=order))
    assert isinstance(reply.answer, Answered)
    assert (reply.answer.label or max(reply.answer.distribution, key=reply.answer.distribution.get)) == "positive"


def test_an_unparseable_answer_is_asked_for_once_more_and_marked():
    texts = iter(["I think B", '{"label": "B"}'])
    fake = FakeTransport(lambda request: {"text": next(texts)})
    reply = ask(fake)
    assert isinstance(reply.answer, Answered)
    assert (reply.answer.label, reply.answer.parse_rung, reply.requests) == ("neutral", "repaired", 2)
    assert [m.role for m in fake.requests[1].messages] == ["system", "user", "assistant", "user"]
    assert fake.requests[1].messages[2].content == "I think B"


def test_a_second_unparseable_answer_is_not_asked_for_again():
    fake = FakeTransport(lambda request: {"text": "no"})
    reply = ask(fake)
    assert isinstance(reply.answer, NotAnswered)
    assert (reply.answer.outcome, len(fake.requests)) == ("unparseable", 2)


@pytest.mark.parametrize("entry", [{"refuse": "no"}, {"truncate": True}])
def test_refusals_and_truncations_are_not_repaired(entry):
    fake = FakeTransport({"i1": entry})
    assert isinstance(ask(fake).answer, NotAnswered)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(("kind", "outcome"), [("content_policy", "refusal"), ("context_window", "too_long")])
def test_policy_and_length_errors_are_answers(kind, outcome):
    answer = ask(FakeTransport({"i1": {"error": kind, "status": 400}})).answer
    assert isinstance(answer, NotAnswered)
    assert (answer.outcome, answer.status) == (outcome, 400)


def test_outages_are_raised_to_the_engine():
    with pytest.raises(TransportError) as caught:
        ask(FakeTransport({"i1": {"error": "rate_limit", "status": 429, "retry_after_s": 2}}))
    assert (caught.value.retryable, caught.value.retry_after_s) == (True, 2)


def test_a_rejected_response_format_is_stepped_down_and_remembered():
    def script(request):
        if request.response_mode == "json_schema":
            return TransportError("bad_request", "response_format is not supported", status=400)
        return "neutral"

    fake = FakeTransport(script)
    one = judge(fake)
    answers = [asyncio.run(one.ask(question(f"i{k}"), fake.send)).answer for k in range(2)]
    assert [answer.parse_rung for answer in answers] == ["json_object", "json_object"]
    assert [request.response_mode for request in fake.requests] == ["json_schema", "json_object", "json_object"]


def test_another_bad_request_after_success_is_not_tried_in_other_modes():
    fake = FakeTransport({"i1": "neutral", "i2": {"error": "bad_request", "message": "too many words"}})
    one = judge(fake)
    asyncio.run(one.ask(question("i1"), fake.send))
    with pytest.raises(TransportError):
        asyncio.run(one.ask(question("i2"), fake.send))
    assert len(fake.requests) == 2


def test_an_item_without_the_shown_field_is_an_error_and_nothing_is_sent():
    fake = FakeTransport({"i1": "neutral"})
    reply = ask(fake, asked=replace(question(), content={}))
    assert isinstance(reply.answer, NotAnswered)
    assert (reply.answer.outcome, fake.requests) == ("error", [])


def test_every_ingredient_changes_the_vote_key():
    fake = FakeTransport({})
    base = judge(fake)
    asked = question()
    keys = {base.vote_key(asked, "r1")}
    changed = [
        base.vote_key(question(item_id="i2"), "r1"),
        base.vote_key(question(text="bye"), "r1"),
        base.vote_key(question(order=LABELS[::-1]), "r1"),
        base.vote_key(question(sample=1), "r1"),
        base.vote_key(asked, "r2"),
    ]
    others = [
        judge(fake, temperature=0.5), judge(fake, top_p=0.5), judge(fake, max_tokens=9),
        judge(fake, "distribution"),
        judge(fake, label_orders="fixed"), judge(fake, abstain="allowed"), judge(fake, route=Route("fake/y")),
        judge(fake, route=Route("fake/x", {"base_url": "https://a.example/v1"})),
        judge(fake, route=Route("fake/x", {"weights_sha256": "0"})),
        judge(fake, route=Route("fake/x", local=True)), judge(fake, route=Route("fake/x", brief=True)),
    ]  # fmt: skip
    keys |= {*changed, *(other.vote_key(asked, "r1") for other in others)}
    assert len(keys) == 1 + len(changed) + len(others)
    assert judge(fake, timeout_s=1).vote_key(asked, "r1") == base.vote_key(asked, "r1")


def test_the_public_url_holds_no_user_password_or_query():
    assert public_url("https://user:pw@host.example:8443/v1/?key=abc#x") == "https://host.example:8443/v1"


def test_the_sampling_seed_differs_between_samples():
    one = judge(FakeTransport({}))
    seeds = {one.request(question(sample=k)).seed for k in range(50)}
    assert len(seeds) == 50
    assert all(seed is not None and 0 <= seed < 2**31 for seed in seeds)


def _repaired_answer(**settings):
    usages = [
        Usage(input_tokens=100, output_tokens=10),
        Usage(input_tokens=130, output_tokens=20, cached_tokens=100),
    ]
    replies = iter([said("?", usage=usages[0]), said('{"label": "A"}', usage=usages[1])])
    return ask(FakeTransport(lambda request: next(replies)), **settings)


def test_a_repair_is_paid_for_together_with_the_answer_before_it():
    price = {"input_usd_per_mtok": 2, "output_usd_per_mtok": 10, "cached_input_usd_per_mtok": 1}
    reply = _repaired_answer(price=price)
    # (100 x 2 + 10 x 10) + (30 x 2 + 100 x 1 + 20 x 10), in millionths of a dollar
    assert reply.cost_usd == pytest.approx((300 + 360) * 1e-6)
    assert reply.usage == Usage(input_tokens=230, output_tokens=30, cached_tokens=100)


def test_scripted_judges_cost_nothing_and_unknown_models_nobody_knows_what():
    assert _repaired_answer().cost_usd == 0.0
    assert _repaired_answer(model="openai/no-such-model").cost_usd is None
