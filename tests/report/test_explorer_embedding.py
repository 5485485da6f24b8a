"""Hostile text in the page's JSON and on the command line offered for copying."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel_eval.report.explorer.command import shell_word, shell_words
from panel_eval.report.explorer.embedding import json_in_page
from panel_eval.report.explorer.numbers_in_json import masses, rounded
from panel_eval.report.explorer.shown_text import LONGEST, ShownText
from panel_eval.report.printable import printable

ANY_TEXT = st.text(st.characters(exclude_categories=()))
FORBIDDEN = set("<>&\x00\x1b\x7f\x9b\u2028\u2029\u202e\u2066\u200b\ufeff\ufffe\ud800\U000e0041")


@given(ANY_TEXT)
@example("</script><script>alert(1)</script><!--")
@example("\ud800 lone \U000e0041 tag \u202e")
@example('\\" \\u003c {{ }} ${}')
def test_any_text_is_read_back_and_none_of_it_can_leave_the_element(text: str) -> None:
    written = str(json_in_page({"text": [text], text: 1}))
    assert json.loads(written)["text"] == [text]
    assert not FORBIDDEN & set(written)
    written.encode("utf-8")


@given(ANY_TEXT)
def test_shown_text_is_the_printable_text(text: str) -> None:
    assert ShownText.of(text).cut(LONGEST) == printable(text).strip()


def test_a_long_text_says_how_much_is_missing_and_is_not_read_to_its_end() -> None:
    shown = ShownText.of("ab" * 2_500_000)
    assert shown.cut(4) == "abab … (4,999,996 more characters)"
    assert len(shown.beginning) == LONGEST
    assert shown.cut(0) == ""


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_in_page({"x": float("nan")})
    assert rounded(np.array([np.nan, np.inf, -np.inf, 1.23456])) == [None, "Infinity", "-Infinity", 1.235]


def test_distributions_are_written_shortly() -> None:
    rows = np.array([[0.0, 1.0, 0.0], [0.25, 0.0, 0.75], [np.nan] * 3, [0.9999, 0.0001, 0.0]])
    assert masses(rows) == [1, [0, 250, 2, 750], None, 0]
    many = np.linspace(1, 20, 20)[None] / 210
    listed = [18, 90, 19, 95]  # 19/210 and 20/210, the two largest
    rest = sum(round(1000 * k / 210) for k in range(1, 19))
    assert masses(many, most=2) == [[*listed, -1, rest]]


def test_ids_that_need_no_quotes_have_none() -> None:
    assert shell_words(["item-7", "a/b:c", "x" * 300]) == ["item-7", "a/b:c", ""]


def test_an_id_is_not_taken_for_an_option() -> None:
    assert shell_word("-x") == "-- -x"
    assert shell_word("--help me") == "-- '--help me'"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_reads_each_word_as_the_id_and_does_nothing_else() -> None:
    ids = [
        "it's", "$(touch owned)", "`id`", "a\nrm -rf x", "\x1b[201~;id", "tab\there", "\\", "'\\''", "é ü 漢",
        "\u202etxt", "!!", "*", "~", "a;b|c&d>e", '"', "\x7f", "\u2028", "#x", "-n", "--",
    ]  # fmt: skip
    words = [shell_word(one) for one in ids]
    assert all(set(word) <= set(printable(word)) and "\n" not in word for word in words)
    said = [word.removeprefix("-- ") for word in words]
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {' '.join(said)}"], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == ids
