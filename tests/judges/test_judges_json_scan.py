"""The JSON object is found in what a model wrote around it, and hostile text costs no more than a moment."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges.json_scan import objects_from_end, whole_object

PLAIN = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.booleans(), max_size=4)
CHATTER = st.text(alphabet=st.characters(exclude_characters="{"), max_size=20)


@given(CHATTER, PLAIN, CHATTER)
def test_an_object_between_chatter_is_found(before, value, after):
    assert next(objects_from_end(before + json.dumps(value) + after)) == value


@given(st.lists(PLAIN, min_size=1, max_size=4))
def test_several_objects_come_last_first(values):
    assert list(objects_from_end(" then ".join(json.dumps(value) for value in values))) == values[::-1]


def test_braces_inside_strings_do_not_count():
    text = 'I weigh {this} and "{that}": {"rationale": "a } and a {", "label": "A"}'
    assert list(objects_from_end(text)) == [{"rationale": "a } and a {", "label": "A"}]


@pytest.mark.parametrize("text", ["", "[1]", "3", "null", "{", '{"a": 1} x', "{'a': 1}"])
def test_the_whole_text_must_be_one_object(text):
    assert whole_object(text) is None


@pytest.mark.parametrize("unit", ["{", '{"a":', "[", '"', '{"a":1}', "\\", "\ud800{"])
def test_megabytes_of_hostile_text_cost_no_more_than_a_moment(unit):
    text = unit * (2_000_000 // len(unit))
    start = time.perf_counter()
    whole_object(text)
    found = list(objects_from_end(text))
    assert time.perf_counter() - start < 2.0
    assert len(found) <= 200
