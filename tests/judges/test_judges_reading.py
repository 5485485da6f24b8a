from __future__ import annotations

import math

import pytest
from asking import said, wire_request
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges.distribution import read_distribution, response_schema
from panel_eval.judges.logprobs import code_variant, read_logprobs
from panel_eval.judges.outcome import Answered, NotAnswered
from panel_eval.judges.vote import read_vote
from panel_eval.judges.vote import response_schema as vote_schema
from panel_eval.judges.wire import TokenLogprob, WireReply


def _vote(text, mode="json_schema", abstain=False, **more):
    return read_vote(said(text, **more), wire_request(mode=mode, abstain=abstain))


@pytest.mark.parametrize("mode", ["json_schema", "json_object", "text"])
def test_a_whole_object_is_read_on_the_rung_it_was_asked_on(mode):
    answer = _vote('{"rationale": "r", "label": "B", "confidence": 0.25}', mode)
    assert answer == Answered(mode, label="neutral", confidence=0.25, rationale="r")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('Sure! {"label": "C"} Hope it helps', "positive"),
        ('```json\n{"rationale": "}{ {\\"label\\": \\"A\\"}", "label": "B"}\n```', "neutral"),  # braces in a string
        ('{"label": "A"} no, rather {"label": "C"}', "positive"),  # the last one counts
        ('{"label": "A"} and {"note": "not a vote"}', "negative"),  # the last one that is a vote
        ('{ broken {"label": "B"}', "neutral"),
    ],
)
def test_chatter_around_the_object_is_the_text_rung(text, label):
    answer = _vote(text)
    assert isinstance(answer, Answered)
    assert (answer.label, answer.parse_rung) == (label, "text")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "B", '{"label": "D"}', '{"label": "neutral"}', '{"label": null}', '{"label": 1}', '{"label": ["B"]}',
     "{}", "[]", "null", '{"confidence": 0.9}', "{" * 5000, '{"a":' * 3000],
)  # fmt: skip
def test_what_names_no_offered_code_is_unparseable(text):
    answer = _vote(text)
    assert isinstance(answer, NotAnswered)
    assert answer.outcome == "unparseable"


def test_a_refusal_is_found_before_a_parsable_text():
    vote = '{"label": "A"}'
    for reply in (said(vote, refusal="I cannot."), said(vote, finish_reason="content_filter")):
        for read, kind in ((read_vote, "vote"), (read_distribution, "distribution"), (read_logprobs, "logprobs")):
            answer = read(reply, wire_request(kind))
            assert isinstance(answer, NotAnswered)
            assert answer.outcome == "refusal"


@pytest.mark.parametrize(
    ("text", "outcome"), [('{"rationale": "The', "truncated"), (None, "truncated"), ('{"label": "B"}', "ok")]
)
def test_the_token_limit_matters_only_if_the_object_is_incomplete(text, outcome):
    answer = _vote(text, finish_reason="length")
    assert getattr(answer, "outcome", "ok") == outcome


@pytest.mark.parametrize("confidence", ["70", "-0.1", "1.01", "NaN", "Infinity", "1e999", '"high"', "true", "null"])
def test_a_confidence_outside_0_to_1_is_null_and_the_vote_stands(confidence):
    answer = _vote(f'{{"label": "A", "confidence": {confidence}}}')
    assert isinstance(answer, Answered)
    assert (answer.label, answer.confidence) == ("negative", None)


def test_the_abstain_code_is_no_label():
    answer = _vote('{"rationale": "cannot tell", "label": "D"}', abstain=True)
    assert answer == NotAnswered("abstain", "cannot tell")


def test_the_rationale_stands_before_the_label_in_the_schema():
    assert list(vote_schema(wire_request().codes, False)["properties"]) == ["rationale", "label", "confidence"]


@given(st.text())
def test_no_text_whatever_raises_or_becomes_an_unknown_label(text):
    answer = _vote(text)
    assert isinstance(answer, NotAnswered) or answer.label in {"negative", "neutral", "positive"}


def _distribution(text):
    return read_distribution(said(text), wire_request("distribution"))


def test_counts_are_renormalised_within_five_of_a_hundred():
    answer = _distribution('{"A": 50, "B": 30, "C": 24}')  # 104
    assert isinstance(answer, Answered)
    assert answer.distribution == pytest.approx({"negative": 50 / 104, "neutral": 30 / 104, "positive": 24 / 104})


