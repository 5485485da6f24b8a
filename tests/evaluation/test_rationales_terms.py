"""Texts become terms: numbers with units, compounds, languages, and whatever a text may throw at it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.evaluation.rationales.terms import MAX_CHARS, read_terms
from panel_eval.evaluation.rationales.word_forms import plain_number, stem


def terms(text: str) -> set[str]:
    return set(read_terms(text).terms)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18 mm", "18mm"),
        ("18-mm lesion", "lesion 18 MM"),
        ("18 millimetres", "18 mm"),
        ("31 percent", "31%"),
        ("1,500 mg", "1500 mg"),
        ("1,5 cm", "1.5 cm"),
        ("１８ｍｍ", "18 mm"),
        ("١٨ mm", "18mm"),
        ("5 µm", "5 μm"),
        ("Grades", "graded"),
        ("grading", "grade"),
        ("bodies", "body"),
        ("masses", "mass"),
        ("stopped", "stopping"),
        ("the reviewer's lesion", "reviewer lesions"),
        ("STRASSE", "straße"),
        ("cafe\u0301", "café"),
        ("sub\u2010threshold", "sub-thresholds"),
    ],
)
def test_ways_to_write_the_same(one: str, other: str):
    assert terms(one) == terms(other) != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [("18 mm", "18 cm"), ("1.5", "15"), ("18", "18 mm"), ("sub-threshold", "threshold"), ("need", "ne"),
     ("speed", "spe"), ("ring", "r"), ("diagnosis", "diagnosi"), ("lésion", "lesion"), ("2-1", "21")],
)  # fmt: skip
def test_different_things_stay_different(one: str, other: str):
    assert terms(one) != terms(other)


def test_the_worked_example():
    """The primer's reviewer C."""
    reading = read_terms("edema visible in T2-FLAIR")
    assert reading.terms == {"edema": "edema", "visibl": "visible", "t2flair": "T2-FLAIR"}
    assert reading.mentions == {"edema", "visibl", "t2flair", "t2", "flair"}
    assert reading.words == 4


def test_a_compound_is_met_whole_in_one_word_or_in_two_and_not_by_a_part_of_it():
    wanted = read_terms("T2-FLAIR")
    assert all("t2flair" in read_terms(text, wanted.heads).mentions for text in ("T2 FLAIR", "T2/FLAIR", "T2FLAIR"))
    assert "t2flair" not in read_terms("FLAIR", wanted.heads).mentions
    assert "flair" in wanted.mentions


def test_a_number_is_met_by_itself_with_a_unit_but_a_measure_not_by_its_number():
    assert "18" in read_terms("18 mm").mentions
    assert "18mm" not in read_terms("18").mentions


def test_stop_words_are_no_terms_and_negation_is_not_read():
    assert terms("It is not the edema, nor was it.") == terms("edema")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("病灶水肿", {"病灶", "灶水", "水肿"}),
        ("水", {"水"}),
        ("T2加权像", {"t2", "加权", "权像"}),
        ("ระดับ", {"ระ", "ะด", "ดั", "ับ"}),
        ("병변이", {"병변", "변이"}),
        ("घाव का आकार", {"घाव", "का", "आकार"}),
        ("опухоль больше", {"опухоль", "больше"}),
        ("l'œdème périlésionnel", {"œdème", "périlésionnel"}),
        ("lesión de 18 mm", {"lesión", "de", "18mm"}),
        ("نَزْف", {"نَزْف"}),
    ],
)
def test_other_languages(text: str, expected: set[str]):
    assert terms(text) == expected


def test_a_word_with_a_letter_beyond_a_to_z_is_not_stemmed():
    assert [stem(word) for word in ("größen", "años", "lésions", "förändring")] == [
        "größen", "años", "lésions", "förändring",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "plain"),
    [("1,500,000.5", "1500000.5"), ("1,50", "1.50"), ("12,345", "12345"), ("1234,567", "1234.567")],
)
def test_commas_part_thousands_or_are_decimal(written: str, plain: str):
    assert plain_number(written) == plain


@given(st.text())
def test_any_text_mentions_its_own_terms_and_reading_it_twice_changes_nothing(text: str):
    reading = read_terms(text)
    assert set(reading.terms) <= reading.mentions
    assert read_terms(f"{text} {text}").terms.keys() == reading.terms.keys()
    assert all(term and len(term) <= 140 for term in reading.terms)


@given(st.lists(st.sampled_from(["lesion", "18mm", "T2-FLAIR", "水肿", "the", "1.5", "don't", "sub"]), max_size=12))
def test_the_order_of_words_does_not_matter(words: list[str]):
    assert terms(" ; ".join(words)) == terms(" ; ".join(reversed(words)))


@pytest.mark.parametrize(
    "unit",
    ["1,", "1.", "9", "a-", "a'", "水", "e\u0301", "\u0301", "1 ", "1 m", "a", " ", "\ufdfa", "a\u0301-", "-",
     "9,1m", "<script>", "\x1b[31m", "\u202e", "\ud800", "18-", "'", "١", "mm"],
)  # fmt: skip
def test_five_megabytes_of_anything_are_read_at_once(unit: str):
    """20,000 characters are read, linearly: a hundredth of a second; a second leaves room for a busy machine."""
    text = unit * (5_000_000 // len(unit))
    started = time.process_time()
    reading = read_terms(text)
    assert time.process_time() - started < 1.0
    assert reading.words <= MAX_CHARS
    assert sum(map(len, reading.terms)) <= 4 * MAX_CHARS


def test_what_stands_behind_the_cut_is_not_read():
    assert terms("x " * MAX_CHARS + "edema") == {"x"}
