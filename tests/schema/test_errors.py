"""Error messages obey nobody: whatever a file holds, a terminal gets printable text only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panel_eval.errors import Problem, nearest, shorten

HOSTILE = st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\u202e\u2066\r\n\x00"), max_size=40)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_a_problem_prints_nothing_that_a_terminal_would_obey(message, path, key, fix):
    assert str(Problem(message, path=path, line=3, key=key, value=message, fix=fix)).isprintable()


@given(HOSTILE, st.integers(min_value=2, max_value=20))
def test_a_shortened_value_is_printable_and_short(value, limit):
    short = shorten(value, limit)
    assert short.isprintable()
    assert len(short) <= limit


def test_letters_of_any_script_stay_as_they_are():
    assert str(Problem("étiquette inconnue", key="метка", value="標籤")) == "метка: étiquette inconnue (found 標籤)"


def test_the_nearest_word_ignores_case_and_gives_up_on_strangers():
    assert nearest("Neutral", ["negative", "neutral"]) == "neutral"
    assert nearest("lable", ["label", "sample"]) == "label"
    assert nearest("zebra", ["label", "sample"]) is None
