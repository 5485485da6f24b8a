"""Hostile text loses what could act on a terminal or on its neighbours, and keeps what can be read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.report.numbers import decimal, percent, share
from panel_eval.report.printable import cut, cut_line, one_line, printable

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(st.text(alphabet=st.characters()) | st.text(alphabet="\x1b\x9b\x07\r\n\t" + BIDI))
def test_no_control_or_direction_override_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in shown)
    assert not set(shown) & set(BIDI)
    shown.encode("utf-8")


def test_what_is_taken_out_is_seen_to_be_missing() -> None:
    assert printable("a\x1b[31mb\u202ec") == "a\ufffd[31mb\ufffdc"


def test_ordinary_text_of_any_script_stays() -> None:
    text = "naïve 漢字 عربى שלום 👩‍👩‍👧 a\tb"
    assert printable(text) == text


def test_line_ends_are_unified() -> None:
    assert printable("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert one_line(" a\r\n\t b ") == "a b"


def test_a_cut_text_says_how_much_is_missing() -> None:
    assert cut("x" * 1500, 200) == "x" * 200 + " … (1,300 more characters)"
    assert cut("x" * 200, 200) == "x" * 200
    assert cut_line("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-0.0004, 2, "0.00"), (-1.25, 1, "−1.2"), (1234.5, 1, "1,234.5"), (None, 2, "–"), (float("nan"), 2, "–"),
        (float("inf"), 2, "∞"),
    ],
)  # fmt: skip
def test_decimals(value: float | None, digits: int, text: str) -> None:
    assert decimal(value, digits) == text


def test_a_share_is_nought_or_whole_only_if_it_is() -> None:
    assert share(1, 100_000) == "<0.1%"
    assert share(99_999, 100_000) == ">99.9%"
    assert (share(0, 5), share(5, 5), share(0, 0)) == ("0.0%", "100.0%", "–")
    assert percent(-0.216) == "−21.6%"
