"""What models said, read as labels, or as the failure that it is."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.importing.model_answers import ModelAnswer, answer_in


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("negative", "negative"),
        (" **Negative**.\n", "Negative"),
        ('"yes"', "yes"),
        (4, "4"),
        (4.0, "4"),
        (True, "true"),
        ('{"label": "yes", "why": "x"}', "yes"),
        ('Well.\n```json\n{"verdict": "no"}\n```', "no"),
        ('{"label": "first"} then {"label": "last"}', "last"),
        ("I think so.\nANSWER: positive", "positive"),
        ("GRADE: C\nOn reflection:\nGrade: I", "I"),
        ({"answer": 3}, "3"),
        ("-2", "-2"),
        ("The final answer is: maybe.", "maybe"),
    ],
)
def test_labels_that_are_read(said: object, label: str):
    assert answer_in(said, None) == {"label": label}


@pytest.mark.parametrize(
    "said",
    [None, "", "   ", "I cannot decide.\nIt depends.", '{"unrelated": 1}', "{", [], float("nan"), "x" * 500, "..."],
)
def test_what_is_no_answer_is_none(said: object):
    assert answer_in(said, None) is None


def test_a_verbalised_distribution_is_divided_by_its_sum():
    found = answer_in('{"distribution": {"a": 0.5, "b": 0.52}}', None)
    assert found["distribution"] == pytest.approx({"a": 0.5 / 1.02, "b": 0.52 / 1.02})
    assert answer_in('{"distribution": {"a": 0.5, "b": 0.7}}', None) is None  # off by more than .05


def test_a_label_deep_in_an_object_is_read_where_the_user_says():
    assert answer_in('{"out": {"grade": "B", "label": "x"}}', "out.grade") == {"label": "B"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"said": "yes"}, "ok"),
        ({"said": "yes", "finish_reason": "length"}, "ok"),
        ({"said": "I was about to", "finish_reason": "length", "label_path": "label"}, "ok"),
        ({"said": "a\nb", "finish_reason": "length"}, "truncated"),
        ({"said": None, "finish_reason": "max_tokens"}, "truncated"),
        ({"said": "yes", "finish_reason": "content_filter"}, "refusal"),
        ({"said": "yes", "refusal": "I can't help with that."}, "refusal"),
        ({"said": "yes", "error": "timeout"}, "error"),
        ({"said": "a\nb"}, "unparseable"),
        ({"said": "yes", "recorded": "abstain"}, "abstain"),
    ],
)
def test_every_way_to_fail_has_its_outcome_and_no_label(answer: dict[str, object], outcome: str):
    vote = ModelAnswer("i", "j", **answer).vote()
    assert vote.outcome == outcome
    assert (vote.label is not None) == (outcome == "ok")


anything = st.recursive(
    st.none() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.text(max_size=300) | anything)
def test_nothing_that_a_model_says_breaks_the_reading(said: object):
    vote = ModelAnswer("i", "j", said).vote()
    assert vote.outcome in ("ok", "unparseable")


HOSTILE = ["{" * 100_000, "." * 100_000 + "x", "answer" * 50_000, "\n" * 100_000, "answer:" + "." * 90_000]


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_answers_cost_no_more_than_a_moment(said: str):
    start = perf_counter()
    answer_in(said, None)
    assert perf_counter() - start < 2
