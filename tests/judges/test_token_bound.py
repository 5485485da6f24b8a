"""The worst case of a request against counts of real tokenizers, and token counts as providers report them."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import timeit
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from asking import judge, question, wire_request
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges import FakeTransport
from panel_eval.judges.litellm_replies import read_reply
from panel_eval.judges.openai_wire import read_completion
from panel_eval.judges.token_bound import TokenBound, schema_size, token_bound
from panel_eval.judges.wire import Message
from panel_eval.schema import Usage

CASSETTES = Path(__file__).resolve().parents[1] / "cassettes"


def _request(*texts, mode="text"):
    messages = tuple(Message("user", text) for text in texts)
    return replace(wire_request(mode=mode), messages=messages)


def test_the_bound_by_hand():
    # 2 messages of 16, 256 for the whole, "hello" 5 bytes, "né🙂" 1 + 2 + 4 bytes; output: the request's limit
    assert token_bound(_request("hello", "né🙂"), 0) == TokenBound(2 * 16 + 256 + 5 + 7, 10)
    assert token_bound(_request("hello", mode="json_object"), 99).input_tokens == 16 + 256 + 5 + 768
    assert token_bound(_request("hello", mode="json_schema"), 99).input_tokens == 16 + 256 + 5 + 768 + 99
    assert schema_size({"a": "é"}) == len('{\n  "a": "\\u00e9"\n}')
    assert token_bound(_request("\ud800"), 0).input_tokens == 16 + 256 + 3
    # U+FDFA: 3 bytes, but normalised four Arabic words: 15 letters of 2 bytes and 3 spaces. "ﬁ" becomes shorter.
    assert token_bound(_request("\ufdfa"), 0).input_tokens == 16 + 256 + 33
    assert token_bound(_request("\ufb01"), 0).input_tokens == 16 + 256 + 3


def test_a_judge_counts_its_schema_and_its_limit():
    one = judge(FakeTransport({}), max_tokens=77)
    request = one.request(question(text="x" * 1000))
    bound = one.worst_case(request)
    bytes_shown = sum(len(message.content.encode()) for message in request.messages)
    written = len(json.dumps(request.response_schema, indent=2))
    assert bound == TokenBound(bytes_shown + 16 * len(request.messages) + 256 + 768 + written, 77)
    assert one.worst_case(request) == bound
    assert one.worst_case(replace(request, response_mode="text")).input_tokens == bound.input_tokens - 768 - written


def test_a_repair_is_bounded_with_the_answer_it_repeats():
    one = judge(FakeTransport({}))
    request = one.request(question())
    longer = replace(request, messages=(*request.messages, Message("assistant", "y" * 500)))
    assert one.worst_case(longer).input_tokens == one.worst_case(request).input_tokens + 516


@pytest.mark.parametrize("elicit", ["vote", "distribution", "logprobs"])
def test_no_vote_takes_more_than_its_worst_case(elicit):
    said = "🙂" * 5000
    fake = FakeTransport(lambda request: {"text": said})
    one = judge(fake, elicit, max_tokens=100)
    asked = question(text="x" * 300)
    asyncio.run(one.ask(asked, fake.send))
    whole = one.worst_vote(one.request(asked))
    sent = [one.worst_case(request) for request in fake.requests]
    assert len(sent) == (1 if elicit == "logprobs" else 2)
    assert sum(bound.input_tokens for bound in sent) <= whole.input_tokens
    assert sum(bound.output_tokens for bound in sent) == whole.output_tokens


@pytest.fixture(scope="module")
def cl100k():
    """OpenAI's byte-level tokenizer of GPT-4, from the vocabulary that litellm ships; nothing is downloaded."""
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    folder = Path(importlib.util.find_spec("litellm").submodule_search_locations[0])
    path = folder / "litellm_core_utils" / "tokenizers" / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
    if not path.is_file():
        pytest.skip("this litellm ships no vocabulary")
    pattern = (
        r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"""
        r"""|\s+(?!\S)|\s+"""
    )
    return tiktoken.Encoding(
        "cl100k", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(str(path)), special_tokens={}
    )


@given(st.text(max_size=60))
def test_no_text_has_more_tokens_than_bytes(cl100k, text):
    assert len(cl100k.encode(text)) <= token_bound(_request(text), 0).input_tokens - 272


def test_odd_scripts_have_no_more_tokens_than_bytes(cl100k):
    for text in ("ﷺ" * 20, "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "👩‍👩‍👧‍👦" * 5, "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ", "\x00\x01\x7f" * 9, "Ⅷ①ﬁ" * 7, "a" * 5000):
        assert len(cl100k.encode(text)) <= token_bound(_request(text), 0).input_tokens - 272


@pytest.mark.parametrize("name", ["smollm2_vote", "smollm2_distribution", "smollm2_logprobs"])
def test_a_real_model_counted_fewer_tokens_than_the_bound(name):
    recorded = yaml.safe_load((CASSETTES / f"{name}.yaml").read_text(encoding="utf-8"))["interactions"]
    assert recorded
    for each in recorded:
        sent = (
            each["request"]["parsed_body"]
            if "parsed_body" in each["request"]
            else json.loads(each["request"]["body"])
        )
        body = each["response"]["body"]["string"]
        usage = json.loads(body)["usage"]
        bound = token_bound(_request(*(message["content"] for message in sent["messages"])), 0)
        assert 0 < usage["prompt_tokens"] <= bound.input_tokens
        assert usage["completion_tokens"] <= sent["max_tokens"]


def test_the_bound_of_a_usual_request_takes_microseconds():
    one = judge(FakeTransport({}))
    request = one.request(question(text="A sentence of the usual kind. " * 60))
    one.worst_case(request)
    # 1 to 2 microseconds on the machine it was written on; ten times that would still be noise beside a request.
    assert min(timeit.repeat(lambda: one.worst_case(request), number=1000, repeat=5)) / 1000 < 15e-6


def _counted(usage):
    return read_reply({"choices": [{"message": {"content": "x"}}], "usage": usage}).usage


def test_token_counts_are_read_from_where_providers_put_them():
    assert _counted(
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "prompt_tokens_details": {"cached_tokens": 64, "cache_creation_tokens": 16},
            "completion_tokens_details": {"reasoning_tokens": 40},
        }
    ) == Usage(input_tokens=100, output_tokens=50, cached_tokens=64, cache_write_tokens=16, reasoning_tokens=40)
    written = {"prompt_tokens": 9, "completion_tokens": 1, "cache_creation_input_tokens": 5}
    assert _counted(written).cache_write_tokens == 5


@pytest.mark.parametrize("unread", [None, 0, "nan", float("nan"), float("inf"), -3])
@pytest.mark.parametrize("told", ["prompt_tokens", "completion_tokens"])
def test_half_a_report_is_none_for_the_other_half_was_not_free(told, unread):
    usage = {"prompt_tokens": unread, "completion_tokens": unread, told: 50}
    assert _counted(usage) == Usage()
    assert read_completion({"choices": [{"message": {"content": "x"}}], "usage": usage}).usage == Usage()


def test_an_answer_without_a_text_may_have_written_nothing():
    usage = {"prompt_tokens": 9, "completion_tokens": 0}
    assert read_completion({"choices": [{"message": {"content": None}}], "usage": usage}).usage.input_tokens == 9


def test_reasoning_counted_beside_the_output_is_put_inside():
    details = {"completion_tokens_details": {"reasoning_tokens": 40}}
    beside = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 150, **details}
    inside = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150, **details}
    assert _counted(beside) == _counted(inside) == Usage(input_tokens=100, output_tokens=50, reasoning_tokens=40)


@pytest.mark.parametrize("odd", [None, "many", -5, True, [], {"cached_tokens": 3}])
def test_odd_token_counts_count_as_none(odd):
    usage = dict.fromkeys(
        ["prompt_tokens", "completion_tokens", "cache_creation_input_tokens", "total_tokens"], odd
    )
    assert _counted({**usage, "prompt_tokens_details": odd if odd != {"cached_tokens": 3} else None}) == Usage()
    assert _counted(odd if not isinstance(odd, dict) else None) == Usage()