@pytest.mark.parametrize(
    "text",
    ['{"A": 50, "B": 30, "C": 26}', '{"A": 0, "B": 0, "C": 0}', '{"A": 110, "B": -10, "C": 0}', '{"A": 100}',
     '{"A": 50, "B": 50, "C": 0, "D": 0}', '{"A": "50", "B": 50, "C": 0}', '{"A": NaN, "B": 50, "C": 50}',
     '{"A": 1e999, "B": 0, "C": 0}', '{"A": true, "B": 99, "C": 0}', '{"A": 0.5, "B": 0.3, "C": 0.2}'],
)  # fmt: skip
def test_counts_that_were_not_out_of_a_hundred_are_unparseable(text):
    answer = _distribution(text)
    assert isinstance(answer, NotAnswered)
    assert answer.outcome == "unparseable"


@pytest.mark.parametrize(("labels", "listed"), [(2, 11), (3, 66), (4, 286), (5, 126), (6, 252)])
def test_the_listed_distributions_are_all_that_add_up(labels, listed):
    # Stars and bars: C(10 + 2, 2) = 66 ways to share ten tens among three labels; C(5 + 4, 4) = 126 for five.
    codes = tuple((chr(65 + k), str(k)) for k in range(labels))
    options = response_schema(codes, True)["enum"]
    assert len(options) == listed == len({tuple(option.values()) for option in options})
    assert {sum(option.values()) for option in options} == {100}


@pytest.mark.parametrize("token", ["A", " A", "a", "(A", "A.", '"A"', "ĠA", "▁A", "\nA", "**A**", "A)", "[A]"])
def test_token_variants_spell_their_code(token):
    assert code_variant(token, ["A", "B"]) == "A"


@pytest.mark.parametrize("token", ["AB", "The", "", " ", "D", "Ab", "A B", "À"])
def test_other_tokens_spell_none(token):
    assert code_variant(token, ["A", "B", "AC"]) is None


def _logprobs(*places, abstain=False):
    tokens = tuple(
        TokenLogprob(token, math.log(mass), tuple((t, math.log(m)) for t, m in top)) for token, mass, top in places
    )
    return read_logprobs(WireReply(text="", token_logprobs=tokens), wire_request("logprobs", abstain))


def test_variants_are_summed_and_renormalised():
    # A: .30 + .10, B: .20, C: .20 -> captured .80; renormalised .5, .25, .25.
    answer = _logprobs(("A", 0.3, [("A", 0.3), (" a", 0.1), ("B", 0.2), ("(C", 0.2), ("The", 0.2)]))
    assert isinstance(answer, Answered)
    assert answer.captured_mass == pytest.approx(0.8)
    assert answer.distribution == pytest.approx({"negative": 0.5, "neutral": 0.25, "positive": 0.25})


def test_the_answer_is_the_first_token_that_spells_a_code():
    answer = _logprobs(("\n", 0.9, [("\n", 0.9), ("A", 0.1)]), ("C", 0.9, [("C", 0.9), ("A", 0.1)]))
    assert isinstance(answer, Answered)
    assert answer.distribution == pytest.approx({"negative": 0.1, "neutral": 0.0, "positive": 0.9})


def test_a_generated_token_that_is_not_among_the_alternatives_counts_once():
    answer = _logprobs(("B", 0.6, [("A", 0.3)]))
    assert isinstance(answer, Answered)
    assert answer.captured_mass == pytest.approx(0.9)


def test_under_half_captured_is_unparseable_and_says_so():
    answer = _logprobs(("The", 0.6, [("The", 0.6), ("A", 0.3)]))
    assert isinstance(answer, NotAnswered)
    assert (answer.outcome, "0.300" in answer.detail) == ("unparseable", True)


def test_an_impossible_mass_is_unparseable():
    answer = _logprobs(("A", 0.9, [("A", 0.9), ("B", 0.9)]))
    assert isinstance(answer, NotAnswered)


def test_the_abstain_code_wins_only_when_likeliest():
    likely = _logprobs(("D", 0.5, [("D", 0.5), ("A", 0.4)]), abstain=True)
    unlikely = _logprobs(("A", 0.6, [("A", 0.6), ("D", 0.3)]), abstain=True)
    assert isinstance(likely, NotAnswered)
    assert likely.outcome == "abstain"
    assert isinstance(unlikely, Answered)
    assert unlikely.distribution == pytest.approx({"negative": 1.0, "neutral": 0.0, "positive": 0.0})


def test_no_logprobs_in_the_reply_is_unparseable():
    answer = read_logprobs(said("A"), wire_request("logprobs"))
    assert isinstance(answer, NotAnswered)
    assert "no log-probabilities" in answer.detail
